/**
 * What a logger calls: nested attributes → canonical line, in one pass and without objects in between.
 *
 * The fast way writes text while it walks. Wherever something is not ordinary (a cycle, depth, a getter that
 * throws, a number as a key, a path that the context has too, a line that is too long), it gives up without a trace, and
 * the slow way takes over: flatten, redact, `encodeRecord`, limits. Both give the same line; a fuzz test holds them
 * together. Order of attributes: those of the context (`base`), then the caller's; the caller's value wins.
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
  readonly base: PreparedAttributes | undefined;
  text: string;
  known: (string | undefined)[] | undefined;
  count: number;
  /** Objects and leaves that may still be visited. */
  left: number;
}

export function createEncoder(options: EncoderOptions = {}): RecordEncoder {
  const { dots = 'escape', redactor } = options;
  const tree = new PathTree({ namespace: dots === 'namespace', covers: redactor?.covers ?? (() => false) });
  const writer = new FastWriter(tree, redactor);

  function prepare(attributes: object, base?: PreparedAttributes): PreparedAttributes {
    const flat = Object.assign(emptyFlat(), base?.flat, flatten(attributes, { dots }));
    redactor?.redactAttributes(flat);
    return prepareFlat(flat);
  }

  function encode(head: RecordHead, attributes?: object, base?: PreparedAttributes): string {
    const pass: Pass = { base, text: '', known: undefined, count: base?.count ?? 0, left: 2 * ATTRIBUTES_MAX };
    let done = base === undefined || !base.odd;
    if (done && attributes !== undefined) done = writer.tryWrite(pass, attributes);
    if (done) {
      const line = assemble(head, pass, redactor);
      if (line.length * 3 <= LINE_BYTES_MAX) return line;
    }
    return encodeSlowly(head, Object.assign(emptyFlat(), base?.flat, flatten(attributes ?? {}, { dots })), redactor);
  }

  return { encode, prepare };
}

function assemble(head: RecordHead, pass: Pass, redactor: Redactor | undefined): string {
  const { base } = pass;
  const message = redactor === undefined ? head.message : redactor.redactText(head.message);
  let line = `{"seq":${head.seq},"time":"${head.time}","kind":"${head.kind}","level":"${head.level}","message":${quote(message)}`;
  if (head.ids !== undefined) line += head.ids;
  if (pass.known !== undefined) line += joinKnown(pass.known, base?.known);
  else if (base !== undefined) line += base.knownText;
  const text = base === undefined ? pass.text : base.text + pass.text;
  return text === '' ? `${line}}` : `${line},"attributes":{${text.slice(1)}}}`;
}

function joinKnown(known: (string | undefined)[], base: PreparedAttributes['known'] | undefined): string {
  let text = '';
  for (let index = 0; index < KNOWN_PREFIXES.length; index += 1) {
    const json = known[index] ?? base?.[index];
    if (json !== undefined) text += KNOWN_PREFIXES[index] + json;
  }
  return text;
}

class FastWriter {
  readonly #tree: PathTree;
  readonly #redactor: Redactor | undefined;

  constructor(tree: PathTree, redactor: Redactor | undefined) {
    this.#tree = tree;
    this.#redactor = redactor;
  }

  /** Whether all attributes could be written the fast way. */
  tryWrite(pass: Pass, attributes: object): boolean {
    try {
      const prototype: unknown = Object.getPrototypeOf(attributes);
      if (prototype !== Object.prototype && prototype !== null) return false;
      if ('toJSON' in attributes) return false;
      return this.#writeObject(pass, attributes as { [key: string]: unknown }, this.#tree.root, 1); // plain object
    } catch {
      return false;
    }
  }

  #writeObject(pass: Pass, object: { [key: string]: unknown }, parent: PathNode, depth: number): boolean {
    if (depth > DEPTH_MAX) return false;
    for (const key of Object.keys(object)) {
      const value = object[key];
      if (value === undefined) continue;
      const node = this.#tree.child(parent, key);
      pass.left -= 1;
      if (node.odd || pass.left < 0 || hasConflict(node, object)) return false;
      if (!this.#writeValue(pass, value, node, depth)) return false;
    }
    return true;
  }

  #writeValue(pass: Pass, value: unknown, node: PathNode, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        return this.#writeText(pass, value, node);
      case 'number':
        return this.#writeNumber(pass, value, node);
      case 'boolean':
        return writeLeaf(pass, node, value ? 'true' : 'false');
      case 'object':
        if (value === null) return writeLeaf(pass, node, '"null"');
        return this.#writeBelow(pass, value, node, depth);
      case 'bigint':
        return this.#writeValue(pass, simplify(value), node, depth);
      default:
        return true; // JSON leaves undefined, functions and symbols out
    }
  }

  #writeText(pass: Pass, value: string, node: PathNode): boolean {
    let text = value;
    if (this.#redactor !== undefined) {
      text = node.covered ? (value === '' ? '' : REDACTED) : this.#redactor.redactText(value);
    }
    if (node.known >= 0 && text !== '') {
      if (fitsKnownAt(text, node.known)) return writeKnown(pass, node, quote(text));
    }
    return writeLeaf(pass, node, encodeValue(text));
  }

  #writeNumber(pass: Pass, value: number, node: PathNode): boolean {
    if (this.#redactor !== undefined && (node.covered || isRedactable(value))) {
      return node.known < 0 && node.covered ? writeLeaf(pass, node, `"${REDACTED}"`) : false;
    }
    if (node.known >= 0 && fitsKnownAt(value, node.known)) return writeKnown(pass, node, String(value));
    return writeLeaf(pass, node, Number.isFinite(value) ? String(value) : `"${value}"`);
  }

  #writeBelow(pass: Pass, value: object, node: PathNode, depth: number): boolean {
    let object = value;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype || 'toJSON' in value) {
      if (Array.isArray(value)) return this.#writeArray(pass, value, node, depth);
      const simple = simplify(value);
      if (typeof simple !== 'object' || simple === null) return this.#writeValue(pass, simple, node, depth);
      if (Array.isArray(simple)) return this.#writeArray(pass, simple, node, depth);
      object = simple;
    }
    const before = pass.count;
    if (!this.#writeObject(pass, object as { [key: string]: unknown }, node, depth + 1)) return false; // no array
    return pass.count > before || writeLeaf(pass, node, node.covered ? `"${REDACTED}"` : '{}');
  }

  #writeArray(pass: Pass, value: readonly unknown[], node: PathNode, depth: number): boolean {
    if (node.covered || !isShallow(value, depth, { left: FLATTEN_LEAVES_MAX })) return false;
    // The array counts as deep as it lies. One that spends most of the budget is left to the slow way to judge.
    const copy: Copy = { ancestors: Array<object>(depth).fill(NOWHERE), left: FLATTEN_LEAVES_MAX, textLeft: 0 };
    let json: Json = toJson(value, copy);
    if (copy.left < FLATTEN_LEAVES_MAX / 2) return false;
    if (this.#redactor !== undefined) json = this.#redactor.redactTree(json, node.path);
    return writeLeaf(pass, node, quoteTree(json));
  }
}

/** A dotted key that is a path must not meet another key of its object. */
function hasConflict(node: PathNode, object: object): boolean {
  for (const prefix of node.conflicts) if (Object.hasOwn(object, prefix)) return true;
  return false;
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

const plainEncoders = { escape: createEncoder({ dots: 'escape' }), namespace: createEncoder({ dots: 'namespace' }) };

export interface EncodeInputOptions {
  readonly dots?: 'escape' | 'namespace';
  readonly base?: PreparedAttributes;
}

/** The line of one record without redaction. Loggers keep an encoder of their own: `createEncoder`. */
export function encodeInput(head: RecordHead, attributes?: object, options: EncodeInputOptions = {}): string {
  return plainEncoders[options.dots ?? 'escape'].encode(head, attributes, options.base);
}
