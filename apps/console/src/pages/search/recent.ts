/** Recent searches, kept by this browser alone. */
import { RECENT_SEARCHES_MAX } from '../../limits.js';
import { createKeptStore } from '../../ui/store.js';

const isList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

export const recentSearches = createKeptStore<readonly string[]>('sillok.recent', [], isList);

export function remember(q: string): void {
  if (q === '') return;
  const rest = recentSearches.get().filter((each) => each !== q);
  recentSearches.set([q, ...rest].slice(0, RECENT_SEARCHES_MAX));
}
