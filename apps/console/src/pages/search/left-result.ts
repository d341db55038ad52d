/**
 * The result that was left for another page or another question. Going back finds it as it was, with its place and its open
 * record, however far it had been scrolled. One at most, since it may be a hundred thousand records; none once the session ended.
 */
import { signedInStore } from '../../api/http.js';
import { cameBack } from '../../ui/address.js';
import type { Shown } from './use-search.js';

let left: Shown | undefined;
signedInStore.subscribe(() => (left = undefined));

export function leave(result: Shown): void {
  if (result.found !== undefined) left = result;
}

/** Whoever asks the same question again, by a link or by its text, wants a new answer. */
export function cameBackTo(key: string): Shown | undefined {
  const result = left?.key === key && cameBack() ? left : undefined;
  if (result !== undefined) left = undefined;
  return result;
}
