/**
 * What a logger calls: nested attributes → canonical line, in one pass and without objects in between.
 *
 * The fast way writes text while it walks. Wherever something is not ordinary (a cycle, depth, a getter that
 * throws, a number as a key, a path that the context has too, a line that is too long), it gives up without a
 * trace, and the slow way takes over: flatten, redact, `encodeRecord`, limits. Both give the same line; a
 * fuzz test holds them together. Order of attributes: those of the context (`base`), then the caller's; the
 * caller's value wins.
 */
import { encodeRecord, encodeValue, fitsKnownAt } from './encode.js';
import { emptyFlat, flatten } from './flatten.js';
import { isShallow, simplify, toJson } from './json-text.js';
import type { Copy } from './json-text.js';
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES } from './known.js';
import { areAttributesWithinLimits, isLineShort, limitRecord } from './limit-record.js';
import { ATTRIBUTES_MAX, DEPTH_MAX, FLATTEN_LEAVES_MAX, LINE_BYTES_MAX } from './limits.js';
import { bitOf, PathTree } from './path-node.js';
import type { PathNode } from './path-node.js';
import { Quarantine } from './quarantine.js';
import { quote, quoteTree } from './quote.js';
import { readsAsJson } from './stored-text.js';
import { REDACTED, isRedactable } from './redact.js';
import type { Redactor } from './redact.js';
import type { FlatAttributes, FlatRecord, Json, Kind, Level } from './types.js';

/** The envelope of a record to be written. */
export interface RecordHead {
  readonly seq: number;
  readonly time: string;
  readonly kind: Kind;
  readonly level: Level;
  readonly message: string;
  /** Made by `encodeIds`, once per request. */
  readonly ids?: string;
}

/** Attributes that stand on many records (bindings, request context), encoded once. */
export interface PreparedAttributes {
  readonly flat: FlatAttributes;
  /** `,"a":1,"b":2`, without the known attributes. */
  readonly text: string;
  /** JSON text by place among the known attributes. */
  readonly known: readonly (string | undefined)[];
  /** `,"http.route":"/x"` */
  readonly knownText: string;
  readonly count: number;
  /** Union of the paths' bits. */
  readonly bits: number;
  /** Has a number as a key: only the slow way orders it rightly. */
  readonly odd: boolean;
}

export interface EncoderOptions {
  /** `namespace` (default of loggers is up to them): a dotted key is a path. See `flatten`. */
  readonly dots?: 'escape' | 'namespace';
  readonly redactor?: Redactor;
}

export interface RecordEncoder {
  /** The canonical line of a record within all limits, redacted, without its newline. Never throws. */
  encode(head: RecordHead, attributes?: object, base?: PreparedAttributes): string;
  /** Encodes attributes once for many records, on top of `base`. */
  prepare(attributes: object, base?: PreparedAttributes): PreparedAttributes;
}

type Ids = { readonly [id in (typeof ENVELOPE_IDS)[number]]?: string | undefined };

/** `,"trace_id":"…","span_id":"…"` in line order; empty and absent ones are left out. */
export function encodeIds(ids: Ids): string {
  let text = '';
  for (const id of ENVELOPE_IDS) {
    const value = ids[id];
    if (value !== undefined && value !== '') text += `,"${id}":${quote(value)}`;
  }
  return text;
}

const KNOWN_PREFIXES = KNOWN_ATTRIBUTES.map(({ name }) => `,"${name}":`);

/** Fills the place of ancestors that are known not to be met again. */
const NOWHERE = {};

/** What the fast way has written so far. One per call: a getter may log, too. */
interface Pass {
  readonly tree: PathTree;
  readonly redactor: Redactor | undefined;
  readonly base: PreparedAttributes | undefined;
  text: string;
  known: (string | undefined)[] | undefined;
  count: number;
  /** Objects and leaves that may still be visited. */
  left: number;
  /** Objects from the root to here. */
  depth: number;
}

export function createEncoder(options: EncoderOptions = {}): RecordEncoder {
  const { dots = 'escape', redactor } = options;
  const tree = new PathTree({ namespace: dots === 'namespace', covers: redactor?.covers ?? (() => false) });

  function prepare(attributes: object, base?: PreparedAttributes): PreparedAttributes {
    const flat = Object.assign(emptyFlat(), base?.flat, flatten(attributes, { dots }));
    redactor?.redactAttributes(flat);
    return prepareFlat(flat);
  }

  function encode(head: RecordHead, attributes?: object, base?: PreparedAttributes): string {
    const count = base === undefined ? 0 : base.count;
    const left = 2 * ATTRIBUTES_MAX;
    const pass: Pass = { tree, redactor, base, text: '', known: undefined, count, left, depth: 0 };
    let done = base === undefined || !base.odd;
    if (done && attributes !== undefined) done = tryWrite(pass, attributes);
    if (done) {
      const line = assemble(head, pass);
      if (line.length * 3 <= LINE_BYTES_MAX) return line;
    }
    const flat = Object.assign(emptyFlat(), base?.flat, flatten(attributes ?? {}, { dots }));
    return encodeSlowly(head, flat, redactor);
  }

  return { encode, prepare };
}

function assemble(head: RecordHead, pass: Pass): string {
  const { base, redactor } = pass;
  const message = redactor === undefined ? head.message : redactor.redactText(head.message);
  const { seq, time, kind, level } = head;
  let line = `{"seq":${seq},"time":"${time}","kind":"${kind}","level":"${level}","message":${quote(message)}`;
  if (head.ids !== undefined) line += head.ids;
  if (pass.known !== undefined) line += joinKnown(pass.known, base?.known);
  else if (base !== undefined) line += base.knownText;
  const baseText = base === undefined ? '' : base.text;
  if (baseText !== '') line += OPEN + baseText.slice(1) + pass.text;
  else if (pass.text !== '') line += OPEN + pass.text.slice(1);
  else return `${line}}`;
  return `${line}}}`;
}

const OPEN = ',"attributes":{';

function joinKnown(known: (string | undefined)[], base: PreparedAttributes['known'] | undefined): string {
  let text = '';
  for (let index = 0; index < KNOWN_PREFIXES.length; index += 1) {
    const json = known[index] ?? base?.[index];
    if (json !== undefined) text += KNOWN_PREFIXES[index] + json;
  }
  return text;
}

/** Whether all attributes could be written the fast way. */
function tryWrite(pass: Pass, attributes: object): boolean {
  try {
    const prototype: unknown = Object.getPrototypeOf(attributes);
    if (prototype !== Object.prototype && prototype !== null) return false;
    if ('toJSON' in attributes) return false;
    return writeObject(pass, attributes as { [key: string]: unknown }, pass.tree.root); // plain object
  } catch {
    return false;
  }
}

// Recursion is bounded by DEPTH_MAX.
function writeObject(pass: Pass, object: { [key: string]: unknown }, parent: PathNode): boolean {
  pass.depth += 1;
  if (pass.depth > DEPTH_MAX) return false;
  const keys = Object.keys(object);
  pass.left -= keys.length;
  if (pass.left < 0) return false;
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] ?? '';
    const value = object[key];
    if (value === undefined) continue;
    const node = parent.children.get(key) ?? pass.tree.add(parent, key);
    if (node.odd || (node.conflicts.length > 0 && hasConflict(node, object))) return false;
    if (!writeValue(pass, value, node)) return false;
  }
  pass.depth -= 1;
  return true;
}

function writeValue(pass: Pass, value: unknown, node: PathNode): boolean {
  switch (typeof value) {
    case 'string':
      return writeText(pass, value, node);
    case 'number':
      return writeNumber(pass, value, node);
    case 'boolean':
      return writeLeaf(pass, node, value ? 'true' : 'false');
    case 'object':
      if (value === null) return writeLeaf(pass, node, '"null"');
      return Array.isArray(value) ? writeArray(pass, value, node) : writeBelow(pass, value, node);
    case 'bigint':
      return writeValue(pass, simplify(value), node);
    default:
      return true; // JSON leaves undefined, functions and symbols out
  }
}

function writeText(pass: Pass, value: string, node: PathNode): boolean {
  const { redactor } = pass;
  let text = value;
  if (redactor !== undefined && value !== '') text = node.covered ? REDACTED : redactor.redactText(value);
  if (node.known >= 0 && fitsKnownAt(text, node.known)) return writeKnown(pass, node, quote(text));
  return writeLeaf(pass, node, readsAsJson(text) ? JSON.stringify(quote(text)) : quote(text));
}

function writeNumber(pass: Pass, value: number, node: PathNode): boolean {
  if (pass.redactor !== undefined) {
    if (node.covered) return node.known < 0 && writeLeaf(pass, node, `"${REDACTED}"`);
    if (isRedactable(value)) return false;
  }
  if (node.known >= 0 && fitsKnownAt(value, node.known)) return writeKnown(pass, node, String(value));
  return writeLeaf(pass, node, Number.isFinite(value) ? String(value) : `"${value}"`);
}

function writeBelow(pass: Pass, value: object, node: PathNode): boolean {
  let object = value;
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) {
    const simple = simplify(value);
    if (typeof simple !== 'object' || simple === null) return writeValue(pass, simple, node);
    if (Array.isArray(simple)) return writeArray(pass, simple, node);
    object = simple;
  }
  const before = pass.count;
  if (!writeObject(pass, object as { [key: string]: unknown }, node)) return false; // no array
  return pass.count > before || writeLeaf(pass, node, node.covered ? `"${REDACTED}"` : '{}');
}

function writeArray(pass: Pass, value: readonly unknown[], node: PathNode): boolean {
  if (node.covered || !isShallow(value, pass.depth, { left: FLATTEN_LEAVES_MAX })) return false;
  // The array counts as deep as it lies. One that spends most of the budget is left to the slow way to judge.
  const copy: Copy = {
    ancestors: Array<object>(pass.depth).fill(NOWHERE),
    left: FLATTEN_LEAVES_MAX,
    textLeft: 0,
  };
  let json: Json = toJson(value, copy);
  if (copy.left < FLATTEN_LEAVES_MAX / 2) return false;
  if (pass.redactor !== undefined) json = pass.redactor.redactTree(json, node.path);
  return writeLeaf(pass, node, quoteTree(json));
}

/** A dotted key that is a path must not meet another key of its object. */
function hasConflict(node: PathNode, object: object): boolean {
  return node.conflicts.some((prefix) => Object.hasOwn(object, prefix));
}

/** Whether the base has this path too: then its value has to give way, which only the slow way can do. */
function isInBase(pass: Pass, node: PathNode): boolean {
  const { base } = pass;
  return base !== undefined && (base.bits & node.bit) !== 0 && node.path in base.flat;
}

function writeLeaf(pass: Pass, node: PathNode, json: string): boolean {
  pass.count += 1;
  if (pass.count > ATTRIBUTES_MAX || isInBase(pass, node)) return false;
  pass.text += node.json + json;
  return true;
}

function writeKnown(pass: Pass, node: PathNode, json: string): boolean {
  pass.count += 1;
  if (isInBase(pass, node)) return false;
  pass.known ??= [];
  pass.known[node.known] = json;
  return true;
}

function prepareFlat(flat: FlatAttributes): PreparedAttributes {
  const known: (string | undefined)[] = [];
  let text = '';
  let bits = 0;
  let odd = !areAttributesWithinLimits(flat);
  const paths = Object.keys(flat);
  const places = new Map(KNOWN_ATTRIBUTES.map(({ name }, index) => [name, index]));
  for (const path of paths) {
    const value = flat[path] ?? null;
    const place = places.get(path) ?? -1;
    bits |= bitOf(path);
    if (/^\d{1,16}$/.test(path)) odd = true;
    if (fitsKnownAt(value, place)) known[place] = typeof value === 'string' ? quote(value) : String(value);
    else text += `,${quote(path)}:${encodeValue(value)}`;
  }
  return { flat, text, known, knownText: joinKnown(known, undefined), count: paths.length, bits, odd };
}

function encodeSlowly(head: RecordHead, attributes: FlatAttributes, redactor: Redactor | undefined): string {
  const { seq, time, kind, level, message, ids = '' } = head;
  const record: FlatRecord = { seq, time, kind, level, message };
  if (ids !== '') Object.assign(record, JSON.parse(`{${ids.slice(1)}}`));
  record.attributes = attributes;
  redactor?.redact(record);
  if (areAttributesWithinLimits(attributes)) {
    const line = encodeRecord(record);
    if (isLineShort(line)) return line;
  }
  return limitRecord(record, new Quarantine(attributes), attributes);
}

const plainEncoders = {
  escape: createEncoder({ dots: 'escape' }),
  namespace: createEncoder({ dots: 'namespace' }),
};

export interface EncodeInputOptions {
  readonly dots?: 'escape' | 'namespace';
  readonly base?: PreparedAttributes;
}

/** The line of one record without redaction. Loggers keep an encoder of their own: `createEncoder`. */
export function encodeInput(head: RecordHead, attributes?: object, options: EncodeInputOptions = {}): string {
  return plainEncoders[options.dots ?? 'escape'].encode(head, attributes, options.base);
}
