/** Equal steps of time for small trends: how wide they are, and counts as a list with its zeros. */
import type { Range } from '../../read/reading.js';
import { timeToNs } from '@sillok/record';

export interface Steps {
  readonly fromNs: bigint;
  readonly stepNs: bigint;
  readonly count: number;
}

/** `extent` is used for an end that was not asked for. */
export function stepsOf(range: Range, extent: { first: bigint; last: bigint }, count: number): Steps {
  const fromNs = range.from === undefined ? extent.first : timeToNs(range.from);
  const toNs = range.to === undefined ? extent.last + 1n : timeToNs(range.to);
  const length = toNs > fromNs ? toNs - fromNs : 1n;
  const stepNs = length / BigInt(count) + 1n;
  return { fromNs, stepNs, count };
}

/** `sumMap` of the engine, `[keys, values]` → one number per step. */
export function trendOf(pairs: unknown, count: number): number[] {
  const trend = Array.from({ length: count }, () => 0);
  for (const [step, found] of pairsOf(pairs)) {
    const index = Number(step);
    if (index >= 0 && index < count) trend[index] = (trend[index] ?? 0) + found;
  }
  return trend;
}

export function pairsOf(pairs: unknown): (readonly [string, number])[] {
  const [keys, values] = listsOf(pairs);
  return keys.map((key, index) => [String(key), Number(values[index] ?? 0)] as const);
}

/** A tuple of two arrays, as the engine writes it: named tuples come as objects. */
function listsOf(pairs: unknown): [readonly unknown[], readonly unknown[]] {
  const parts = typeof pairs === 'object' && pairs !== null ? Object.values(pairs) : [];
  const [keys, values] = parts;
  return [Array.isArray(keys) ? keys : [], Array.isArray(values) ? values : []];
}
