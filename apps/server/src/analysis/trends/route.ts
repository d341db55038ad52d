/** `GET /api/trends`: endpoints over weeks and months, those that get worse first, and when they reach their limit. */
import { ENDPOINTS_MAX, ROUTES, trendsQuery, type TrendEndpoint, type TrendsAnswer } from '@sillok/api';
import { compileRolledUpTo, compileTrends } from '@sillok/query';
import type { FastifyInstance } from 'fastify';
import { checked, type Reading } from '../../read/reading.js';
import { callerOf } from '../caller.js';
import { pairsOf } from '../compare/steps.js';
import { DAY_MS, HOUR_MS, TREND_ENDPOINTS_MAX, TREND_REQUESTS_MIN, TREND_ROWS_MAX } from '../limits.js';
import { quantileOf } from './buckets.js';
import { crossingOf, dayOf, trendOfDays, type Point } from './line.js';

export function registerTrends(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.trends, async (request, reply): Promise<TrendsAnswer> => {
    const caller = callerOf(reading, request, reply);
    const { days, limit, limit_ms: limitMs, ...filter } = checked(trendsQuery, request.query);
    const nowMs = Date.now();
    const fromDay = new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10);
    const table = reading.store().endpointHours;
    const [rows, upTo] = await Promise.all([
      caller.rows(
        compileTrends({
          project: caller.project,
          table,
          fromDay,
          ...filter,
          endpoints: TREND_ENDPOINTS_MAX,
          rows: TREND_ROWS_MAX,
        }),
      ),
      caller.rows(compileRolledUpTo(table)),
    ]);
    const endpoints = grouped(rows)
      .map((each) => trendOf(each, limitMs))
      .toSorted(byUrgency);
    const to = new Date(nowMs).toISOString();
    const from = `${fromDay}T00:00:00.000000000Z`;
    return {
      from,
      to: to.replace('Z', '000000Z'),
      limit_ms: limitMs,
      endpoints: endpoints.slice(0, Math.min(limit, ENDPOINTS_MAX)),
      rolled_up_to: hourEnd(String(upTo[0]?.[0] ?? '')),
      truncated: endpoints.length > limit || endpoints.length >= TREND_ENDPOINTS_MAX,
      ...caller.trust({ from }),
    };
  });
}

/** `2026-11-21 10:00:00` is the hour that ends at eleven. */
function hourEnd(hour: string): string | null {
  const ms = Date.parse(`${hour.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) || ms === 0 ? null : new Date(ms + HOUR_MS).toISOString().replace('Z', '000000Z');
}

interface Days {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly points: TrendEndpoint['points'][number][];
}

function grouped(rows: readonly unknown[][]): Days[] {
  const endpoints = new Map<string, Days>();
  for (const [service, method, route, day, requests, errors, spread] of rows) {
    const key = JSON.stringify([service, method, route]);
    const known = endpoints.get(key) ?? {
      service: String(service),
      method: String(method),
      route: String(route),
      points: [],
    };
    known.points.push({
      day: String(day),
      requests: Number(requests),
      errors: Number(errors),
      p95_ms: quantileOf(pairsOf(spread), 0.95),
    });
    endpoints.set(key, known);
  }
  return [...endpoints.values()];
}

function trendOf({ points, ...endpoint }: Days, limitMs: number): TrendEndpoint {
  // A day with a handful of requests says nothing about how fast they are.
  const busy = points.filter(({ requests }) => requests >= TREND_REQUESTS_MIN);
  const slow = busy.flatMap(({ day, p95_ms: value }): Point[] =>
    value === null ? [] : [{ day: dayOf(day), value }],
  );
  const failing = busy.map(({ day, errors, requests }) => ({ day: dayOf(day), value: errors / requests }));
  const p95 = trendOfDays(slow, true);
  return {
    ...endpoint,
    points,
    p95,
    errors: trendOfDays(failing, true),
    requests: trendOfDays(
      points.map(({ day, requests: value }) => ({ day: dayOf(day), value })),
      false,
    ),
    crosses: crossingOf(slow, p95, limitMs),
    is_over: (slow.at(-1)?.value ?? 0) > limitMs,
  };
}

/** Who crosses soonest; then who gets worse fastest for what it is; then who is asked most. */
function byUrgency(left: TrendEndpoint, right: TrendEndpoint): number {
  const rank = ({ crosses, p95, errors }: TrendEndpoint): number => {
    if (crosses !== null) return 0;
    return p95?.getting === 'worse' || errors?.getting === 'worse' ? 1 : 2;
  };
  const soon = ({ crosses }: TrendEndpoint): string => crosses?.expected ?? '';
  const requests = ({ points }: TrendEndpoint): number =>
    points.reduce((sum, point) => sum + point.requests, 0);
  return (
    rank(left) - rank(right) ||
    (soon(left) < soon(right) ? -1 : soon(left) > soon(right) ? 1 : 0) ||
    requests(right) - requests(left)
  );
}
