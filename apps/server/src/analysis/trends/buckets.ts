/** Quantiles from the buckets of durations: eight per doubling, so a value is known within 4.5 %. */

const PER_DOUBLING = 8;

/** `pairs`: number of the bucket and how many are in it. Null when there are none. */
export function quantileOf(pairs: readonly (readonly [string, number])[], share: number): number | null {
  const sorted = pairs
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .toSorted((left, right) => left.bucket - right.bucket);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { bucket, count } of sorted) {
    seen += count;
    if (seen >= total * share) return Math.round(2 ** ((bucket + 0.5) / PER_DOUBLING) * 1000) / 1000;
  }
  return null;
}
