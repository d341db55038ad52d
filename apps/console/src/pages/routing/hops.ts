/** What the access records of a session say: who answered, in which version. Pure. */
import type { Envelope } from '@sillok/record';
import { identityOf, serviceOf, valueIn } from '../../text.js';

export interface Hop {
  readonly identity: string;
  readonly traceId: string;
  readonly time: string;
  /** Milliseconds; a caller begins before the one that it calls. */
  readonly startMs: number;
  readonly service: string;
  readonly version: string;
  /** The version that the rule asks of this service. */
  readonly target: string | undefined;
  readonly status: number;
}

export interface Request {
  readonly traceId: string;
  readonly time: string;
  /** Of the outermost hop; 0 when it is not known. */
  readonly status: number;
  readonly hops: readonly Hop[];
}

export interface ServiceAnswer {
  readonly service: string;
  readonly asked: string | undefined;
  readonly versions: readonly (readonly [version: string, count: number])[];
}

/** The same record may come from search and from the live tail. */
export function hopsOf(records: readonly Envelope[]): readonly Hop[] {
  const all = new Map(records.map((record) => [identityOf(record), record]));
  return [...all.values()].map(hopOf);
}

function hopOf(record: Envelope): Hop {
  const target = valueIn(record, 'route.target');
  const durationMs = Number(valueIn(record, 'duration_ms') ?? 0);
  return {
    identity: identityOf(record),
    traceId: String(record.trace_id ?? ''),
    time: record.time,
    startMs: Date.parse(record.time) - durationMs,
    service: serviceOf(record),
    version: String(valueIn(record, 'service.version') ?? '–'),
    target: target === undefined ? undefined : String(target),
    status: Number(valueIn(record, 'http.response.status_code') ?? 0),
  };
}

/** The services that were asked for first, whether or not anybody answered. */
export function servicesOf(
  targets: Readonly<Record<string, string>>,
  hops: readonly Hop[],
): readonly ServiceAnswer[] {
  const names = new Set([...Object.keys(targets), ...hops.map(({ service }) => service).toSorted()]);
  return [...names].map((service) => {
    const counts = new Map<string, number>();
    for (const hop of hops)
      if (hop.service === service) counts.set(hop.version, (counts.get(hop.version) ?? 0) + 1);
    const asked = Object.hasOwn(targets, service) ? targets[service] : undefined;
    return { service, asked, versions: [...counts].toSorted(([, a], [, b]) => b - a) };
  });
}

/** Newest first; the hops of each from the outside inwards. */
export function requestsOf(hops: readonly Hop[]): readonly Request[] {
  const byTrace = new Map<string, Hop[]>();
  for (const hop of hops) byTrace.set(hop.traceId, [...(byTrace.get(hop.traceId) ?? []), hop]);
  const requests = [...byTrace].map(([traceId, list]) => {
    const inOrder = list.toSorted((a, b) => a.startMs - b.startMs);
    const [first] = inOrder;
    return { traceId, time: first?.time ?? '', status: first?.status ?? 0, hops: inOrder };
  });
  return requests.toSorted((a, b) => (a.time < b.time ? 1 : -1));
}
