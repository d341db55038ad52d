/**
 * A straight line through daily values, with the interval that its slope lies in by 95 %, and when it reaches a limit. From
 * too few days, or from values that scatter so much that the slope may as well be the other way, nothing is said.
 */
import type { TrendEndpoint, TrendLine } from '@sillok/api';
import { DAY_MS, TREND_CHANGE_SHARE_MIN, TREND_CROSSING_DAYS_MAX, TREND_DAYS_MIN } from '../limits.js';

export interface Point {
  /** Days since 1970. */
  readonly day: number;
  readonly value: number;
}

interface Fit {
  readonly slope: number;
  readonly error: number;
  readonly meanDay: number;
  readonly meanValue: number;
  readonly count: number;
}

export function trendOfDays(points: readonly Point[], lessIsBetter: boolean): TrendLine | null {
  const fit = fitLine(points);
  if (fit === undefined) return null;
  const reach = studentT(fit.count - 2) * fit.error;
  const [low, high] = [fit.slope - reach, fit.slope + reach];
  const days = (points.at(-1)?.day ?? 0) - (points[0]?.day ?? 0);
  // A slope may be certain and yet too small to matter.
  const isLarge = Math.abs(fit.slope) * days >= Math.abs(fit.meanValue) * TREND_CHANGE_SHARE_MIN;
  const direction = !isLarge ? 0 : low > 0 ? 1 : high < 0 ? -1 : 0;
  const getting = direction === 0 ? 'steady' : direction > 0 === lessIsBetter ? 'worse' : 'better';
  return { days: points.length, change_per_day: fit.slope, change_min: low, change_max: high, getting };
}

/** Null when it does not rise, has crossed already, or would cross so late that nobody can say. */
export function crossingOf(
  points: readonly Point[],
  line: TrendLine | null,
  limit: number,
): TrendEndpoint['crosses'] {
  const fit = fitLine(points);
  const last = points.at(-1)?.day;
  if (fit === undefined || last === undefined || line?.getting !== 'worse') return null;
  const now = fit.meanValue + fit.slope * (last - fit.meanDay);
  if (now >= limit) return null;
  const after = (slope: number): number => last + (limit - now) / slope;
  const expected = after(fit.slope);
  if (expected - last > TREND_CROSSING_DAYS_MAX) return null;
  const latest = after(line.change_min);
  return {
    expected: dayText(expected),
    earliest: dayText(after(line.change_max)),
    latest: latest - last > TREND_CROSSING_DAYS_MAX ? null : dayText(latest),
  };
}

function fitLine(points: readonly Point[]): Fit | undefined {
  const count = points.length;
  if (count < TREND_DAYS_MIN) return undefined;
  const meanDay = points.reduce((sum, { day }) => sum + day, 0) / count;
  const meanValue = points.reduce((sum, { value }) => sum + value, 0) / count;
  const spread = points.reduce((sum, { day }) => sum + (day - meanDay) ** 2, 0);
  if (spread === 0) return undefined;
  const slope =
    points.reduce((sum, { day, value }) => sum + (day - meanDay) * (value - meanValue), 0) / spread;
  const rest = points.reduce(
    (sum, { day, value }) => sum + (value - meanValue - slope * (day - meanDay)) ** 2,
    0,
  );
  return { slope, error: Math.sqrt(rest / (count - 2) / spread), meanDay, meanValue, count };
}

/** 97.5 % quantile of Student's t, by the expansion around the normal one: right within 0.3 % from five degrees on. */
function studentT(freedom: number): number {
  const z = 1.959964;
  const first = (z ** 3 + z) / (4 * freedom);
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3);
  return z + first + second + third;
}

export function dayOf(text: string): number {
  return Date.parse(`${text}T00:00:00Z`) / DAY_MS;
}

function dayText(day: number): string {
  return new Date(Math.round(day) * DAY_MS).toISOString().slice(0, 10);
}
