/**
 * Any JavaScript value → JSON, whatever it is: cycles, getters that throw, depth without end, NaN, bigint,
 * functions, graphs whose branches meet again and again. `toJson` makes a plain copy to a bounded depth (and
 * returns clean input as it is); `graphTextOf` writes text without recursion, for what lies deeper.
 */
import { DEPTH_MAX } from './limits.js';
import type { Json } from './types.js';

/** What stands for a value that refers to one of its own ancestors. */
export const CIRCULAR = '(circular)';

/** What is left when looking at a value throws. */
export function unreadable(error: unknown): string {
  try {
    return `(unreadable: ${error instanceof Error ? error.message : String(error)})`;
  } catch {
    return '(unreadable)';
  }
}

/**
 * Turns what JSON has no form for into something that has. Returns `undefined` for what JSON leaves out
 * (undefined, functions, symbols), and objects and arrays as they are, to be walked by the caller.
 */
export function simplify(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case 'object':
      return value === null ? null : simplifyObject(value);
    default:
      return undefined;
  }
}

function simplifyObject(value: object): unknown {
  if (Array.isArray(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return 'toJSON' in value && typeof value.toJSON === 'function' ? simplifyOnce(value.toJSON()) : value;
  }
  if (value instanceof Error) return errorFields(value);
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value)) return base64(value);
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'Invalid Date';
  if ('toJSON' in value && typeof value.toJSON === 'function') return simplifyOnce(value.toJSON());
  return value;
}

/** As in `JSON.stringify`, the answer of `toJSON` is not asked for its own `toJSON`. */
function simplifyOnce(value: unknown): unknown {
  if (typeof value === 'object') return value;
  return simplify(value);
}

function errorFields(error: Error): object {
  const fields: { [key: string]: unknown } = { type: error.name, message: error.message, stack: error.stack };
  if (error.cause !== undefined) fields['cause'] = error.cause;
  return Object.assign(fields, error);
}

function base64(view: ArrayBufferView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** For what came from JSON, which has an end. */
const UNBOUNDED = { left: Number.POSITIVE_INFINITY };

/** Whether arrays nest no deeper than the limit. `budget` bounds the values of a graph without end. */
export function isShallow(value: unknown, depth = 0, budget = UNBOUNDED): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= DEPTH_MAX) return false;
  const below = Array.isArray(value) ? value : Object.values(value);
  budget.left -= below.length;
  return budget.left >= 0 && below.every((child) => isShallow(child, depth + 1, budget));
}

/** A copy in the making. */
export interface Copy {
  /** From the root to here: a value found among them refers to itself. */
  readonly ancestors: object[];
  /** Values that may still be written: a graph whose branches meet again and again has no end otherwise. */
  left: number;
  /** The same for values that lie too deep and become text. */
  textLeft: number;
}

/** What stands where nothing more may be written. */
export const TOO_MANY = '(too many values)';

/** A plain JSON value for `value`; the same object when it is one already. Deeper than the limit: text. */
export function toJson(value: unknown, copy: Copy): Json {
  try {
    const simple = simplify(value);
    if (simple === undefined) return null;
    if (typeof simple !== 'object' || simple === null) return primitive(simple);
    if (copy.ancestors.includes(simple)) return CIRCULAR;
    if (copy.left <= 0) return TOO_MANY;
    copy.left -= 1;
    if (copy.ancestors.length >= DEPTH_MAX) return graphTextOf(simple, copy);
    copy.ancestors.push(simple);
    const json = Array.isArray(simple) ? arrayToJson(simple, copy) : objectToJson(simple, copy);
    copy.ancestors.pop();
    return json;
  } catch (error) {
    return unreadable(error);
  }
}

function primitive(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}

function arrayToJson(array: readonly unknown[], walk: Copy): Json {
  const copy: Json[] = [];
  let same = true;
  for (let index = 0; index < array.length; index += 1) {
    const json = toJson(array[index], walk);
    if (json !== array[index]) same = false;
    copy.push(json);
  }
  return same && !('toJSON' in array) ? (array as Json[]) : copy; // every element was JSON already
}

function objectToJson(object: object, walk: Copy): Json {
  const copy: { [key: string]: Json } = {};
  for (const key of Object.keys(object)) {
    const value = readProperty(object, key);
    if (isAbsent(value)) continue;
    const json = toJson(value, walk);
    // `__proto__` as an assigned key would set the prototype.
    Object.defineProperty(copy, key, { value: json, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

/** What JSON leaves out. */
function isAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

/** Reads a property; a getter that throws leaves a text in its place. */
export function readProperty(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch (error) {
    return unreadable(error);
  }
}

/** JSON text of a value that came from JSON, however deep. */
export function jsonTextOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return graphTextOf(value, { textLeft: Number.POSITIVE_INFINITY });
  }
}

/** JSON text of any value at all, without recursion; `budget` bounds the values of a graph without end. */
export function graphTextOf(value: unknown, budget: { textLeft: number }): string {
  return new GraphWriter(budget).write(value);
}

interface Frame {
  readonly value: object;
  readonly keys: readonly string[] | undefined;
  readonly length: number;
  next: number;
  first: boolean;
}

function openFrame(value: object): Frame {
  const keys = Array.isArray(value) ? undefined : Object.keys(value);
  // Without keys it is an array.
  const length = keys?.length ?? (value as unknown[]).length;
  return { value, keys, length, next: 0, first: true };
}

class GraphWriter {
  readonly #budget: { textLeft: number };
  readonly #parts: string[] = [];
  readonly #frames: Frame[] = [];
  readonly #open = new Set<object>();

  constructor(budget: { textLeft: number }) {
    this.#budget = budget;
  }

  write(root: unknown): string {
    this.#begin(root);
    for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) {
      if (frame.next < frame.length) this.#entry(frame);
      else this.#close(frame);
    }
    return this.#parts.join('');
  }

  #entry(frame: Frame): void {
    const key = frame.keys ? (frame.keys[frame.next] ?? '') : String(frame.next);
    frame.next += 1;
    const value = readProperty(frame.value, key);
    if (frame.keys && isAbsent(value)) return;
    if (!frame.first) this.#parts.push(',');
    frame.first = false;
    if (frame.keys) this.#parts.push(`${JSON.stringify(key)}:`);
    this.#begin(value);
  }

  #close(frame: Frame): void {
    this.#parts.push(frame.keys ? '}' : ']');
    this.#open.delete(frame.value);
    this.#frames.pop();
  }

  /** Writes a leaf, or opens what has leaves. */
  #begin(value: unknown): void {
    try {
      const simple = simplify(value) ?? null;
      this.#budget.textLeft -= 1;
      if (typeof simple !== 'object' || simple === null) this.#parts.push(JSON.stringify(simple));
      else if (this.#open.has(simple)) this.#parts.push(JSON.stringify(CIRCULAR));
      else if (this.#budget.textLeft < 0) this.#parts.push(JSON.stringify(TOO_MANY));
      else this.#enter(simple);
    } catch (error) {
      this.#parts.push(JSON.stringify(unreadable(error)));
    }
  }

  #enter(value: object): void {
    const frame = openFrame(value);
    this.#frames.push(frame);
    this.#open.add(value);
    this.#parts.push(frame.keys ? '{' : '[');
  }
}
