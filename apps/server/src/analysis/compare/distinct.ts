/**
 * How many different ones there are in several groups together: of each group the count and its smallest hashes, as the
 * engine answers them. Few are counted exactly; of many the share of the smallest hashes tells the whole ("k minimum
 * values", Bar-Yossef et al. 2002).
 */
import { DISTINCT_HASHES, DISTINCT_HASH_BITS } from '@sillok/query';

export interface Distinct {
  readonly count: number;
  /** The smallest hashes, ascending; all of them when they are fewer than `DISTINCT_HASHES`. */
  readonly least: readonly number[];
}

/** `count` and `least` are what the engine answered: numbers or their decimal text. */
export function distinctOf(count: unknown, least: unknown): Distinct {
  return { count: Number(count), least: Array.isArray(least) ? least.map(Number) : [] };
}

/** Exact while both have fewer than `DISTINCT_HASHES`; else within about 6 %, never below the larger nor above the sum. */
export function unite(left: Distinct, right: Distinct): Distinct {
  const all = [...new Set([...left.least, ...right.least])].toSorted((one, two) => one - two);
  const isWhole = left.least.length < DISTINCT_HASHES && right.least.length < DISTINCT_HASHES;
  const least = all.slice(0, DISTINCT_HASHES);
  if (isWhole && all.length < DISTINCT_HASHES) return { count: all.length, least };
  const largest = least.at(-1) ?? 0;
  const guess = isWhole
    ? all.length
    : Math.round((least.length - 1) / ((largest + 1) / 2 ** DISTINCT_HASH_BITS));
  const within = Math.min(Math.max(guess, left.count, right.count), left.count + right.count);
  return { count: within, least };
}
