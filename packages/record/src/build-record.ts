/**
 * Fields of any kind → a `FlatRecord` and a list of what could not be kept as it was. Shared by the parser of
 * lines and the normaliser of foreign records; both pick the fields, this file judges their values. It never
 * throws.
 */
import type { Quarantined, RejectCode } from './errors.js';
import { decodeRecord, encodeRecord, fitsKnown } from './encode.js';
import { emptyFlat, isEmptyFlat } from './flat.js';
import { jsonTextOf, readProperty } from './json-text.js';
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES } from './known.js';
import { isPlainLevel, toLevel } from './levels.js';
import { areAttributesWithinLimits, areIdsShort, isLineShort, limitRecord } from './limit-record.js';
import { Quarantine } from './quarantine.js';
import { isWellFormed, pathInfo, surrogatesReplaced } from './quote.js';
import { parseTime } from './time.js';
import { KINDS } from './types.js';
import type { FlatAttributes, FlatRecord, FlatValue, Kind, Level } from './types.js';

export type Parsed =
  | {
      readonly ok: true;
      readonly record: FlatRecord;
      /** The canonical line of `record`. */
      readonly line: string;
      /** Whether `line` differs from what was read. */
      readonly changed: boolean;
      readonly quarantined: readonly Quarantined[];
    }
  | { readonly ok: false; readonly code: RejectCode; readonly reason: string; readonly seq?: number };

export type Rejected = Extract<Parsed, { readonly ok: false }>;

/** What was read for each field of the envelope. `undefined`: it was not there. */
export interface RawFields {
  readonly seq: unknown;
  readonly time: unknown;
  readonly kind: unknown;
  readonly level: unknown;
  readonly message: unknown;
  readonly ids: { readonly [id: string]: unknown };
  /** Flat and decoded. Notes are added to it. */
  readonly attributes: FlatAttributes;
  /** Takes the place of a time that cannot be read. Without it, such a record is rejected. */
  readonly defaultTime: string | undefined;
}

const KIND_NAMES: ReadonlySet<unknown> = new Set(KINDS);

export function isKind(value: unknown): value is Kind {
  return KIND_NAMES.has(value);
}

/** `note` adds what the caller has found itself. */
export function buildRecord(raw: RawFields, note?: (quarantine: Quarantine) => void): Parsed {
  const { seq, attributes } = raw;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) {
    return { ok: false, code: 'bad_seq', reason: `seq is an integer from 1 to 2^53-1, not ${excerpt(seq)}` };
  }
  const quarantine = new Quarantine(attributes);
  const time = readTime(raw, quarantine);
  if (time === undefined) {
    const reason = `time is RFC 3339 or an epoch number of the years 1970 to 2261, not ${excerpt(raw.time)}`;
    return { ok: false, code: 'bad_time', reason, seq };
  }
  const kind = readKind(raw.kind, quarantine);
  const level = readLevel(raw.level, quarantine, attributes);
  const record: FlatRecord = { seq, time, kind, level, message: readMessage(raw.message, quarantine) };
  readIds(record, raw.ids, quarantine);
  note?.(quarantine);
  record.attributes = attributes;
  const line = encodeWithin(record, quarantine, attributes);
  const quarantined = quarantine.list;
  if (quarantined.length > 0)
    return { ok: true, record: decodeRecord(line), line, changed: true, quarantined };
  hoistKnown(record);
  return { ok: true, record, line, changed: true, quarantined };
}

/** The line within all limits. Nearly every record is, so it is encoded first and judged by its line. */
function encodeWithin(record: FlatRecord, quarantine: Quarantine, attributes: FlatAttributes): string {
  const before = surrogatesReplaced();
  if (areAttributesWithinLimits(attributes) && areIdsShort(record)) {
    const line = encodeRecord(record);
    if (surrogatesReplaced() === before && isLineShort(line)) return line;
  }
  noteSurrogates(record, attributes, quarantine);
  return limitRecord(record, quarantine, attributes);
}

function readTime(raw: RawFields, quarantine: Quarantine): string | undefined {
  const { time, defaultTime } = raw;
  const read = typeof time === 'string' || typeof time === 'number' ? parseTime(time) : undefined;
  if (read !== undefined || defaultTime === undefined) return read;
  if (time !== undefined && time !== null) quarantine.add('time', 'bad_time', textOf(time));
  return defaultTime;
}

function readKind(kind: unknown, quarantine: Quarantine): Kind {
  if (isKind(kind)) return kind;
  if (kind !== undefined && kind !== null) quarantine.add('kind', 'unknown_value', textOf(kind));
  return 'log';
}

/** The path under which the original of a renamed level is kept. */
export const ORIGINAL_LEVEL = 'sillok.original.level';

function readLevel(level: unknown, quarantine: Quarantine, attributes: FlatAttributes): Level {
  const read = toLevel(level);
  if (read === undefined) {
    if (level !== undefined && level !== null) quarantine.add('level', 'unknown_value', textOf(level));
    return 'info';
  }
  if (!isPlainLevel(level, read)) attributes[ORIGINAL_LEVEL] = textOf(level);
  return read;
}

function readMessage(message: unknown, quarantine: Quarantine): string {
  if (typeof message === 'string') return message;
  if (message === undefined || message === null) return '';
  const text = textOf(message);
  quarantine.add('message', 'wrong_type', text);
  return text;
}

function readIds(record: FlatRecord, ids: RawFields['ids'], quarantine: Quarantine): void {
  for (const id of ENVELOPE_IDS) {
    const value = ids[id];
    if (value === undefined || value === null || value === '') continue;
    if (typeof value === 'string') record[id] = value;
    else quarantine.add(id, 'wrong_type', textOf(value));
  }
}

/** Lone surrogates become U+FFFD in the line; what they were is noted, escaped, so that it is not lost. */
function noteSurrogates(record: FlatRecord, attributes: FlatAttributes, quarantine: Quarantine): void {
  const noteIn = (holder: object, field: string): void => {
    const value = readProperty(holder, field);
    const text = typeof value === 'string' ? value : typeof value === 'object' ? surrogateTextOf(value) : '';
    if (!isWellFormed(text)) quarantine.add(field, 'lone_surrogate', JSON.stringify(text).slice(1, -1));
  };
  noteIn(record, 'message');
  for (const id of ENVELOPE_IDS) noteIn(record, id);
  for (const path of Object.keys(attributes)) noteIn(attributes, path);
}

/** All strings and keys of an array, if one of them may hold a surrogate. */
function surrogateTextOf(value: object | null): string {
  if (value === null || !jsonTextOf(value).includes('\\ud')) return '';
  const strings: string[] = [];
  JSON.stringify(value, (key, child: unknown) => {
    strings.push(key);
    if (typeof child === 'string') strings.push(child);
    return child;
  });
  return strings.join('\n');
}

/**
 * Moves known attributes that fit to the top level, as `decodeRecord` of the line would show them. The others
 * are copied, because after a `delete` the runtime keeps them in a slow dictionary.
 */
export function hoistKnown(record: FlatRecord): void {
  const { attributes } = record;
  if (!attributes) return;
  let hoisted = false;
  for (const { name, type } of KNOWN_ATTRIBUTES) {
    const value = attributes[name];
    if (value === undefined || record[name] !== undefined || !fitsKnown(value, type)) continue;
    record[name] = value;
    hoisted = true;
  }
  if (hoisted) record.attributes = withoutHoisted(attributes, record);
  if (record.attributes !== undefined && isEmptyFlat(record.attributes)) delete record.attributes;
}

function withoutHoisted(attributes: FlatAttributes, record: FlatRecord): FlatAttributes {
  const rest = emptyFlat();
  for (const path in attributes) {
    const value = attributes[path];
    const isHoisted = pathInfo(path).known >= 0 && record[path] === value;
    if (value !== undefined && !isHoisted) rest[path] = value;
  }
  return rest;
}

/** The text of a value that is in the wrong place: strings as they are, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : jsonTextOf(value);
}

function excerpt(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = jsonTextOf(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

/** Adds `value` under the first free spelling of `path`, so that two sources of one name both stay. */
export function addAttribute(attributes: FlatAttributes, path: string, value: FlatValue): void {
  let free = path;
  while (free in attributes) free += '#';
  attributes[free] = value;
}
