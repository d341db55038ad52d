/** `GET /api/endpoints` and `/api/endpoint`: what services answer, how often and how fast, one or all. */
import {
  endpointQuery,
  endpointsQuery,
  ENDPOINTS_MAX,
  ROUTES,
  type EndpointAnswer,
  type EndpointRow,
  type EndpointsAnswer,
} from '@sillok/api';
import { compileEndpoint, compileEndpoints, recordTime } from '@sillok/query';
import { nsToTime, timeToNs } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, rangeOf, type Range, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf } from '../caller.js';
import { extentOf } from '../compare/patterns.js';
import { stepsOf } from '../compare/steps.js';
import { plainSearch } from '../compare/why.js';
import { RELEASES_MAX } from '../limits.js';
import { readHeatmap } from './heatmap.js';
import { numbersOf } from './numbers.js';

export function registerEndpoints(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.endpoints, async (request, reply): Promise<EndpointsAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(endpointsQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const query = plainSearch('');
    const seconds = secondsOf(range, await extentOf(caller, { query, range, nowMs }));
    const rows = await caller.rows(
      compileEndpoints({
        ...analysisOf(caller, nowMs),
        slice: range,
        service: asked.service,
        rows: 2 * ENDPOINTS_MAX,
      }),
    );
    const endpoints = withoutTwins(rows, seconds).toSorted(ORDERS[asked.sort]);
    return {
      endpoints: endpoints.slice(0, asked.limit),
      truncated: endpoints.length > asked.limit || rows.length >= 2 * ENDPOINTS_MAX,
      ...caller.trust(range),
    };
  });

  app.get(ROUTES.endpoint, async (request, reply): Promise<EndpointAnswer> => {
    const caller = callerOf(reading, request, reply);
    const { service, route, method = '', buckets, ...asked } = checked(endpointQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const query = plainSearch('');
    const extent = await extentOf(caller, { query, range, nowMs });
    const steps = stepsOf(range, extent, buckets);
    const seconds = secondsOf(range, extent);
    const endpoint = { service, route, ...(method === '' ? {} : { method }) };
    const common = { ...analysisOf(caller, nowMs), slice: range, endpoint, stepNs: steps.stepNs };
    const [series, versions, heatmap] = await Promise.all([
      caller.rows(compileEndpoint({ ...common, by: 'step', rows: buckets + 2 })),
      caller.rows(compileEndpoint({ ...common, by: 'version', rows: RELEASES_MAX })),
      readHeatmap(caller, { query, range, nowMs, field: 'duration_ms', endpoint, steps }),
    ]);
    const total = await caller.rows(compileEndpoint({ ...common, stepNs: WHOLE_NS, by: 'step', rows: 1 }));
    return {
      endpoint: { service, method, route },
      total: numbersOf((total[0] ?? [0, '', 0, 0, [], 0]).slice(2), seconds),
      versions: versions.map(([version, first, ...cells]) => ({
        version: String(version),
        first_seen: recordTime(String(first)),
        ...numbersOf(cells, seconds),
      })),
      series: series.map(([step, , ...cells]) => ({
        time: nsToTime(BigInt(String(step)) * steps.stepNs),
        ...numbersOf(cells, Number(steps.stepNs) / 1e9),
      })),
      heatmap,
      ...caller.trust(range),
    };
  });
}

/** One step that all times of records fall into. */
const WHOLE_NS = 9_223_372_036_854_775_807n;

export function secondsOf(range: Range, extent: { first: bigint; last: bigint }): number {
  const from = range.from === undefined ? extent.first : timeToNs(range.from);
  const to = range.to === undefined ? extent.last : timeToNs(range.to);
  return Math.max(0, Number(to - from) / 1e9);
}

type Order = (left: EndpointRow, right: EndpointRow) => number;

const ORDERS: Readonly<Record<'requests' | 'errors' | 'p95' | 'time', Order>> = {
  requests: (left, right) => right.requests - left.requests,
  errors: (left, right) => right.errors - left.errors || right.requests - left.requests,
  p95: (left, right) => (right.p95_ms ?? 0) - (left.p95_ms ?? 0),
  time: (left, right) => right.time_ms - left.time_ms,
};

/** Where a service writes access records, server spans of another instrumentation tell of the same requests. */
function withoutTwins(rows: readonly unknown[][], seconds: number): EndpointRow[] {
  const found = new Map<string, EndpointRow>();
  const sorted = rows.toSorted((left, right) => Number(left[3]) - Number(right[3]));
  for (const [service, method, route, , ...cells] of sorted) {
    const key = JSON.stringify([service, method, route]);
    if (found.has(key)) continue;
    const [versions, last] = cells.slice(4);
    found.set(key, {
      service: String(service),
      method: String(method),
      route: String(route),
      ...numbersOf(cells, seconds),
      versions: Array.isArray(versions) ? versions.map(String).filter(Boolean).toSorted() : [],
      last_seen: recordTime(String(last)),
    });
  }
  return [...found.values()];
}
