/**
 * A record → its line, and back. This is the only place that knows how a line looks.
 *
 * The line is canonical: `JSON.stringify(JSON.parse(line)) === line`, keys in envelope order, known
 * attributes at top level when their value has the known type, all other attributes flat and written by the
 * text rule of `stored-text.ts`. So the engine and JavaScript read the same values from the same bytes.
 */
import { dropPrototype } from './flat.js';
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES } from './known.js';
import type { KnownType } from './known.js';
import { escapeKey } from './path.js';
import { pathInfo, quote, quoteTree } from './quote.js';
import { fromStoredText, readsAsJson } from './stored-text.js';
import type { FlatAttributes, FlatRecord, FlatValue } from './types.js';

/** `,"http.route":`, by place. */
export const KNOWN_PREFIXES = KNOWN_ATTRIBUTES.map(({ name }) => `,"${name}":`);

/** Whether a value may stand in the column of a known attribute. */
export function fitsKnown(value: unknown, type: KnownType): value is string | number {
  if (type === 'float64') return typeof value === 'number' && Number.isFinite(value);
  if (type === 'uint16') return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535;
  return typeof value === 'string' && value !== '';
}

/** Whether the known attribute of that place takes `value`. */
export function fitsKnownAt(value: unknown, index: number): value is string | number {
  const attribute = KNOWN_ATTRIBUTES[index];
  return attribute !== undefined && fitsKnown(value, attribute.type);
}

function knownText(value: string | number): string {
  return typeof value === 'string' ? quote(value) : String(value);
}

/** A text under `attributes`: one that reads as JSON is written as JSON, so that "7" stays apart from 7. */
export function encodeText(text: string): string {
  return readsAsJson(text) ? JSON.stringify(quote(text)) : quote(text);
}

/** One attribute value as it stands in a line. */
export function encodeValue(value: FlatValue): string {
  switch (typeof value) {
    case 'string':
      return encodeText(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return value === null ? '"null"' : quoteTree(value);
  }
}

/**
 * The canonical line of a record, without its newline. Known attributes find their place by themselves: one
 * that stands among the attributes moves to the top level when it fits, and one at the top level that does
 * not, back.
 */
export function encodeRecord(record: FlatRecord): string {
  const { seq, time, kind, level } = record;
  let line = `{"seq":${seq},"time":"${time}","kind":"${kind}","level":"${level}","message":`;
  line += quote(record.message);
  for (const id of ENVELOPE_IDS) {
    const value = record[id];
    if (value !== undefined && value !== '') line += `,"${id}":${quote(value)}`;
  }
  const hoisted: (string | number | undefined)[] = [];
  const misfits = takeKnown(record, hoisted);
  const attributes = encodeAttributes(record.attributes, hoisted) + misfits;
  for (let index = 0; index < hoisted.length; index += 1) {
    const value = hoisted[index];
    if (value !== undefined) line += KNOWN_PREFIXES[index] + knownText(value);
  }
  return attributes === '' ? `${line}}` : `${line},"attributes":{${attributes.slice(1)}}}`;
}

/** Collects the known attributes of the top level. Answers those that do not fit, as attributes. */
function takeKnown(record: FlatRecord, hoisted: (string | number | undefined)[]): string {
  let misfits = '';
  for (let index = 0; index < KNOWN_PREFIXES.length; index += 1) {
    const name = KNOWN_ATTRIBUTES[index]?.name ?? '';
    const value = record[name];
    if (value === undefined) continue;
    if (fitsKnownAt(value, index)) hoisted[index] = value;
    else {
      const path = isTaken(record.attributes, index) ? escapeKey(name) : name;
      misfits += `,${pathInfo(path).json}${encodeValue(value as FlatValue)}`; // a misfit is still a leaf
    }
  }
  return misfits;
}

/** Whether an attribute of that name stays among the attributes. */
function isTaken(attributes: FlatAttributes | undefined, index: number): boolean {
  const value = attributes?.[KNOWN_ATTRIBUTES[index]?.name ?? ''];
  return value !== undefined && !fitsKnownAt(value, index);
}

/** `,"a":1,"b":"x"` for all attributes; those that are known and fit go to `hoisted` instead. */
function encodeAttributes(
  attributes: FlatAttributes | undefined,
  hoisted: (string | number | undefined)[],
): string {
  let text = '';
  if (attributes === undefined) return text;
  for (const path in attributes) {
    const value = attributes[path];
    if (value === undefined) continue;
    const info = pathInfo(path);
    if (info.known >= 0) {
      if (hoisted[info.known] === undefined && fitsKnownAt(value, info.known)) {
        hoisted[info.known] = value;
        continue;
      }
      if (hoisted[info.known] !== undefined) {
        // Both places are taken: the second keeps its value under the escaped spelling of the same name.
        text += `,${pathInfo(escapeKey(path)).json}${encodeValue(value)}`;
        continue;
      }
    }
    text += `,${info.json}${encodeValue(value)}`;
  }
  return text;
}

/** Reads a line that `encodeRecord` wrote. For lines from elsewhere there is `parseRecord`. */
export function decodeRecord(line: string): FlatRecord {
  const record = JSON.parse(line) as FlatRecord; // canonical: written by encodeRecord
  if (record.attributes !== undefined) {
    undoTextRule(record.attributes);
    dropPrototype(record.attributes);
  }
  return record;
}

/** Stored texts → values, in place. */
export function undoTextRule(attributes: FlatAttributes): void {
  for (const path in attributes) {
    const value = attributes[path];
    if (typeof value === 'string' && readsAsJson(value)) attributes[path] = fromStoredText(value);
  }
}
