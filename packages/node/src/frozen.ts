/**
 * A copy of fields that nobody can change any more: what a request's context holds, and what `getContext` shows.
 * Whatever is not plain data becomes what it would be in the record.
 */
import { flatten, unflatten } from '@sillok/record';
import { setOwn } from './own-property.js';

export type FrozenFields = { readonly [key: string]: unknown };

export const NO_FIELDS: FrozenFields = Object.freeze({});

/** `before` with `fields` over it; `undefined` as a value takes a field away. */
export function mergeFrozen(before: FrozenFields, fields: object): FrozenFields {
  const merged: { [key: string]: unknown } = { ...before };
  for (const [key, value] of Object.entries(isFlat(fields) ? fields : plainCopy(fields))) {
    if (value === undefined) delete merged[key];
    else setOwn(merged, key, value);
  }
  return Object.freeze(merged);
}

/** Scalars only, which nobody can change: the usual case, and ten times cheaper. */
function isFlat(fields: object): boolean {
  return Object.entries(fields).every(([key, value]) => {
    if (key === '__proto__' || key.includes('.')) return false;
    return (
      value === undefined || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
    );
  });
}

function plainCopy(fields: object): object {
  return deepFreeze(JSON.parse(JSON.stringify(unflatten(flatten(fields, { dots: 'namespace' })))));
}

/** Without recursion, though the depth is bounded by `flatten`: lists are kept whole and may be deep. */
function deepFreeze(root: object): object {
  const waiting: object[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    Object.freeze(next);
    for (const value of Object.values(next)) {
      if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) waiting.push(value);
    }
  }
  return root;
}
