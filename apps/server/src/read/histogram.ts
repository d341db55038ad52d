/** `GET /api/histogram`: how many records over time, by level when asked. Bars without records are there, with 0. */
import { histogramQuery, ROUTES, spanMs, type Cost, type HistogramPage } from '@sillok/api';
import { compileHistogram, compileSearch, decodeRow, type HistogramStatement } from '@sillok/query';
import { nsToTime, timeToNs } from '@sillok/record';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { HISTOGRAM_BARS_MAX } from './limits.js';
import { checked, projectOf, rangeOf, runSearch, searchOf, type Range, type Reading } from './reading.js';
import { gapsIn, sumCost } from './trust.js';

const NOTHING_READ: Cost = { rows_read: 0, bytes_read: 0, elapsed_ms: 0 };

export function registerHistogram(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.histogram, async (request, reply): Promise<HistogramPage> => {
    const project = projectOf(reading, request);
    const asked = checked(histogramQuery, request.query);
    const query = searchOf(asked.q);
    const freshness = reading.state.freshness();
    const bounds = await boundsOf(reading, { project, reply, range: rangeOf(asked, Date.now()) });
    const trust = { freshness, ...gapsIn(reading.state, project, bounds.range) };
    if (bounds.from === undefined || bounds.to === undefined || bounds.from >= bounds.to) {
      const now = freshness.visible_through;
      const { from = now, to = now } = bounds;
      return { from, to, bucket_ms: 0, buckets: [], ...trust, cost: bounds.cost };
    }
    const { from, to } = bounds;
    const { buckets } = asked;
    const statement = compileHistogram(query, {
      project,
      from,
      to,
      buckets,
      table: reading.store().table,
    });
    const { rows, statistics } = await runSearch(reading, statement, { project, reply });
    return {
      from,
      to,
      bucket_ms: Number(statement.widthNs) / 1e6,
      buckets: barsOf(statement, { from, to }, rows).map((bar) => shown(bar, asked.by !== undefined)),
      ...trust,
      cost: sumCost([bounds.cost, statistics]),
    };
  });
}

interface Bounds {
  readonly from?: string;
  readonly to?: string;
  readonly range: Range;
  readonly cost: Cost;
}

/** Both ends of the bars: as asked for, else where the project's records begin and end, which the order of the table knows. */
async function boundsOf(
  reading: Reading,
  { project, reply, range }: { project: string; reply: FastifyReply; range: Range },
): Promise<Bounds> {
  const costs: Cost[] = [];
  async function endOf(order: 'asc' | 'desc'): Promise<string | undefined> {
    const scope = { project, ...range, table: reading.store().table, order, limit: 1 };
    const { rows, statistics } = await runSearch(reading, compileSearch(EVERYTHING, scope), {
      project,
      reply,
    });
    costs.push(statistics);
    const [row] = rows;
    return row === undefined ? undefined : decodeRow(row).record.time;
  }
  const from = range.from ?? (await endOf('asc'));
  const last = range.to === undefined ? await endOf('desc') : undefined;
  const to = range.to ?? (last === undefined ? undefined : nsToTime(timeToNs(last) + 1n));
  return {
    range,
    cost: costs.length === 0 ? NOTHING_READ : sumCost(costs),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

const EVERYTHING = searchOf('');

interface Bar {
  readonly time: string;
  count: number;
  readonly by: { [level: string]: number };
}

function barsOf(
  { widthNs, first }: HistogramStatement,
  { from, to }: { from: string; to: string },
  rows: readonly unknown[][],
): Bar[] {
  const bars = new Map<string, Bar>();
  const endNs = timeToNs(to);
  const count = Math.min(Math.ceil(spanMs(first, to) / (Number(widthNs) / 1e6)) + 1, HISTOGRAM_BARS_MAX);
  for (let index = 0; index < count; index += 1) {
    const startNs = timeToNs(first) + BigInt(index) * widthNs;
    if (startNs >= endNs) break;
    const time = nsToTime(startNs);
    bars.set(time, { time, count: 0, by: {} });
  }
  for (const [time, level, found] of rows) {
    const bar = bars.get(String(time)) ?? bars.get(from);
    if (bar === undefined) continue;
    bar.count += Number(found);
    bar.by[String(level)] = (bar.by[String(level)] ?? 0) + Number(found);
  }
  return [...bars.values()];
}

function shown({ time, count, by }: Bar, isSplit: boolean): HistogramPage['buckets'][number] {
  return isSplit ? { time, count, by } : { time, count };
}
