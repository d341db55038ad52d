/** `GET /api/impact`: who calls an endpoint and what it calls, level by level, along paths seen within one trace. */
import { impactQuery, ROUTES, type ImpactAnswer, type ImpactEndpoint } from '@sillok/api';
import { compileImpactHops, compileImpactSize } from '@sillok/query';
import { nsToTime } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, rangeOf, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf } from '../caller.js';
import { IMPACT_CALLS_MAX, IMPACT_HOPS_MAX } from '../limits.js';
import { followCalls, type CallHop, type Meeting } from './follow-calls.js';

export function registerImpact(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.impact, async (request, reply): Promise<ImpactAnswer> => {
    const caller = callerOf(reading, request, reply);
    const { service, route, method, depth, direction, ...asked } = checked(impactQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const common = { ...analysisOf(caller, nowMs), slice: range, endpoint: { service, route, method } };
    const calls = Number((await caller.rows(compileImpactSize(common)))[0]?.[0] ?? 0);
    const every = Math.max(1, Math.ceil(calls / IMPACT_CALLS_MAX));
    const statement = compileImpactHops({ ...common, every, rows: IMPACT_HOPS_MAX });
    const found = calls === 0 ? [] : await caller.rows(statement);
    const { meetings, ...counts } = followCalls(found.map(hopOf), depth);
    const side = (wanted: Meeting['side']): ImpactEndpoint[] =>
      summed(meetings.filter((meeting) => meeting.side === wanted));
    return {
      endpoint: { service, method: method ?? '', route },
      calls: counts.calls,
      traces: counts.traces,
      callers: direction === 'callees' ? [] : side('caller'),
      callees: direction === 'callers' ? [] : side('callee'),
      orphans: counts.orphans,
      sample: 1 / every,
      truncated: found.length >= IMPACT_HOPS_MAX || counts.leftOut > 0,
      ...caller.trust(range),
    };
  });
}

function hopOf(row: unknown[]): CallHop {
  const [trace, span, parent, service, method, route, version, ns, failed, isEndpoint, isIt] = row;
  return {
    trace: Number(trace),
    span: Number(span),
    parent: Number(parent),
    service: String(service),
    method: String(method),
    route: String(route),
    version: String(version),
    ns: String(ns),
    failed: Number(failed) === 1,
    isEndpoint: Number(isEndpoint) === 1,
    isIt: Number(isIt) === 1,
  };
}

interface Sum {
  readonly first: Meeting;
  readonly traces: Set<number>;
  readonly versions: Set<string>;
  calls: number;
  errors: number;
  last: string;
}

function summed(meetings: readonly Meeting[]): ImpactEndpoint[] {
  const sums = new Map<string, Sum>();
  for (const meeting of meetings) {
    const { hop, via, depth } = meeting;
    const key = JSON.stringify([
      depth,
      hop.service,
      hop.method,
      hop.route,
      via.service,
      via.method,
      via.route,
    ]);
    const sum = sums.get(key) ?? {
      first: meeting,
      traces: new Set(),
      versions: new Set(),
      calls: 0,
      errors: 0,
      last: '',
    };
    sum.calls += 1;
    sum.errors += Number(hop.failed);
    sum.traces.add(hop.trace);
    if (hop.version !== '') sum.versions.add(hop.version);
    // Nanoseconds since 1970 have 19 digits until 2286, so that text order is time order.
    if (hop.ns > sum.last) sum.last = hop.ns;
    sums.set(key, sum);
  }
  return [...sums.values()].map(shown).toSorted(byDepth);
}

function shown({ first, traces, versions, calls, errors, last }: Sum): ImpactEndpoint {
  const { hop, via, depth } = first;
  return {
    service: hop.service,
    method: hop.method,
    route: hop.route,
    depth,
    via: { service: via.service, method: via.method, route: via.route },
    calls,
    errors,
    traces: traces.size,
    last_seen: nsToTime(BigInt(last)),
    versions: [...versions].toSorted(),
  };
}

function byDepth(left: ImpactEndpoint, right: ImpactEndpoint): number {
  return left.depth - right.depth || right.calls - left.calls || (left.route < right.route ? -1 : 1);
}
