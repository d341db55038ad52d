/**
 * OTLP's values as plain JSON values, from both of its encodings.
 *
 * Protobuf gives `Long` and `Uint8Array`, JSON gives decimal strings, hex and base64; field names are the same. All
 * input is from outside: every function takes `unknown`, and answers with nothing rather than throwing.
 */
import { nsToTime } from '@sillok/record';
import type { Resource } from '@sillok/record';
import { TIME_NS_MAX, VALUE_DEPTH_MAX } from './limits.js';

export type Fields = { readonly [field: string]: unknown };

/** Own fields only: protobufjs keeps defaults on prototypes, and `__proto__` is an ordinary key. */
export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) return NOTHING;
  return value as Fields; // an object can be indexed
}
const NOTHING: Fields = Object.freeze({});

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** 64-bit integers of either encoding. */
export function bigintOf(value: unknown): bigint | undefined {
  // JSON numbers are against the specification for 64 bits, and some exporters send them all the same.
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value === 'string') return /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
  const { low, high, unsigned } = fieldsOf(value);
  if (typeof low !== 'number' || typeof high !== 'number') return undefined;
  const top = unsigned === true ? high >>> 0 : high;
  return BigInt(top) * 4_294_967_296n + BigInt(low >>> 0);
}

export function countOf(value: unknown): number {
  const count = Number(bigintOf(value) ?? 0n);
  return count > 0 ? count : 0;
}

/** Nanoseconds since 1970 as a record's time; nothing for 0, which OTLP uses for "not known". */
export function timeOf(value: unknown): string | undefined {
  const ns = bigintOf(value);
  if (ns === undefined || ns <= 0n || ns >= TIME_NS_MAX) return undefined;
  return nsToTime(ns);
}

/** Hex of an id; nothing when it is absent or all zeros, which both mean "none". */
export function idOf(value: unknown): string | undefined {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : textOf(value).toLowerCase();
  return text === '' || /^0+$/.test(text) ? undefined : text;
}

/** Values too deep to follow become this text, so that the record keeps all else. */
export const TOO_DEEP = `[not kept: nested deeper than ${VALUE_DEPTH_MAX}]`;

/** An `AnyValue` as JSON. Recursion is bounded by VALUE_DEPTH_MAX. Integers beyond 2^53 are kept as text. */
export function anyValue(value: unknown, depth = 0): unknown {
  if (depth > VALUE_DEPTH_MAX) return TOO_DEEP;
  const fields = fieldsOf(value);
  if (Object.hasOwn(fields, 'stringValue')) return textOf(fields['stringValue']);
  if (Object.hasOwn(fields, 'boolValue')) return fields['boolValue'] === true;
  if (Object.hasOwn(fields, 'intValue')) return integer(fields['intValue']);
  if (Object.hasOwn(fields, 'doubleValue')) return double(fields['doubleValue']);
  if (Object.hasOwn(fields, 'bytesValue')) return base64(fields['bytesValue']);
  if (Object.hasOwn(fields, 'arrayValue')) {
    return listOf(fieldsOf(fields['arrayValue'])['values']).map((item) => anyValue(item, depth + 1));
  }
  if (Object.hasOwn(fields, 'kvlistValue')) {
    return attributesOf(fieldsOf(fields['kvlistValue'])['values'], depth + 1);
  }
  return null;
}

/** A list of `KeyValue` as an object without prototype. Keys are unique by the specification; the last one wins. */
export function attributesOf(list: unknown, depth = 0): { [key: string]: unknown } {
  const result: { [key: string]: unknown } = Object.create(null);
  for (const item of listOf(list)) {
    const { key, value } = fieldsOf(item);
    if (typeof key === 'string') result[key] = anyValue(value, depth);
  }
  return result;
}

/** A resource holds scalars: anything else is kept as JSON text. */
export function resourceOf(value: unknown): Resource {
  const attributes = attributesOf(fieldsOf(value)['attributes']);
  const resource: { [key: string]: string | number | boolean } = {};
  for (const [key, found] of Object.entries(attributes)) {
    if (key === '__proto__' || found === null) continue;
    const scalar = typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean';
    resource[key] = scalar ? found : JSON.stringify(found);
  }
  return resource;
}

function integer(value: unknown): number | string | null {
  const whole = bigintOf(value);
  if (whole === undefined)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : String(whole);
}

/** JSON has no NaN and no infinity: OTLP/JSON writes them as text, and so does the record. */
function double(value: unknown): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'string' ? value : null;
}

function base64(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : textOf(value);
}
