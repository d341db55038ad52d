/** Recent and starred searches, kept by this browser. A star keeps a search from being pushed out by newer ones. */
import { RECENT_SEARCHES_MAX } from '../../limits.js';
import { createKeptStore } from '../../ui/store.js';

export interface KeptSearch {
  readonly q: string;
  readonly starred: boolean;
}

function isKept(value: unknown): value is readonly KeptSearch[] {
  return (
    Array.isArray(value) &&
    value.every((each) => typeof Object(each).q === 'string' && typeof Object(each).starred === 'boolean')
  );
}

export const keptSearches = createKeptStore<readonly KeptSearch[]>('sillok.searches', [], isKept);

export function remember(q: string): void {
  if (q === '') return;
  const now = keptSearches.get();
  const known = now.find((each) => each.q === q);
  const rest = now.filter((each) => each.q !== q);
  keptSearches.set(shortened([known ?? { q, starred: false }, ...rest]));
}

export function toggleStar(q: string): void {
  const now = keptSearches.get();
  const known = now.find((each) => each.q === q);
  if (known === undefined) keptSearches.set(shortened([{ q, starred: true }, ...now]));
  else keptSearches.set(now.map((each) => (each.q === q ? { ...each, starred: !each.starred } : each)));
}

/** The oldest that has no star goes first. */
function shortened(list: readonly KeptSearch[]): readonly KeptSearch[] {
  if (list.length <= RECENT_SEARCHES_MAX) return list;
  const index = list.findLastIndex((each) => !each.starred);
  return index < 0 ? list.slice(0, RECENT_SEARCHES_MAX) : list.toSpliced(index, 1);
}
