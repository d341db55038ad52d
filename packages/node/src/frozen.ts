/**
 * Fields of a context: a copy that the caller cannot change any more. Whatever is not plain data becomes what it would
 * be in the record.
 */
import { flatten, unflatten } from '@sillok/record';
import { setOwn } from './own-property.js';

export type FrozenFields = { readonly [key: string]: unknown };

export const NO_FIELDS: FrozenFields = Object.freeze({});

/** `before` with `fields` over it; `undefined` as a value takes a field away. */
export function mergeFields(before: FrozenFields, fields: object): FrozenFields {
  const merged: { [key: string]: unknown } = { ...before };
  for (const [key, value] of Object.entries(fields)) {
    // Scalars under plain names are the usual case, and need no deep copy.
    if (!isScalar(value) || key.includes('.') || key === '__proto__') return mergeCopy(before, fields);
    if (value === undefined) delete merged[key];
    else merged[key] = value;
  }
  return merged;
}

function isScalar(value: unknown): boolean {
  return (
    value === undefined || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
  );
}

function mergeCopy(before: FrozenFields, fields: object): FrozenFields {
  const merged: { [key: string]: unknown } = { ...before };
  for (const key of Object.keys(fields)) {
    if (Reflect.get(fields, key) === undefined) delete merged[key];
  }
  const plain: object = JSON.parse(JSON.stringify(unflatten(flatten(fields, { dots: 'namespace' }))));
  for (const [key, value] of Object.entries(plain)) setOwn(merged, key, value);
  return merged;
}

/** The same fields for a stranger's eyes. Without recursion: lists are kept whole and may be deep. */
export function frozen(fields: FrozenFields): FrozenFields {
  const root = { ...fields };
  const waiting: object[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    Object.freeze(next);
    for (const value of Object.values(next)) {
      if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) waiting.push(value);
    }
  }
  return root;
}
