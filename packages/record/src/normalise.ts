/**
 * A record of somebody else's program → ours. Fields of the envelope are found under the names that the
 * well-known loggers use; everything else becomes an attribute under its own name. Never throws, never drops
 * a value.
 */
import { addAttribute, buildRecord, isKind, textOf } from './build-record.js';
import type { Parsed } from './build-record.js';
import { emptyFlat } from './flat.js';
import { flattenTree } from './flatten.js';
import type { TreeOptions } from './flatten.js';
import { EXCEPTIONS, ROLES } from './foreign-names.js';
import { readProperty } from './json-text.js';
import { ENVELOPE_IDS } from './known.js';
import { toLevel } from './levels.js';
import type { Quarantine } from './quarantine.js';
import { parseTime } from './time.js';
import type { FlatAttributes, FlatValue } from './types.js';

export interface NormaliseOptions {
  readonly seq: number;
  /** Whether a dotted key is a path (`namespace`) or a key with a dot in it (`escape`). */
  readonly dots: 'escape' | 'namespace';
  /** The record's time when it has none that can be read. */
  readonly defaultTime: string;
}

export function normaliseInput(
  input: { readonly [key: string]: unknown },
  options: NormaliseOptions,
): Parsed {
  const deep: string[] = [];
  const onTooDeep = (path: string): void => {
    deep.push(path);
  };
  const flat = flattenTree(withoutAttributes(input), { dots: options.dots, onTooDeep });
  mergeAttributes(flat, readProperty(input, 'attributes'), { ...options, onTooDeep });
  const { attributes, found } = sortOut(flat);
  const time = take(found, 'time', isReadableTime);
  const level = take(found, 'level', isLevel);
  const message = take(found, 'message', isScalar);
  const kind = take(found, 'kind', isKind);
  const ids: { [id: string]: unknown } = {};
  for (const id of ENVELOPE_IDS) ids[id] = take(found, id, isFilledText);
  // A type alone is no exception: OpenTelemetry's `error.type` is a status or a code, too, and keeps its name.
  const names = found.some(({ field }) => EXCEPTION_TEXTS.has(field)) ? EXCEPTION_NAMES : [];
  for (const name of names) {
    const value = take(found, name, isFilledText);
    if (value !== undefined) attributes[name] = value as FlatValue; // a text
  }
  const unread =
    time === undefined ? found.find(({ field, taken }) => field === 'time' && !taken) : undefined;
  if (unread) unread.taken = true;
  for (const { path, value, taken } of found) if (!taken) addAttribute(attributes, path, value);
  const { seq, defaultTime } = options;
  const text = message === undefined ? undefined : textOf(message);
  const raw = { seq, time, kind, level, message: text, ids, attributes, defaultTime };
  return buildRecord(raw, (quarantine) => {
    // The record says that its time is not its own.
    if (unread) quarantine.add(unread.path, 'bad_time', textOf(unread.value));
    for (const path of deep) moveDeep(attributes, path, quarantine);
  });
}

const EXCEPTION_NAMES = Object.keys(EXCEPTIONS);
const EXCEPTION_TEXTS: ReadonlySet<string> = new Set(['exception.message', 'exception.stacktrace']);

/** An attribute that may be a field of the envelope. */
interface Found {
  readonly field: string;
  readonly rank: number;
  readonly path: string;
  readonly value: FlatValue;
  taken: boolean;
}

/** Those that may be fields of the envelope, best name first, apart from all others. */
function sortOut(flat: FlatAttributes): { attributes: FlatAttributes; found: Found[] } {
  const attributes = emptyFlat();
  const found: Found[] = [];
  for (const path in flat) {
    const value = flat[path];
    if (value === undefined) continue;
    const role = ROLES.get(path);
    if (role === undefined) attributes[path] = value;
    else found.push({ field: role.field, rank: role.rank, path, value, taken: false });
  }
  return { attributes, found: found.sort((left, right) => left.rank - right.rank) };
}

/** Takes the best one that fits. */
function take(found: readonly Found[], field: string, fits: (value: unknown) => boolean): unknown {
  for (const candidate of found) {
    if (candidate.field !== field || candidate.taken || !fits(candidate.value)) continue;
    candidate.taken = true;
    return candidate.value;
  }
  return undefined;
}

/** The record without its `attributes`, when that is an object to be merged and not somebody's own field. */
function withoutAttributes(input: { readonly [key: string]: unknown }): object {
  const given = readProperty(input, 'attributes');
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return input;
  const keys = Object.keys(input).filter((key) => key !== 'attributes');
  return Object.fromEntries(keys.map((key) => [key, readProperty(input, key)]));
}

/** What lay too deep is text already; it moves to where such texts are looked for. */
function moveDeep(attributes: FlatAttributes, path: string, quarantine: Quarantine): void {
  const value = attributes[path];
  if (value === undefined) return;
  delete attributes[path];
  quarantine.add(path, 'too_deep', textOf(value));
}

function mergeAttributes(attributes: FlatAttributes, given: unknown, options: TreeOptions): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return;
  const flat = flattenTree(given, options);
  for (const path of Object.keys(flat)) {
    const value = flat[path];
    if (value !== undefined) addAttribute(attributes, path, value);
  }
}

function isReadableTime(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && parseTime(value) !== undefined;
}

function isLevel(value: unknown): boolean {
  return toLevel(value) !== undefined;
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isFilledText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
