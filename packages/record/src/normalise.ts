/**
 * A record of somebody else's program → ours. Fields of the envelope are found under the names that the
 * well-known loggers use; everything else becomes an attribute under its own name. Never throws, never drops
 * a value.
 */
import { addAttribute, buildRecord, isKind, textOf } from './build-record.js';
import type { Parsed } from './build-record.js';
import { flattenTree } from './flatten.js';
import type { TreeOptions } from './flatten.js';
import { EXCEPTION_NAMES, ID_NAMES, LEVEL_NAMES, MESSAGE_NAMES, TIME_NAMES } from './foreign-names.js';
import { readProperty } from './json-text.js';
import { ENVELOPE_IDS } from './known.js';
import { toLevel } from './levels.js';
import type { Quarantine } from './quarantine.js';
import { parseTime } from './time.js';
import type { FlatAttributes } from './types.js';

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
  const attributes = flattenTree(withoutAttributes(input), { dots: options.dots, onTooDeep });
  mergeAttributes(attributes, readProperty(input, 'attributes'), { ...options, onTooDeep });
  const { seq, defaultTime } = options;
  const time = take(attributes, TIME_NAMES, isReadableTime);
  const level = take(attributes, LEVEL_NAMES, (value) => toLevel(value) !== undefined);
  const message = take(attributes, MESSAGE_NAMES, isScalar);
  const kind = take(attributes, ['kind'], isKind);
  const ids = takeIds(attributes);
  renameExceptions(attributes);
  const text = message === undefined ? undefined : textOf(message);
  const raw = { seq, time, kind, level, message: text, ids, attributes, defaultTime };
  return buildRecord(raw, (quarantine) => {
    if (time === undefined) noteLeft(attributes, TIME_NAMES, quarantine);
    for (const path of deep) moveDeep(attributes, path, quarantine);
  });
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

/** Takes the first named attribute that `fits` out of the attributes. */
function take(
  attributes: FlatAttributes,
  names: readonly string[],
  fits: (value: unknown) => boolean,
): unknown {
  for (const name of names) {
    for (const path of spellings(name)) {
      const value = attributes[path];
      if (value === undefined || value === null || !fits(value)) continue;
      delete attributes[path];
      return value;
    }
  }
  return undefined;
}

/** A dotted name as a path, and as one key with dots in it. */
function spellings(name: string): readonly string[] {
  return name.includes('.') ? [name, name.replaceAll('.', '\\.')] : [name];
}

function takeIds(attributes: FlatAttributes): { readonly [id: string]: unknown } {
  const ids: { [id: string]: unknown } = {};
  for (const id of ENVELOPE_IDS) ids[id] = take(attributes, ID_NAMES[id] ?? [], isFilledText);
  return ids;
}

function renameExceptions(attributes: FlatAttributes): void {
  for (const [from, to] of EXCEPTION_NAMES) {
    for (const path of spellings(from)) {
      const value = attributes[path];
      if (typeof value !== 'string' || value === '' || attributes[to] !== undefined) continue;
      attributes[to] = value;
      delete attributes[path];
    }
  }
}

/**
 * A time that is there but cannot be read stays as an attribute; the record says that its time is not its
 * own.
 */
function noteLeft(attributes: FlatAttributes, names: readonly string[], quarantine: Quarantine): void {
  const name = names.find((candidate) => attributes[candidate] !== undefined);
  if (name === undefined) return;
  const value = attributes[name];
  delete attributes[name];
  quarantine.add(name, 'bad_time', textOf(value));
}

function isReadableTime(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && parseTime(value) !== undefined;
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isFilledText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
