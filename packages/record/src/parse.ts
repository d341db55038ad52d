/**
 * One line from anywhere → one record, or a verdict. Never throws.
 *
 * The way of nearly all lines is short: parse, encode, compare. When the bytes come out the same, the line is
 * canonical, and it goes on byte for byte. Any other line is read a second time (what did `JSON.parse`
 * hide?), each field is judged by itself, and the record is encoded anew.
 */
import { addAttribute, buildRecord, isKind } from './build-record.js';
import type { Parsed, Rejected } from './build-record.js';
import { tryEncodeInput } from './encode-input.js';
import { decodeRecord, encodeRecord, undoTextRule } from './encode.js';
import { dropPrototype, emptyFlat } from './flat.js';
import { flattenTree } from './flatten.js';
import { jsonTextOf } from './json-text.js';
import { ENVELOPE_IDS } from './known.js';
import { areAttributesWithinLimits, isLineShort } from './limit-record.js';
import { ID_BYTES_MAX, LINE_READ_BYTES_MAX } from './limits.js';
import { escapeKey, escapeSurrogates } from './path.js';
import type { Quarantine } from './quarantine.js';
import { wellFormed } from './quote.js';
import { endOfString, reread } from './reread.js';
import type { Oddity } from './reread.js';
import { fromStoredText } from './stored-text.js';
import { isTime } from './time.js';
import { LEVELS } from './types.js';
import type { FlatAttributes, FlatRecord, FlatValue } from './types.js';

export interface ParseOptions {
  /** `flat`: the header says that the lines are canonical. `nested`: attributes are anybody's JSON. */
  readonly encoding: 'flat' | 'nested';
  /** For `nested`: whether a dotted key is a key (the default) or a path. */
  readonly dots?: 'escape' | 'namespace';
  /**
   * Takes the place of an unreadable time; the time is then quarantined. Without it the record is rejected.
   */
  readonly defaultTime?: string;
}

type JsonObject = { readonly [key: string]: unknown };

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
const LEVEL_NAMES: ReadonlySet<unknown> = new Set(LEVELS);
const ENVELOPE: ReadonlySet<string> = new Set([
  'seq',
  'time',
  'kind',
  'level',
  'message',
  'attributes',
  ...ENVELOPE_IDS,
]);

export function parseRecord(line: string | Uint8Array, options: ParseOptions): Parsed {
  if (line.length > LINE_READ_BYTES_MAX) {
    return reject(
      'line_too_large',
      `a line of ${line.length} bytes is not read; at most ${LINE_READ_BYTES_MAX}`,
    );
  }
  const text = typeof line === 'string' ? line : decodeText(line);
  if (text !== undefined && options.encoding === 'flat') {
    const record = readCanonical(text);
    if (record) return { ok: true, record, line: text, changed: false, quarantined: [] };
  }
  if (text !== undefined && options.encoding === 'nested') {
    const parsed = readOrdinary(text, options.dots ?? 'escape');
    if (parsed) return parsed;
  }
  if (text !== undefined) return readAnyLine(text, options, undefined);
  // Bytes that are no UTF-8: the text with U+FFFD goes on, and the bytes stay readable beside it.
  const bytes = line as Uint8Array; // a string is never undefined here
  return readAnyLine(lossyDecoder.decode(bytes), options, bytes);
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The record of a canonical line within all limits; `undefined` for any other line. */
function readCanonical(line: string): FlatRecord | undefined {
  try {
    const record = JSON.parse(line) as FlatRecord; // each field is checked below
    if (typeof record !== 'object' || record === null || !isEnvelope(record)) return undefined;
    const { attributes } = record;
    if (attributes !== undefined) {
      if (typeof attributes !== 'object' || attributes === null) return undefined;
      undoTextRule(attributes);
      if (!areAttributesWithinLimits(attributes)) return undefined;
    }
    if (encodeRecord(record) !== line || !isLineShort(line)) return undefined;
    // Last, because objects with an ordinary prototype are walked faster.
    if (attributes !== undefined) dropPrototype(attributes);
    return record;
  } catch {
    return undefined;
  }
}

/** A nested line without anything that is odd: written once by one walk. `undefined` for any other line. */
function readOrdinary(text: string, dots: 'escape' | 'namespace'): Parsed | undefined {
  try {
    const head = JSON.parse(text) as FlatRecord; // each field is checked below
    if (!isObject(head) || !isEnvelope(head)) return undefined;
    for (const key in head) if (!ENVELOPE.has(key)) return undefined;
    const { attributes } = head;
    if (attributes !== undefined && !isObject(attributes)) return undefined;
    // The same text again: no key twice, no number beyond a double. White space may say otherwise: then it is
    // read anew.
    if (JSON.stringify(head) !== text && reread(text).oddities.length > 0) return undefined;
    if (/\\u[dD]/.test(text)) return undefined;
    const line = tryEncodeInput(head, attributes, dots);
    if (line === undefined) return undefined;
    return { ok: true, record: decodeRecord(line), line, changed: line !== text, quarantined: [] };
  } catch {
    return undefined;
  }
}

function isEnvelope(record: FlatRecord): boolean {
  return (
    Number.isSafeInteger(record.seq) &&
    record.seq >= 1 &&
    typeof record.message === 'string' &&
    isKind(record.kind) &&
    LEVEL_NAMES.has(record.level) &&
    isTime(record.time) &&
    areIds(record)
  );
}

function areIds(record: FlatRecord): boolean {
  for (const id of ENVELOPE_IDS) {
    const value = record[id];
    if (value !== undefined && (typeof value !== 'string' || value.length * 3 > ID_BYTES_MAX)) return false;
  }
  return true;
}

function readAnyLine(original: string, options: ParseOptions, invalidBytes: Uint8Array | undefined): Parsed {
  const text = original.replace(/^\uFEFF/, '').trim();
  if (text === '') return reject('empty_line', 'the line is empty');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return rejectSyntax(text, error);
  }
  if (!isObject(value)) return reject('not_object', 'a record is a JSON object');
  const { value: exact, oddities } = jsonTextOf(value) === text ? { value, oddities: [] } : reread(text);
  if (!isObject(exact)) return reject('not_object', 'a record is a JSON object');
  const attributes = emptyFlat();
  const late: ((quarantine: Quarantine) => void)[] = [];
  readAttributes({ object: exact, attributes, options, oddities, late });
  const { seq, time, kind, level, message } = exact;
  const raw = { seq, time, kind, level, message, ids: exact, attributes, defaultTime: options.defaultTime };
  const parsed = buildRecord(raw, (quarantine) => {
    for (const oddity of oddities) noteOddity(oddity, quarantine, options);
    for (const note of late) note(quarantine);
    if (invalidBytes) quarantine.add('line', 'invalid_utf8', latin1(invalidBytes));
  });
  return parsed.ok ? { ...parsed, changed: invalidBytes !== undefined || parsed.line !== original } : parsed;
}

interface AttributeSource {
  readonly object: JsonObject;
  readonly attributes: FlatAttributes;
  readonly options: ParseOptions;
  readonly oddities: readonly Oddity[];
  /** Notes that can only be made once there is a quarantine. */
  readonly late: ((quarantine: Quarantine) => void)[];
}

function readAttributes(source: AttributeSource): void {
  const { object, attributes, options, late } = source;
  const onTooDeep = (path: string): void => {
    late.push((quarantine) => quarantine.add(path, 'too_deep', toText(attributes, path)));
  };
  const given = object['attributes'];
  if (isObject(given)) {
    const isFlat = options.encoding === 'flat';
    const flat = isFlat ? readFlat(given, source, onTooDeep) : flattenTree(given, { ...options, onTooDeep });
    Object.assign(attributes, flat);
  } else if (given !== undefined && given !== null) {
    late.push((quarantine) => quarantine.add('attributes', 'wrong_type', jsonTextOf(given)));
  }
  // Keys that the envelope does not know: known attributes, those of a later version, or somebody's own.
  const others = Object.fromEntries(Object.entries(object).filter(([key]) => !ENVELOPE.has(key)));
  const flatOthers = flattenTree(others, { dots: 'namespace', onTooDeep });
  for (const path of Object.keys(flatOthers)) {
    const value = flatOthers[path];
    if (value !== undefined) addAttribute(attributes, path, value);
  }
}

/** A value that is quarantined for its depth leaves its place. */
function toText(attributes: FlatAttributes, path: string): string {
  const text = String(attributes[path]);
  delete attributes[path];
  return text;
}

/**
 * Attributes that claim to be flat: keys are paths, strings are stored texts. Objects below are flattened.
 */
function readFlat(
  given: JsonObject,
  source: AttributeSource,
  onTooDeep: (path: string) => void,
): FlatAttributes {
  const flat = emptyFlat();
  const numbers = source.oddities.filter(
    ({ reason, keys }) => reason === 'unsafe_number' && keys.length === 2,
  );
  // These are digits already, not stored texts: read as such they would become numbers again.
  const digits = new Set(numbers.map(({ keys }) => keys[1]));
  for (const key of Object.keys(given)) {
    const path = escapeSurrogates(key);
    const value = given[key];
    if (typeof value === 'string') flat[path] = digits.has(key) ? value : fromStoredText(value);
    else if (isObject(value) && Object.keys(value).length > 0) {
      const below = flattenTree(value, { onTooDeep: (deep) => onTooDeep(`${path}.${deep}`) });
      for (const deep of Object.keys(below)) flat[`${path}.${deep}`] = below[deep] ?? null;
    } else flat[path] = value as FlatValue; // JSON that is no object with keys
  }
  return flat;
}

function noteOddity(oddity: Oddity, quarantine: Quarantine, options: ParseOptions): void {
  const { keys, reason, text } = oddity;
  const [first = '', second = '', ...rest] = keys;
  const isAttribute = first === 'attributes' && keys.length > 1;
  const head = isAttribute ? (options.encoding === 'flat' ? second : escapeKey(second)) : escapeKey(first);
  const tail = (isAttribute ? rest : keys.slice(1)).map(escapeKey);
  quarantine.add([head, ...tail].join('.'), reason, text);
}

function rejectSyntax(text: string, error: unknown): Rejected {
  const end = endOfFirstValue(text);
  if (end < text.length && isJson(text.slice(0, end))) {
    return reject(
      'two_values',
      `a line holds one JSON value; after it, at character ${end + 1}, more follows`,
    );
  }
  const control = text.search(/\p{Cc}/u);
  const hint =
    control === -1 ? '' : ` (control character at ${control + 1}: inside a string it must be escaped)`;
  const message = error instanceof Error ? error.message.slice(0, 200) : '';
  return reject('not_json', `the line is not JSON: ${message}${hint}`);
}

/** Where the first object or array closes, or the length of the text. */
function endOfFirstValue(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === '"') index = endOfString(text, index) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A reason may quote its line, and is shown on terminals: no control character passes. */
function reject(code: Rejected['code'], reason: string): Rejected {
  const safe = reason.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return { ok: false, code, reason: wellFormed(safe) };
}
