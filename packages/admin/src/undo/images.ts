/** Images of an entity, compared field by field by their flattened paths. Pure. */
import {
  flatten,
  isSameValue,
  REDACTED,
  unflatten,
  type FlatAttributes,
  type FlatValue,
} from '@sillok/record';
import { isSealed } from '@sillok/record/personal';
import type { Image } from './define.js';

export type Fields = ReadonlyMap<string, FlatValue>;

export function fieldsOf(image: unknown): Fields {
  if (typeof image !== 'object' || image === null) return new Map();
  // As it would be written: dates become texts, what is undefined is not there.
  const plain: unknown = JSON.parse(JSON.stringify(image));
  return new Map(Object.entries(flatten(plain as object))); // an object stays one
}

export function imageOf(fields: Fields): Image {
  const flat: FlatAttributes = Object.fromEntries(fields);
  return unflatten(flat);
}

export function isSame(left: FlatValue | undefined, right: FlatValue | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return isSameValue(left, right);
}

/** Paths on which two images differ. */
export function differing(left: Fields, right: Fields): string[] {
  const paths = new Set([...left.keys(), ...right.keys()]);
  return [...paths].filter((path) => !isSame(left.get(path), right.get(path)));
}

const HIDDEN = /\[hidden [0-9a-f]{8}\]/;
/** As the SDK writes where a personal value could not be sealed. */
const PERSONAL = '(personal: ';
const CUT = /…\[cut: \d+ bytes, sha256 [0-9a-f]+\]…/;

/** Whether a value is what stood there, and not a stand-in for it. */
export function isKept(value: FlatValue | undefined): boolean {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  const isStandIn = text.includes(REDACTED) || text.includes(PERSONAL) || HIDDEN.test(text) || CUT.test(text);
  return !isStandIn && !isSealed(text);
}
