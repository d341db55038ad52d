/**
 * Brings a record within the limits of a line without losing that anything was there: too many or too long
 * keys and too deep arrays are set aside as text; long texts keep head, tail, size and hash, longest first.
 */
import { encodeRecord } from './encode.js';
import { isShallow, jsonTextOf } from './json-text.js';
import {
  ATTRIBUTES_MAX,
  ATTRIBUTES_RESERVED,
  CUT_KEEP_BYTES,
  CUT_KEEP_BYTES_MIN,
  CUT_MARKER_BYTES,
  ID_BYTES_MAX,
  KEY_BYTES_MAX,
  LINE_BYTES_MAX,
} from './limits.js';
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES } from './known.js';
import { byteLength, cutText, Quarantine } from './quarantine.js';
import { emptyFlat } from './flat.js';
import type { FlatAttributes, FlatRecord } from './types.js';

/** Whether the attributes meet the limits that a line's size says nothing about. */
export function areAttributesWithinLimits(attributes: FlatAttributes | undefined): boolean {
  if (attributes === undefined) return true;
  let count = 0;
  for (const path in attributes) {
    count += 1;
    if (count > ATTRIBUTES_MAX) return false;
    if (path.length * 3 > KEY_BYTES_MAX && byteLength(path) > KEY_BYTES_MAX) return false;
    const value = attributes[path];
    if (typeof value === 'object' && value !== null && !isShallow(value)) return false;
  }
  return true;
}

/** Whether a line of that text is short enough. */
export function isLineShort(line: string): boolean {
  return line.length * 3 <= LINE_BYTES_MAX || byteLength(line) <= LINE_BYTES_MAX;
}

/** Changes `record` in place so that its line meets every limit. Answers that line. */
export function limitRecord(record: FlatRecord, quarantine: Quarantine, attributes: FlatAttributes): string {
  limitIds(record, quarantine);
  limitAttributes(attributes, quarantine);
  if (Object.keys(attributes).length > ATTRIBUTES_MAX) foldAttributes(attributes, quarantine, 'too_many');
  let line = encodeWith(record, attributes);
  for (const keep of [CUT_KEEP_BYTES, CUT_KEEP_BYTES_MIN]) {
    if (isLineShort(line)) break;
    cutLongest({ record, attributes, keep, excess: byteLength(line) - LINE_BYTES_MAX }, quarantine);
    line = encodeWith(record, attributes);
  }
  // The notes about cuts may be the ones too many; and a thousand keys of full length are too heavy by
  // themselves.
  const isTooLong = !isLineShort(line);
  if (!isTooLong && Object.keys(attributes).length <= ATTRIBUTES_MAX) return line;
  foldAttributes(attributes, quarantine, isTooLong ? 'too_large' : 'too_many');
  return encodeWith(record, attributes);
}

function encodeWith(record: FlatRecord, attributes: FlatAttributes): string {
  record.attributes = attributes;
  return encodeRecord(record);
}

/** Whether the ids are surely within their limit. */
export function areIdsShort(record: FlatRecord): boolean {
  for (const id of ENVELOPE_IDS) if ((record[id]?.length ?? 0) * 3 > ID_BYTES_MAX) return false;
  return true;
}

function limitIds(record: FlatRecord, quarantine: Quarantine): void {
  for (const id of ENVELOPE_IDS) {
    const value = record[id];
    if (value === undefined || value.length * 3 <= ID_BYTES_MAX || byteLength(value) <= ID_BYTES_MAX)
      continue;
    delete record[id];
    quarantine.add(id, 'too_long', value);
  }
}

function limitAttributes(attributes: FlatAttributes, quarantine: Quarantine): void {
  for (const path of Object.keys(attributes)) {
    const value = attributes[path];
    if (path.length * 3 > KEY_BYTES_MAX && byteLength(path) > KEY_BYTES_MAX) {
      delete attributes[path];
      quarantine.add(path, 'too_long', jsonTextOf({ [path]: value }));
    } else if (!isShallow(value)) {
      delete attributes[path];
      quarantine.add(path, 'too_deep', jsonTextOf(value));
    }
  }
}

/** Sets aside the attributes beyond those that fit beside our own notes, or all when they are too large. */
function foldAttributes(
  attributes: FlatAttributes,
  quarantine: Quarantine,
  reason: 'too_many' | 'too_large',
): void {
  const keep = reason === 'too_many' ? ATTRIBUTES_MAX - ATTRIBUTES_RESERVED : 0;
  const rest = emptyFlat();
  for (const path of Object.keys(attributes).slice(keep)) {
    if (path.startsWith('sillok.')) continue;
    rest[path] = attributes[path] ?? null;
    delete attributes[path];
  }
  quarantine.add('attributes', reason, jsonTextOf(rest));
}

interface Cut {
  readonly record: FlatRecord;
  readonly attributes: FlatAttributes;
  readonly keep: number;
  /** Bytes that the line is too long by. */
  readonly excess: number;
}

/** Cuts the longest values first, until the line is short enough. */
function cutLongest(cut: Cut, quarantine: Quarantine): void {
  const holders: [{ [key: string]: unknown }, string][] = [
    [cut.record, 'message'],
    ...KNOWN_ATTRIBUTES.map(({ name }): [FlatRecord, string] => [cut.record, name]),
    ...Object.keys(cut.attributes).map((path): [FlatAttributes, string] => [cut.attributes, path]),
  ];
  const long = holders
    .map(([holder, key]) => ({ holder, key, text: textOf(holder[key]) }))
    .filter(({ text }) => text.length > cut.keep * 2 + CUT_MARKER_BYTES)
    .sort((left, right) => right.text.length - left.text.length);
  let excess = cut.excess + CUT_MARKER_BYTES;
  for (const { holder, key, text } of long) {
    if (excess <= 0) return;
    const shorter = cutText(text, cut.keep);
    holder[key] = shorter.text;
    quarantine.add(key, 'too_large');
    excess -= shorter.bytes - byteLength(shorter.text) - CUT_MARKER_BYTES;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? jsonTextOf(value) : '';
}
