import { expect, test } from 'vitest';
import { WHY_PICKS_MAX, WHY_RECORDS_MAX } from '../limits.js';
import { drawingOf, kindShares } from './draw.js';
import { sideOf, type Side } from './side.js';

const MINUTE_NS = 60_000_000_000n;
const OPTIONS = {
  unit: 'record',
  binNs: MINUTE_NS,
  kinds: new Map<string, number>(),
  all: 5_000_000,
  most: WHY_RECORDS_MAX,
} as const;

/** One row per minute and kind, as the engine answers. */
function sideWith(counts: readonly number[]): Side {
  return sideOf(
    counts.flatMap((count, bin) => {
      const first = BigInt(bin) * MINUTE_NS;
      return count === 0 ? [] : [[String(bin), 'log', count, String(first), String(first + 9n)]];
    }),
  );
}

const drawnOf = (counts: readonly number[], side: Side): number[] => {
  const shares = new Map(drawingOf(side, OPTIONS).draw.bins);
  return counts.map((count, bin) => count * (shares.get(BigInt(bin)) ?? 0));
};
const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each, 0);

test('a small side is compared as a whole', () => {
  const { draw, share } = drawingOf(sideWith([100, 200, WHY_RECORDS_MAX - 300]), OPTIONS);
  expect(draw).toMatchObject({ spans: [], bins: [] });
  expect(share).toBe(1);
});

test('of a large side as many are drawn as may be, from a few places', () => {
  const counts = Array.from({ length: 2_000 }, (_, bin) => 2_000 + (bin % 700));
  const side = sideWith(counts);
  const { draw, share } = drawingOf(side, OPTIONS);
  expect(draw.spans.length).toBeLessThanOrEqual(WHY_PICKS_MAX);
  const drawn = sum(drawnOf(counts, side));
  expect(drawn).toBeGreaterThan(WHY_RECORDS_MAX * 0.95);
  expect(drawn).toBeLessThanOrEqual(WHY_RECORDS_MAX * 1.05);
  expect(share).toBeCloseTo(WHY_RECORDS_MAX / side.count, 3);
});

test('a burst is as large a part of the draw as of the side', () => {
  const counts = Array.from({ length: 2_000 }, (_, bin) => (bin === 777 ? 200_000 : 100));
  const drawn = drawnOf(counts, sideWith(counts));
  expect((drawn[777] ?? 0) / sum(drawn)).toBeCloseTo(0.5, 1);
});

test('many records that are far apart are drawn from single moments', () => {
  const counts = Array.from({ length: 15_000 }, () => 1);
  const { draw } = drawingOf(sideWith(counts), OPTIONS);
  expect(draw.spans).toHaveLength(WHY_PICKS_MAX);
  for (const [from, to] of draw.spans) expect(to - from).toBe(10n);
});

test('by trace its records are looked for around the moment, and moments that overlap are one', () => {
  const counts = Array.from({ length: 2_000 }, () => 1);
  const { draw } = drawingOf(sideWith(counts), { ...OPTIONS, unit: 'trace', binNs: MINUTE_NS });
  const [[from, to] = [0n, 0n]] = draw.spans;
  expect(to - from).toBe(10n + 10_000_000_000n);
  const close = sideOf(
    counts.map((count, bin) => {
      const ns = String(BigInt(bin) * 100_000_000n);
      return [String(bin), 'log', count, ns, ns];
    }),
  );
  expect(drawingOf(close, { ...OPTIONS, unit: 'trace', binNs: 100_000_000n }).draw.spans).toHaveLength(1);
});

test('kinds are drawn from the base in the proportions of the slice', () => {
  const both = (log: number, access: number): Side =>
    sideOf([
      ['0', 'access', access, '0', '1'],
      ['0', 'log', log, '0', '1'],
    ]);
  const base = both(9_000, 1_000);
  const shares = kindShares(both(10, 90), base);
  const drawn = (kind: string): number => (base.kinds.get(kind) ?? 0) * (shares.get(kind) ?? 0);
  expect(drawn('log') / drawn('access')).toBeCloseTo(10 / 90, 6);
  expect(drawn('access')).toBe(1_000);
});
