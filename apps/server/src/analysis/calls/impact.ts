/** `GET /api/impact`: who calls an endpoint and what it calls, level by level, along paths seen within one trace. */
import {
  ENDPOINTS_MAX,
  impactQuery,
  ROUTES,
  type Endpoint,
  type ImpactAnswer,
  type ImpactEndpoint,
} from '@sillok/api';
import { compileEndpointNames, compileHopCount, compileImpact, compileVersionNames } from '@sillok/query';
import { nsToTime } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, rangeOf, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf } from '../caller.js';
import {
  IMPACT_HOPS_MAX,
  IMPACT_ROWS_MAX,
  RELEASES_MAX,
  SPILL_BYTES,
  TRACE_NODES_COUNTED_MAX,
} from '../limits.js';

export function registerImpact(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.impact, async (request, reply): Promise<ImpactAnswer> => {
    const caller = callerOf(reading, request, reply);
    const { service, route, method, depth, direction, ...asked } = checked(impactQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const common = { ...analysisOf(caller, nowMs), slice: range };
    const hops = Number((await caller.rows(compileHopCount(common)))[0]?.[0] ?? 0);
    const every = Math.ceil(hops / IMPACT_HOPS_MAX);
    const statement = compileImpact({
      ...common,
      endpoint: { service, route, method },
      depth,
      every,
      traceNodes: TRACE_NODES_COUNTED_MAX,
      rows: IMPACT_ROWS_MAX,
    });
    const [rows, names, versions] = await Promise.all([
      caller.rows({ ...statement, settings: { max_bytes_before_external_group_by: String(SPILL_BYTES) } }),
      caller.rows(compileEndpointNames({ ...common, rows: 4 * ENDPOINTS_MAX })),
      caller.rows(compileVersionNames({ ...common, rows: 20 * RELEASES_MAX })),
    ]);
    const resolve = { endpoints: endpointsOf(names), versions: versionsOf(versions) };
    const itself = rows.filter((row) => Number(row[1]) === 0);
    const sum = (index: number): number => itself.reduce((total, row) => total + Number(row[index]), 0);
    const found = (side: number): ImpactEndpoint[] =>
      join(
        rows.filter((row) => Number(row[0]) === side && Number(row[1]) > 0),
        resolve,
      );
    return {
      endpoint: { service, method: method ?? '', route },
      calls: sum(5),
      traces: sum(7),
      callers: direction === 'callees' ? [] : found(0),
      callees: direction === 'callers' ? [] : found(1),
      orphans: sum(6),
      sample: every <= 1 ? 1 : 1 / every,
      truncated: rows.length >= IMPACT_ROWS_MAX,
      ...caller.trust(range),
    };
  });
}

interface Resolve {
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly versions: ReadonlyMap<string, string>;
}

function endpointsOf(rows: readonly unknown[][]): ReadonlyMap<string, Endpoint> {
  return new Map(
    rows.map(([id, service, method, route]) => [
      String(id),
      { service: String(service), method: String(method), route: String(route) },
    ]),
  );
}

function versionsOf(rows: readonly unknown[][]): ReadonlyMap<string, string> {
  return new Map(rows.map(([id, version]) => [String(id), String(version)]));
}

/** One row per version becomes one per endpoint and way. */
function join(rows: readonly unknown[][], { endpoints, versions }: Resolve): ImpactEndpoint[] {
  const joined = new Map<string, ImpactEndpoint>();
  for (const [, depth, id, via, version, calls, errors, traces, last] of rows) {
    const endpoint = endpoints.get(String(id));
    const next = endpoints.get(String(via));
    if (endpoint === undefined || next === undefined) continue;
    const key = `${String(depth)} ${String(id)} ${String(via)}`;
    const before = joined.get(key);
    const name = versions.get(String(version)) ?? '';
    const seen = nsToTime(BigInt(String(last)));
    joined.set(key, {
      ...endpoint,
      depth: Number(depth),
      via: next,
      calls: (before?.calls ?? 0) + Number(calls),
      errors: (before?.errors ?? 0) + Number(errors),
      traces: (before?.traces ?? 0) + Number(traces),
      last_seen: before !== undefined && before.last_seen > seen ? before.last_seen : seen,
      versions: [...(before?.versions ?? []), ...(name === '' ? [] : [name])].toSorted(),
    });
  }
  return [...joined.values()].toSorted((left, right) => left.depth - right.depth || right.calls - left.calls);
}
