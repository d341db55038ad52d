/** Fields that are encoded once and joined to many records: bindings of loggers, contexts of requests. */
import { emptyFlat, flatten, fromStoredText, type FlatAttributes, type FlatValue } from '@sillok/record';
import type { PathEntry } from './paths.js';

export interface Fragment {
  readonly items: readonly FragmentItem[];
  /** All items that stand under `attributes`, joined, without a leading comma. */
  readonly attributes: string;
  /** All items that stand at the top level, joined, each with a leading comma. */
  readonly placed: string;
  readonly mask: number;
  /** Set when these fields cannot be encoded fast; then no record with them can. */
  readonly slow: FlatAttributes | undefined;
}

export interface FragmentItem {
  readonly entry: PathEntry;
  /** The value's JSON. */
  readonly json: string;
  /** Stands at the top level. */
  readonly placed: boolean;
}

export const EMPTY_FRAGMENT: Fragment = {
  items: [],
  attributes: '',
  placed: '',
  mask: 0,
  slow: undefined,
};

/** The fields of a fragment for the slow way. */
export function flatOf(fragment: Fragment): FlatAttributes {
  if (fragment.slow !== undefined) return fragment.slow;
  const flat = emptyFlat();
  for (const { entry, json, placed } of fragment.items) {
    const value: FlatValue = JSON.parse(json);
    // What is placed is written as it is; attributes follow the text rule.
    flat[entry.path] = typeof value === 'string' && !placed ? fromStoredText(value) : value;
  }
  return flat;
}

/** Fields that the fast encoder does not take, over those of `base`. */
export function slowFragment(fields: object, base: Fragment): Fragment {
  const slow = Object.assign(flatOf(base), flatten(fields, { dots: 'namespace' }));
  return { ...EMPTY_FRAGMENT, slow };
}
