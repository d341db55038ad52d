/** Counts of values over time: columns of time, rows of size in a 1-2-5 series. */
import { heatmapQuery, ROUTES, type Heatmap, type HeatmapAnswer } from '@sillok/api';
import { compileHeatmap, fieldOf, type EndpointName, type Query } from '@sillok/query';
import { nsToTime } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, rangeOf, type Range, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf, type Caller } from '../caller.js';
import { extentOf } from '../compare/patterns.js';
import { plainSearch } from '../compare/why.js';
import { HEATMAP_CELLS_MAX } from '../limits.js';
import { stepsOf, type Steps } from '../compare/steps.js';

/** 0.1, 0.2, 0.5, 1 … 1,000,000: a tenth of a millisecond to a quarter of an hour. */
const SERIES: readonly number[] = Array.from({ length: 22 }, (_unused, index) =>
  Number(`${[1, 2, 5][index % 3] ?? 1}e${Math.floor(index / 3) - 1}`),
);

export interface HeatmapRequest {
  readonly query: Query;
  readonly range: Range;
  readonly nowMs: number;
  readonly field: string;
  readonly endpoint?: EndpointName;
  readonly steps: Steps;
}

export function registerHeatmap(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.heatmap, async (request, reply): Promise<HeatmapAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(heatmapQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const query = plainSearch(asked.q);
    const extent = await extentOf(caller, { query, range, nowMs });
    const steps = stepsOf(range, extent, asked.buckets);
    const heatmap = await readHeatmap(caller, { query, range, nowMs, field: asked.field, steps });
    return { field: asked.field, heatmap, ...caller.trust(range) };
  });
}

export async function readHeatmap(caller: Caller, request: HeatmapRequest): Promise<Heatmap> {
  const { query, range, nowMs, field, endpoint, steps } = request;
  const rows = await caller.rows(
    compileHeatmap({
      ...analysisOf(caller, nowMs),
      slice: { query, ...range },
      endpoint,
      field: fieldOf(field),
      stepNs: steps.stepNs,
      bounds: SERIES,
      rows: HEATMAP_CELLS_MAX,
    }),
  );
  const cells = rows.map((row) => row.map((value) => Number(value)));
  const used = cells.map(([, row = 0]) => row);
  const low = Math.min(...used, SERIES.length);
  const high = Math.max(...used, low);
  const bounds = SERIES.slice(low, Math.max(low + 1, high));
  const columns = new Map<number, { time: string; counts: number[]; errors: number[] }>();
  const zeros = (): number[] => Array.from({ length: bounds.length + 1 }, () => 0);
  for (const [step = 0, row = 0, count = 0, errors = 0] of cells) {
    const time = nsToTime(BigInt(step) * steps.stepNs);
    const column = columns.get(step) ?? { time, counts: zeros(), errors: zeros() };
    column.counts[row - low] = count;
    column.errors[row - low] = errors;
    columns.set(step, column);
  }
  return { bucket_ms: Number(steps.stepNs) / 1e6, bounds_ms: bounds, columns: [...columns.values()] };
}
