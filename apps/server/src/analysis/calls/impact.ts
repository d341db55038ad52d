/** `GET /api/impact`: who calls an endpoint and what it calls, level by level, along paths seen within one trace. */
import { impactQuery, ROUTES, type ImpactAnswer, type ImpactEndpoint } from '@sillok/api';
import { compileImpactHops, compileImpactSize } from '@sillok/query';
import { nsToTime } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, rangeOf, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf } from '../caller.js';
import { IMPACT_CALLS_MAX, IMPACT_HOPS_MAX, IMPACT_LINES_MAX } from '../limits.js';
import { followCalls, type CallHop, type CallName, type Meeting } from './follow-calls.js';

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
    const hops = hopsOf(found);
    const { meetings, ...counts } = followCalls(hops, depth);
    const side = (wanted: Meeting['side']): Sum[] =>
      direction !== 'both' && direction !== `${wanted}s`
        ? []
        : summed(meetings.filter((meeting) => meeting.side === wanted));
    const [callers, callees] = [side('caller'), side('callee')];
    const first = (sums: readonly Sum[]): ImpactEndpoint[] => sums.slice(0, IMPACT_LINES_MAX).map(shown);
    return {
      endpoint: { service, method: method ?? '', route },
      calls: counts.calls,
      traces: counts.traces,
      callers: first(callers),
      callees: first(callees),
      orphans: counts.orphans,
      sample: 1 / every,
      truncated:
        hops.length >= IMPACT_HOPS_MAX ||
        counts.leftOut > 0 ||
        Math.max(callers.length, callees.length) > IMPACT_LINES_MAX,
      ...caller.trust(range),
    };
  });
}

/** Names with lists of hops → hops that share their name. */
function hopsOf(rows: readonly unknown[][]): CallHop[] {
  const names = new Map<string, CallName>();
  const hops: CallHop[] = [];
  for (const [service, method, route, version, failed, isEndpoint, isIt, ...lists] of rows) {
    const [traces = [], spans = [], parents = [], times = []] = lists.map((list) =>
      Array.isArray(list) ? list : [],
    );
    const common = {
      name: nameOf(names, [String(service), String(method), String(route)]),
      version: String(version),
      failed: Number(failed) === 1,
      isEndpoint: Number(isEndpoint) === 1,
      isIt: Number(isIt) === 1,
    };
    for (const [index, trace] of traces.entries()) {
      const [span, parent] = [Number(spans[index]), Number(parents[index])];
      hops.push({ trace: Number(trace), span, parent, ns: String(times[index]), ...common });
    }
  }
  return hops;
}

function nameOf(names: Map<string, CallName>, parts: readonly [string, string, string]): CallName {
  const key = JSON.stringify(parts);
  const known = names.get(key);
  if (known !== undefined) return known;
  const [service, method, route] = parts;
  const name = { index: names.size, service, method, route };
  names.set(key, name);
  return name;
}

interface Sum {
  readonly first: Meeting;
  readonly versions: string[];
  calls: number;
  errors: number;
  traces: number;
  lastTrace: number;
  last: string;
}

/** Meetings come trace by trace, so that a trace is new where it is not the one before. */
function summed(meetings: readonly Meeting[]): Sum[] {
  const sums = new Map<number, Sum>();
  for (const meeting of meetings) {
    const { hop, via, depth } = meeting;
    // Names are at most as many as hops: this is below 2^53.
    const key = (depth * IMPACT_HOPS_MAX + hop.name.index) * IMPACT_HOPS_MAX + via.name.index;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { first: meeting, versions: [], calls: 0, errors: 0, traces: 0, lastTrace: -1, last: '' };
      sums.set(key, sum);
    }
    sum.calls += 1;
    sum.errors += Number(hop.failed);
    if (sum.lastTrace !== hop.trace) sum.traces += 1;
    sum.lastTrace = hop.trace;
    if (hop.version !== '' && !sum.versions.includes(hop.version)) sum.versions.push(hop.version);
    // Nanoseconds since 1970 have 19 digits until 2286, so that text order is time order.
    if (hop.ns > sum.last) sum.last = hop.ns;
  }
  return [...sums.values()].toSorted(byDepth);
}

function shown({ first, versions, calls, errors, traces, last }: Sum): ImpactEndpoint {
  const { hop, via, depth } = first;
  const { service, method, route } = hop.name;
  return {
    service,
    method,
    route,
    depth,
    via: { service: via.name.service, method: via.name.method, route: via.name.route },
    calls,
    errors,
    traces,
    last_seen: nsToTime(BigInt(last)),
    versions: versions.toSorted(),
  };
}

function byDepth(left: Sum, right: Sum): number {
  const depth = left.first.depth - right.first.depth;
  return (
    depth || right.calls - left.calls || (left.first.hop.name.route < right.first.hop.name.route ? -1 : 1)
  );
}
