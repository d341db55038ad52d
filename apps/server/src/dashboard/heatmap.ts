/** A heatmap as rows of a panel: time, lower end of the step, how many. Steps are 1, 2, 5, 10 … */
import { compileHeatmap, fieldOf, type Query } from '@sillok/query';
import { nsToTime } from '@sillok/record';

import { ROWS_MAX } from './limits.js';

const BOUNDS: readonly number[] = Array.from({ length: 22 }, (_, index) =>
  Number(`${[1, 2, 5][index % 3] ?? 1}e${Math.floor(index / 3) - 1}`),
);

export const HEATMAP_COLUMNS = [
  { name: 'time', type: 'String' },
  { name: 'from', type: 'Float64' },
  { name: 'count()', type: 'UInt64' },
];

export interface HeatmapScope {
  readonly project: string;
  readonly table: string;
  readonly nowMs: number;
  readonly from: string;
  readonly to: string;
  readonly bucketMs: number;
}

export function heatmapStatement(
  query: Query,
  field: string,
  { project, table, nowMs, from, to, bucketMs }: HeatmapScope,
): { sql: string; params: Readonly<Record<string, unknown>> } {
  const { sql, params } = compileHeatmap({
    project,
    table,
    nowNs: BigInt(nowMs) * 1_000_000n,
    slice: { query: { ...query, stages: [] }, from, to },
    field: fieldOf(field),
    stepNs: BigInt(bucketMs) * 1_000_000n,
    bounds: BOUNDS,
    rows: ROWS_MAX + 1,
  });
  return { sql, params };
}

/** The statement numbers times and steps; people read moments and amounts. */
export function heatmapRows(rows: readonly unknown[][], bucketMs: number): unknown[][] {
  return rows.map(([step, row, count]) => [
    nsToTime(BigInt(Number(step)) * BigInt(bucketMs) * 1_000_000n),
    BOUNDS[Number(row) - 1] ?? 0,
    Number(count),
  ]);
}
