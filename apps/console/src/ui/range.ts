/**
 * The time range of a page, as it stands in the address: `from` and `to` as the API takes them. Without them the last
 * 24 hours are meant; `from=0` is everything.
 */
import { useEffect, useMemo } from 'react';
import { go, hrefHere, useAddress } from './address.js';

export interface TimeRange {
  /** Relative (`-24h`) or RFC 3339. Undefined: from the first record on. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export const DEFAULT_FROM = '-24h';
const EVERYTHING = '0';

export function useRange(): TimeRange {
  const { parameters } = useAddress();
  const [from, to] = [parameters.get('from') ?? DEFAULT_FROM, parameters.get('to') ?? undefined];
  return useMemo(() => ({ from: from === EVERYTHING ? undefined : from, to }), [from, to]);
}

/** The parameters that say this range in an address. */
export function rangeParameters({ from, to }: TimeRange): {
  from: string | undefined;
  to: string | undefined;
} {
  return { from: from === DEFAULT_FROM ? undefined : (from ?? EVERYTHING), to };
}

/** For a page that looks at another range than others when its address names none; the address then says so, for the time picker too. */
export function useFrom(preset: string): string {
  const { path, parameters } = useAddress();
  const from = parameters.get('from') ?? undefined;
  useEffect(() => {
    if (from === undefined) go(hrefHere({ from: preset }), { replace: true });
  }, [from, preset, path]);
  return from ?? preset;
}

export function chooseRange(range: TimeRange): void {
  // Said in full, since a page may mean another range than the usual one when its address names none.
  go(hrefHere({ from: range.from ?? EVERYTHING, to: range.to }));
}

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The moment that a bound means now. Undefined for a text that is neither relative nor a time. */
export function momentOf(bound: string, nowMs: number): number | undefined {
  if (bound === 'now') return nowMs;
  const relative = /^-(\d+)([smhdw])$/.exec(bound);
  if (relative !== null) return nowMs - Number(relative[1]) * (UNITS_MS[relative[2] ?? ''] ?? 0);
  const ms = Date.parse(bound);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The same range with both ends fixed, for a link that shows tomorrow what is seen today. */
export function fixedRange({ from, to }: TimeRange, nowMs: number): TimeRange {
  const iso = (bound: string): string => {
    const ms = momentOf(bound, nowMs);
    return ms === undefined || !/^(now|-)/.test(bound) ? bound : new Date(ms).toISOString();
  };
  return { from: from === undefined ? undefined : iso(from), to: iso(to ?? 'now') };
}
