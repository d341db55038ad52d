/**
 * Which part of a large side is looked at, so that each of its records (by trace: each trace) has the same chance and most of the
 * table is not read. Bins of time are picked at even steps through the side's records, so a bin with twice as many is picked twice as
 * often, and of the records of a picked bin so small a share is taken that it evens out: a burst is neither missed nor all there is.
 */
import type { Draw, WhyUnit } from '@sillok/query';
import {
  WHY_PICKS,
  WHY_RECORDS_MAX,
  WHY_TRACE_REACH_MS,
  WHY_TRACES_MAX,
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

export function drawingOf(
  side: Side,
  { unit, binNs, kinds }: { unit: WhyUnit; binNs: bigint; kinds: Shares },
): Drawing {
  const bins = binsOf(side, kinds);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const most = mostOf(side, unit);
  const all = { binNs, spans: [], bins: [], kinds: [...kinds] };
  const share = side.count === 0 ? 1 : total / side.count;
  if (total <= most) return { draw: all, share };
  const picked = pick(bins, total);
  // As many as even the bins with few can give, but for the least quarter of them: a single record of a quiet minute must not
  // make the whole draw small.
  const each = picked.map(({ count, times }) => count / times).toSorted((left, right) => left - right);
  const perPick = Math.min(most / WHY_PICKS, each[Math.floor(each.length / 4)] ?? 1);
  const reachNs = unit === 'trace' ? BigInt(WHY_TRACE_REACH_MS) * 1_000_000n : 0n;
  return {
    draw: {
      ...all,
      spans: merged(picked.map(({ firstNs, lastNs }) => [firstNs - reachNs, lastNs + 1n + reachNs])),
      bins: picked.map(({ bin, count, times }) => [bin, Math.min(1, (perPick * times) / count)]),
    },
    share: share * Math.min(1, (perPick * WHY_PICKS) / total),
  };
}

/** Shares of the base's kinds by which it has them as often as the slice: else it is the kinds that differ most. */
export function kindShares(slice: Side, base: Side): Shares {
  if (slice.kinds.size < 2) return new Map();
  const rates = [...slice.kinds].map(([kind, count]) => [kind, count / (base.kinds.get(kind) ?? 1)] as const);
  const most = Math.max(...rates.map(([, rate]) => rate));
  return new Map(rates.map(([kind, rate]) => [kind, rate / most]));
}

/** Traces are looked up at as many places as there are. A few are found by the index; more are taken near each other. */
function mostOf({ all }: Side, unit: WhyUnit): number {
  if (unit === 'record') return WHY_RECORDS_MAX;
  return all <= WHY_WHOLE_ROWS_MAX ? WHY_TRACES_MAX : WHY_TRACES_SCATTERED_MAX;
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

function pick(bins: readonly Counted[], total: number): (Counted & { readonly times: number })[] {
  const step = total / WHY_PICKS;
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
