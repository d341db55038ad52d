/**
 * What can be wrong with a search text. It is bad input, so it is returned and never thrown: each error points at
 * the characters, says what is wrong there and what to write instead.
 */

import type { QueryErrorCode } from './explanations.js';

export interface QueryError {
  /** Stays; what the sentence is found by in another language, with `values` in it. */
  readonly code: QueryErrorCode;
  readonly values: readonly string[];
  /** First character, counted from 0 in UTF-16 units as editors count. */
  readonly from: number;
  /** One past the last character; equal to `from` where something is missing. */
  readonly to: number;
  readonly message: string;
  readonly help: string;
}

/** Advice on a text that is valid. */
export interface QueryHint extends QueryError {
  /** The field name that was probably meant. */
  readonly suggestion?: string;
}
