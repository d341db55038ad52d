/** Records over time by level: the bars above a list of results. */
import { nsToTime, timeToNs } from '@sillok/record';
import { HISTOGRAM_BUCKETS_MAX } from '../limits.js';
import type { Query } from '../plan.js';
import { openScope, whereSql, type Scope, type Statement } from './scope.js';
import { binOffsetNs, binSql } from './stats.js';
import { timeText } from './value-sql.js';

export interface HistogramOptions extends Scope {
  readonly from: string;
  readonly to: string;
  /** How many bars are wanted; the answer has about as many, of a width that people read. */
  readonly buckets: number;
  readonly zoneOffsetMinutes?: number;
}

export interface HistogramStatement extends Statement {
  readonly widthNs: bigint;
  /** Where the first bar begins, at or before `from`. */
  readonly first: string;
}

const MS = 1_000_000n;
const SECOND = 1_000n * MS;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** Widths of bars that have a name. */
const WIDTHS: readonly bigint[] = [
  ...[1n, 2n, 5n, 10n, 20n, 50n, 100n, 200n, 500n].map((count) => count * MS),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((count) => count * SECOND),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((count) => count * MINUTE),
  ...[1n, 2n, 3n, 6n, 12n].map((count) => count * HOUR),
  ...[1n, 7n, 28n].map((count) => count * DAY),
];

/** Rows are `time` (start of the bar), `level`, `count`; bars without records have no row. */
export function compileHistogram(query: Query, options: HistogramOptions): HistogramStatement {
  const scope = openScope(query, options);
  const widthNs = barWidth(timeToNs(options.to) - timeToNs(options.from), options.buckets);
  const offsetNs = binOffsetNs(widthNs, options.zoneOffsetMinutes ?? 0);
  const bin = binSql(widthNs, offsetNs);
  const inner = `SELECT ${bin.key} AS b, level, count() AS c FROM ${scope.table} ${whereSql(scope)} GROUP BY b, level`;
  const start = timeText(bin.start('b'));
  const sql = `SELECT ${start} AS time, level, c AS count FROM (${inner}) ORDER BY b, level`;
  const fromNs = timeToNs(options.from) + offsetNs;
  const first = nsToTime((fromNs / widthNs) * widthNs - offsetNs);
  return { sql, params: scope.parameters.values(), columns: ['time', 'level', 'count'], widthNs, first };
}

function barWidth(rangeNs: bigint, buckets: number): bigint {
  const wanted = BigInt(Math.min(Math.max(1, Math.trunc(buckets)), HISTOGRAM_BUCKETS_MAX));
  const least = rangeNs / wanted;
  const named = WIDTHS.find((width) => width >= least);
  // Longer than any named width: whole days.
  return named ?? (least / DAY + 1n) * DAY;
}
