/**
 * Nested attributes → canonical line, in one pass and without objects in between.
 *
 * The fast way writes text while it walks. Wherever something is not ordinary (a cycle, depth, a getter that
 * throws, a number as a key, a line that is too long), it gives up without a trace, and the slow way takes
 * over: flatten, limits, `encodeRecord`. Both give the same line; a fuzz test holds them together. The parser
 * of nested lines takes this way too.
 */
import { encodeRecord, fitsKnownAt, KNOWN_PREFIXES } from './encode.js';
import { flatten } from './flatten.js';
import { isShallow, simplify, toJson } from './json-text.js';
import type { Copy } from './json-text.js';
import { ENVELOPE_IDS } from './known.js';
import { areAttributesWithinLimits, isLineShort, limitRecord } from './limit-record.js';
import { ATTRIBUTES_MAX, DEPTH_MAX, FLATTEN_LEAVES_MAX, LINE_BYTES_MAX } from './limits.js';
import { PathTree } from './path-node.js';
import type { PathNode } from './path-node.js';
import { Quarantine } from './quarantine.js';
import { quote, quoteTree } from './quote.js';
import { readsAsJson } from './stored-text.js';
import type { FlatRecord, Kind, Level } from './types.js';

/** The envelope of a record to be written. Empty ids are left out. */
export interface RecordHead {
  readonly seq: number;
  readonly time: string;
  readonly kind: Kind;
  readonly level: Level;
  readonly message: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly parent_span_id?: string;
  readonly global_trace_id?: string;
  readonly session_hash?: string;
  readonly user_hash?: string;
}

export interface EncodeInputOptions {
  /** `namespace`: a dotted key is a path. See `flatten`. */
  readonly dots?: 'escape' | 'namespace' | undefined;
}

/** What the fast way has written so far. One per call: a getter may encode a record, too. */
interface Pass {
  readonly tree: PathTree;
  text: string;
  known: (string | undefined)[] | undefined;
  count: number;
  /** Objects and leaves that may still be visited. */
  left: number;
  /** Objects from the root to here. */
  depth: number;
}

const trees = { escape: new PathTree(false), namespace: new PathTree(true) };

/** The canonical line of one record within all limits, without its newline. Never throws. */
export function encodeInput(head: RecordHead, attributes?: object, options: EncodeInputOptions = {}): string {
  const { dots = 'escape' } = options;
  const line = tryEncodeInput(head, attributes, dots);
  return line ?? encodeSlowly(head, attributes ?? {}, dots);
}

/** The line, or `undefined` when something about the record is not ordinary. */
export function tryEncodeInput(
  head: RecordHead,
  attributes: object | undefined,
  dots: 'escape' | 'namespace',
): string | undefined {
  const tree = trees[dots];
  const pass: Pass = { tree, text: '', known: undefined, count: 0, left: 2 * ATTRIBUTES_MAX, depth: 0 };
  if (attributes !== undefined && !tryWrite(pass, attributes)) return undefined;
  const line = assemble(head, pass);
  return line.length * 3 <= LINE_BYTES_MAX ? line : undefined;
}

function assemble(head: RecordHead, { known, text }: Pass): string {
  const { seq, time, kind, level, message } = head;
  let line = `{"seq":${seq},"time":"${time}","kind":"${kind}","level":"${level}","message":${quote(message)}`;
  for (const id of ENVELOPE_IDS) {
    const value = head[id];
    if (value !== undefined && value !== '') line += `,"${id}":${quote(value)}`;
  }
  if (known !== undefined) {
    for (let index = 0; index < known.length; index += 1) {
      const json = known[index];
      if (json !== undefined) line += KNOWN_PREFIXES[index] + json;
    }
  }
  return text === '' ? `${line}}` : `${line},"attributes":{${text.slice(1)}}}`;
}

function encodeSlowly(head: RecordHead, input: object, dots: 'escape' | 'namespace'): string {
  const attributes = flatten(input, { dots });
  const record: FlatRecord = { ...head, attributes };
  if (areAttributesWithinLimits(attributes)) {
    const line = encodeRecord(record);
    if (isLineShort(line)) return line;
  }
  return limitRecord(record, new Quarantine(attributes), attributes);
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
      if (node.known >= 0 && fitsKnownAt(value, node.known)) return writeKnown(pass, node, quote(value));
      return writeLeaf(pass, node, readsAsJson(value) ? JSON.stringify(quote(value)) : quote(value));
    case 'number':
      if (node.known >= 0 && fitsKnownAt(value, node.known)) return writeKnown(pass, node, String(value));
      return writeLeaf(pass, node, Number.isFinite(value) ? String(value) : `"${value}"`);
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
  return pass.count > before || writeLeaf(pass, node, '{}');
}

/** Fills the place of ancestors that are known not to be met again. */
const NOWHERE = {};

function writeArray(pass: Pass, value: readonly unknown[], node: PathNode): boolean {
  if (!isShallow(value, pass.depth, { left: FLATTEN_LEAVES_MAX })) return false;
  // The array counts as deep as it lies. One that spends most of the budget is left to the slow way to judge.
  const ancestors = Array<object>(pass.depth).fill(NOWHERE);
  const copy: Copy = { ancestors, left: FLATTEN_LEAVES_MAX, textLeft: 0 };
  const json = toJson(value, copy);
  return copy.left > FLATTEN_LEAVES_MAX / 2 && writeLeaf(pass, node, quoteTree(json));
}

/** A dotted key that is a path must not meet another key of its object. */
function hasConflict(node: PathNode, object: object): boolean {
  return node.conflicts.some((prefix) => Object.hasOwn(object, prefix));
}

function writeLeaf(pass: Pass, node: PathNode, json: string): boolean {
  pass.count += 1;
  pass.text += node.json + json;
  return pass.count <= ATTRIBUTES_MAX;
}

function writeKnown(pass: Pass, node: PathNode, json: string): boolean {
  pass.count += 1;
  pass.known ??= [];
  pass.known[node.known] = json;
  return true;
}
