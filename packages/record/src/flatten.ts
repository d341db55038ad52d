/**
 * Nested ↔ flat, without loss: `unflatten(flatten(x))` equals `x` for every JSON object.
 *
 * Objects are descended; arrays and empty objects are leaves. Flattening happens once, at the first
 * writer, so it is total: cycles, getters that throw and depth beyond the limit leave a text where the value
 * was. With `dots: 'namespace'` a dotted key is a path (`{"http.route": …}` is `{http: {route: …}}`, the
 * habit of semantic conventions) and is escaped only where it would meet another key of its object.
 */
import { emptyFlat } from './flat.js';
import {
  CIRCULAR,
  TOO_MANY,
  graphTextOf,
  isShallow,
  readProperty,
  simplify,
  toJson,
  unreadable,
} from './json-text.js';
import type { Copy } from './json-text.js';
import { DEPTH_MAX, FLATTEN_LEAVES_MAX } from './limits.js';
import { escapeKey, splitPath } from './path.js';
import type { FlatAttributes, FlatValue, Json } from './types.js';

export interface FlattenOptions {
  readonly dots?: 'escape' | 'namespace';
}

/** For input that came from JSON, which is a tree with an end: nothing is left out. */
export interface TreeOptions extends FlattenOptions {
  /** Told about each value that lies too deep and became text. */
  readonly onTooDeep: (path: string) => void;
}

interface Walk extends Copy {
  readonly out: FlatAttributes;
  readonly namespace: boolean;
  written: number;
  /** Told about each value that became text because it lies too deep. */
  readonly onTooDeep: ((path: string) => void) | undefined;
}

/**
 * Total on anything a program can hand in. A graph without end is cut off after `FLATTEN_LEAVES_MAX` leaves,
 * and says so.
 */
export function flatten(value: object, options: FlattenOptions = {}): FlatAttributes {
  const left = FLATTEN_LEAVES_MAX;
  return start(value, { options, left, textLeft: 5 * left, onTooDeep: undefined });
}

/** As `flatten`, for what was JSON a moment ago. */
export function flattenTree(value: object, options: TreeOptions): FlatAttributes {
  const left = Number.POSITIVE_INFINITY;
  return start(value, { options, left, textLeft: left, onTooDeep: options.onTooDeep });
}

type Start = Pick<Walk, 'left' | 'textLeft' | 'onTooDeep'> & { readonly options: FlattenOptions };

function start(value: object, { options, ...limits }: Start): FlatAttributes {
  const out = emptyFlat();
  const namespace = options.dots === 'namespace';
  const walk: Walk = { out, namespace, written: 0, ancestors: [], ...limits };
  try {
    const simple = simplify(value);
    if (typeof simple === 'object' && simple !== null) descend(walk, simple, '');
    else if (simple !== undefined) out[''] = leafOf(simple);
  } catch (error) {
    out[''] = unreadable(error);
  }
  return out;
}

// Recursion is bounded by DEPTH_MAX.
function descend(walk: Walk, object: object, prefix: string): void {
  walk.ancestors.push(object);
  const keys = Object.keys(object);
  for (const key of keys) {
    const dotted = walk.namespace && key.includes('.') && isNamespace(key, object);
    const path = prefix + (dotted ? key : escapeKey(key));
    place(walk, path, readProperty(object, key));
  }
  walk.ancestors.pop();
}

/**
 * A dotted key is a path unless a part of it is a key beside it, or its parts could not be told apart again.
 */
function isNamespace(key: string, object: object): boolean {
  if (key.includes('\\') || /\p{Surrogate}/u.test(key)) return false;
  for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1)) {
    if (Object.hasOwn(object, key.slice(0, dot))) return false;
  }
  return true;
}

function place(walk: Walk, path: string, value: unknown): void {
  let simple: unknown;
  if (walk.left <= 0) {
    if (walk.left === 0) walk.out[path] = TOO_MANY;
    walk.written += 1;
    walk.left = -1;
    return;
  }
  walk.left -= 1;
  try {
    simple = simplify(value);
    if (simple === undefined) return;
    if (typeof simple === 'object' && simple !== null) simple = enter(walk, path, simple);
    if (simple === undefined) return;
  } catch (error) {
    simple = unreadable(error);
  }
  walk.out[path] = leafOf(simple);
  walk.written += 1;
}

/** Descends into an object. Answers the leaf to write instead, or `undefined` when its leaves are written. */
function enter(walk: Walk, path: string, value: object): unknown {
  if (walk.ancestors.includes(value)) return CIRCULAR;
  if (Array.isArray(value)) return enterArray(walk, path, value);
  const keys = Object.keys(value);
  if (keys.length === 0) return {};
  if (walk.ancestors.length >= DEPTH_MAX) {
    walk.onTooDeep?.(path);
    return graphTextOf(value, walk);
  }
  const before = walk.written;
  descend(walk, value, `${path}.`);
  // An object of nothing but undefined and functions is an empty one.
  return walk.written > before ? undefined : {};
}

function enterArray(walk: Walk, path: string, array: readonly unknown[]): unknown {
  if (!walk.onTooDeep || isShallow(array, walk.ancestors.length)) return toJson(array, walk);
  walk.onTooDeep(path);
  return graphTextOf(array, walk);
}

function leafOf(simple: unknown): FlatValue {
  return simple as FlatValue; // `simplify` and `toJson` let only JSON through, and objects only when empty
}

/**
 * Flat → nested. Total: a path that leads through a leaf (no flatten of ours makes one) keeps its dotted
 * name.
 */
export function unflatten(flat: FlatAttributes): { [key: string]: Json } {
  const root: Branch = {};
  for (const path of Object.keys(flat)) {
    const value = flat[path];
    if (value === undefined) continue;
    const keys = splitPath(path);
    const last = keys.pop() ?? '';
    const parent = branchAt(root, keys);
    if (parent && isFree(parent, last)) define(parent, last, value);
    else define(root, freeName(root, path), value);
  }
  return root as { [key: string]: Json }; // every leaf was a FlatValue
}

interface Branch {
  [key: string]: unknown;
}

function branchAt(root: Branch, keys: readonly string[]): Branch | undefined {
  let branch = root;
  for (const key of keys) {
    if (!Object.hasOwn(branch, key)) define(branch, key, {});
    const next = branch[key];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return undefined;
    branch = next as Branch; // neither null nor an array, so one of the objects made here
  }
  return branch;
}

function isFree(parent: Branch, key: string): boolean {
  return !Object.hasOwn(parent, key);
}

function freeName(root: Branch, path: string): string {
  let name = path;
  while (Object.hasOwn(root, name)) name += '#';
  return name;
}

function define(branch: Branch, key: string, value: unknown): void {
  if (key !== '__proto__') {
    branch[key] = isEmptyObject(value) ? {} : value;
    return;
  }
  // An assignment to `__proto__` would set the prototype instead of a key.
  Object.defineProperty(branch, key, { value, enumerable: true, configurable: true, writable: true });
}

/** `{}` is copied, because a later path may be written below it. */
function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}
