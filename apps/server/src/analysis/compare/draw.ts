/**
 * Which part of a large side is looked at, so that each of its records (by trace: each trace) has the same chance and most of the
 * table is not read. Bins of time are picked at even steps through the side's records, so a bin with twice as many is picked twice as
 * often, and of the records of a picked bin so small a share is taken that it evens out: a burst is neither missed nor all there is.
 */
import type { Draw, WhyUnit } from '@sillok/query';
import {
  WHY_PICKS_MAX,
  WHY_PICKS_MIN,
  WHY_TRACE_REACH_MS,
  WHY_TRACES_SCATTERED_MAX,
  WHY_WHOLE_ROWS_MAX,
} from '../limits.js';
import type { Side } from './side.js';

export interface Drawing {
  readonly draw: Draw;
  /** The share of the side that is compared, about. */
  readonly share: number;
}

type Shares = ReadonlyMap<string, number>;

export interface DrawingOptions {
  readonly unit: WhyUnit;
  readonly binNs: bigint;
  readonly kinds: Shares;
  /** All records of the project in the range. */
  readonly all: number;
  /** Units that are compared at most. */
  readonly most: number;
}

export function drawingOf(side: Side, { unit, binNs, kinds, all: rows, most }: DrawingOptions): Drawing {
  const bins = binsOf(side, kinds);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const whole = wholeOf(rows, unit, most);
  const all = { binNs, spans: [], bins: [], kinds: [...kinds] };
  const share = side.count === 0 ? 1 : total / side.count;
  if (total <= whole) return { draw: all, share };
  const picks = picksOf(total / bins.length, most);
  const picked = pick(bins, total / picks);
  // As many as even the bins with few can give, but for the least quarter of them: a single record of a quiet minute must not
  // make the whole draw small.
  const each = picked.map(({ count, times }) => count / times).toSorted((left, right) => left - right);
  const perPick = Math.min(most / picks, each[Math.floor(each.length / 4)] ?? 1);
  const reachNs = unit === 'trace' ? BigInt(WHY_TRACE_REACH_MS) * 1_000_000n : 0n;
  return {
    draw: {
      ...all,
      spans: merged(picked.map(({ firstNs, lastNs }) => [firstNs - reachNs, lastNs + 1n + reachNs])),
      bins: picked.map(({ bin, count, times }) => [bin, Math.min(1, (perPick * times) / count)]),
    },
    share: share * Math.min(1, (perPick * picks) / total),
  };
}

/** Shares of the base's kinds by which it has them as often as the slice: else it is the kinds that differ most. */
export function kindShares(slice: Side, base: Side): Shares {
  if (slice.kinds.size < 2) return new Map();
  const rates = [...slice.kinds].map(([kind, count]) => [kind, count / (base.kinds.get(kind) ?? 1)] as const);
  const most = Math.max(...rates.map(([, rate]) => rate));
  return new Map(rates.map(([kind, rate]) => [kind, rate / most]));
}

/** So many are not drawn from. Traces are looked up at as many places as there are: a few by the index, more near each other. */
function wholeOf(rows: number, unit: WhyUnit, most: number): number {
  return unit === 'record' || rows <= WHY_WHOLE_ROWS_MAX ? most : WHY_TRACES_SCATTERED_MAX;
}

interface Counted {
  readonly bin: bigint;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly count: number;
}

/** All kinds of a bin together, in order of time. */
function binsOf(side: Side, kinds: Shares): Counted[] {
  const bins = new Map<bigint, Counted>();
  for (const { bin, kind, count, firstNs, lastNs } of side.bins) {
    const weighed = count * (kinds.size === 0 ? 1 : (kinds.get(kind) ?? 0));
    const before = bins.get(bin);
    bins.set(bin, {
      bin,
      count: weighed + (before?.count ?? 0),
      firstNs: before !== undefined && before.firstNs < firstNs ? before.firstNs : firstNs,
      lastNs: before !== undefined && before.lastNs > lastNs ? before.lastNs : lastNs,
    });
  }
  return [...bins.values()].toSorted((left, right) => (left.bin < right.bin ? -1 : 1));
}

/** More places where each has little. */
function picksOf(perBin: number, most: number): number {
  return Math.round(Math.min(WHY_PICKS_MAX, Math.max(WHY_PICKS_MIN, most / perBin)));
}

function pick(bins: readonly Counted[], step: number): (Counted & { readonly times: number })[] {
  let passed = 0;
  return bins.flatMap((each) => {
    const before = Math.floor(passed / step + 0.5);
    passed += each.count;
    const times = Math.floor(passed / step + 0.5) - before;
    return times === 0 ? [] : [{ ...each, times }];
  });
}

function merged(spans: readonly (readonly [bigint, bigint])[]): [bigint, bigint][] {
  const result: [bigint, bigint][] = [];
  for (const [from, to] of spans) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to > last[1] ? to : last[1];
    else result.push([from, to]);
  }
  return result;
}
