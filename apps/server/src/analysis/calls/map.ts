/** `GET /api/map`: services and the calls between them, now against before. */
import { mapQuery, ROUTES, type MapAnswer, type MapEdge, type MapService, type Numbers } from '@sillok/api';
import { compileHopCount, compileMapEdges, compileMapServices } from '@sillok/query';
import { nsToTime, timeToNs } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, momentOf, rangeOf, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf, type Caller } from '../caller.js';
import { MAP_HOPS_MAX, MAP_RANGE_MS, MAP_ROWS_MAX, TRACE_NODES_COUNTED_MAX } from '../limits.js';
import { numbersOf } from './numbers.js';

interface Window {
  readonly from: string;
  readonly to: string;
}

export function registerMap(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.map, async (request, reply): Promise<MapAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(mapQuery, request.query);
    const nowMs = Date.now();
    const now = windowOf(rangeOf(asked, nowMs), nowMs);
    const before = {
      from: momentOf('before_from', asked.before_from, nowMs) ?? earlier(now),
      to: momentOf('before_to', asked.before_to, nowMs) ?? now.from,
    };
    const [seen, seenBefore] = [await look(caller, now, nowMs), await look(caller, before, nowMs)];
    return {
      ...now,
      before,
      services: servicesOf(seen, seenBefore),
      edges: edgesOf(seen, seenBefore),
      sample: Math.min(seen.sample, seenBefore.sample),
      truncated: seen.isCut || seenBefore.isCut,
      ...caller.trust({ from: before.from < now.from ? before.from : now.from, to: now.to }),
    };
  });
}

function windowOf({ from, to }: { from?: string; to?: string }, nowMs: number): Window {
  const end = to ?? nsToTime(BigInt(nowMs) * 1_000_000n);
  return { from: from ?? nsToTime(timeToNs(end) - BigInt(MAP_RANGE_MS) * 1_000_000n), to: end };
}

/** As long, and directly before. */
function earlier({ from, to }: Window): string {
  const ns = timeToNs(from) - (timeToNs(to) - timeToNs(from));
  return nsToTime(ns < 0n ? 0n : ns);
}

interface Seen {
  readonly services: ReadonlyMap<string, Omit<MapService, 'before'>>;
  readonly edges: ReadonlyMap<string, Omit<MapEdge, 'before'>>;
  readonly sample: number;
  readonly isCut: boolean;
}

async function look(caller: Caller, window: Window, nowMs: number): Promise<Seen> {
  const common = { ...analysisOf(caller, nowMs), slice: window };
  const hops = Number((await caller.rows(compileHopCount(common)))[0]?.[0] ?? 0);
  const every = Math.max(1, Math.ceil(hops / MAP_HOPS_MAX));
  const seconds = Number(timeToNs(window.to) - timeToNs(window.from)) / 1e9;
  const [services, edges] = await Promise.all([
    caller.rows(compileMapServices({ ...common, rows: MAP_ROWS_MAX })),
    caller.rows(
      compileMapEdges({ ...common, every, traceNodes: TRACE_NODES_COUNTED_MAX, rows: MAP_ROWS_MAX }),
    ),
  ]);
  return {
    services: readServices(services, seconds),
    edges: new Map(edges.map((row) => readEdge(row, { seconds, every }))),
    sample: 1 / every,
    isCut: services.length >= MAP_ROWS_MAX || edges.length >= MAP_ROWS_MAX,
  };
}

/** Where a service writes access records, the server spans beside them tell of the same requests. */
function readServices(rows: readonly unknown[][], seconds: number): Map<string, Omit<MapService, 'before'>> {
  const services = new Map<string, Omit<MapService, 'before'>>();
  for (const row of rows.toSorted((left, right) => Number(left[2]) - Number(right[2]))) {
    const [name, type, , ...cells] = row;
    if (services.has(String(name))) continue;
    const versions = cells[4];
    services.set(String(name), {
      name: String(name),
      type: TYPES.find((each) => each === type) ?? 'service',
      versions: Array.isArray(versions) ? versions.map(String).filter(Boolean).toSorted() : [],
      now: numbersOf(cells, seconds),
    });
  }
  return services;
}

const TYPES = ['service', 'edge', 'client', 'database', 'queue', 'external'] as const;

interface Scale {
  readonly seconds: number;
  readonly every: number;
}

function readEdge(row: readonly unknown[], { seconds, every }: Scale): [string, Omit<MapEdge, 'before'>] {
  const [from, to, requests, errors, quantiles, time] = row;
  const scaled = [Number(requests) * every, Number(errors) * every, quantiles, Number(time) * every];
  const now = numbersOf(scaled, seconds);
  return [`${String(from)}\n${String(to)}`, { from: String(from), to: String(to), now }];
}

function servicesOf(seen: Seen, before: Seen): MapService[] {
  const all = new Map<string, MapService>();
  for (const name of new Set([...seen.services.keys(), ...before.services.keys()])) {
    const [now, then] = [seen.services.get(name), before.services.get(name)];
    const known = now ?? then;
    if (known !== undefined) all.set(name, { ...known, now: now?.now ?? NONE, before: then?.now ?? null });
  }
  for (const { to, now, before: then } of edgesOf(seen, before)) {
    if (all.has(to)) continue;
    const type = TYPES.find((each) => to.startsWith(`${each} `)) ?? 'external';
    all.set(to, { name: to, type, versions: [], now, before: then });
  }
  return [...all.values()].toSorted((left, right) => right.now.time_ms - left.now.time_ms);
}

function edgesOf(seen: Seen, before: Seen): MapEdge[] {
  const keys = new Set([...seen.edges.keys(), ...before.edges.keys()]);
  const all = [...keys].flatMap((key): MapEdge[] => {
    const [now, then] = [seen.edges.get(key), before.edges.get(key)];
    const known = now ?? then;
    return known === undefined ? [] : [{ ...known, now: now?.now ?? NONE, before: then?.now ?? null }];
  });
  return all.toSorted(
    (left, right) =>
      right.now.requests - left.now.requests || (left.from + left.to < right.from + right.to ? -1 : 1),
  );
}

const NONE: Numbers = numbersOf([0, 0, [], 0], 0);
