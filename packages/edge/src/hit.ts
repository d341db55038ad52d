/**
 * One request as an edge saw it → the fields of an `access` record. All formats meet here, so that a question about
 * edges is the same question whatever stands in front of the service.
 */
import { ATTEMPTS_LISTED_MAX } from './limits.js';
import { addMs, present } from './values.js';
import type { Fields } from './values.js';

export type EdgeKind = 'nginx' | 'alb' | 'cloudfront' | 'waf' | 'haproxy' | 'envoy';

/** What an edge tried behind itself for one request. A value that it did not log for an attempt is `null`. */
export interface Upstream {
  readonly attempts: number;
  readonly addresses: readonly (string | null)[];
  readonly statuses: readonly (number | null)[];
  readonly durationsMs: readonly (number | null)[];
}

export interface Hit {
  readonly kind: EdgeKind;
  /** The end of the request; or its beginning where the edge logs that, with `isStart`. Canonical. */
  readonly time: string | undefined;
  readonly isStart?: boolean;
  readonly durationMs: number | undefined;
  /** `http.request.method`, `url.path`, …: see `readRequest`. */
  readonly request: Fields;
  readonly status: number | undefined;
  readonly upstream?: Upstream | undefined;
  readonly ids: Fields;
  /** Anything else that the format knows. */
  readonly more: Fields;
}

const SERVER_FAULT = 500;
const CLIENT_FAULT = 400;

export function fieldsOfHit(hit: Hit): Fields {
  const { kind, durationMs, request, upstream, ids, more } = hit;
  const status = hit.status !== undefined && hit.status > 0 ? hit.status : undefined;
  return {
    // First, so that no name in a log takes the place of what was understood.
    ...more,
    ...present('time', endOf(hit)),
    kind: 'access',
    level: levelOf(status),
    message: messageOf(request, status),
    'edge.kind': kind,
    ...ids,
    ...present('duration_ms', durationMs),
    ...request,
    ...present('http.response.status_code', status),
    ...present('error.type', status !== undefined && status >= SERVER_FAULT ? String(status) : undefined),
    ...(upstream ? upstreamFields(upstream) : {}),
  };
}

function endOf({ time, isStart, durationMs }: Hit): string | undefined {
  return time !== undefined && isStart === true && durationMs !== undefined ? addMs(time, durationMs) : time;
}

function levelOf(status: number | undefined): string {
  if (status === undefined) return 'warn';
  if (status >= SERVER_FAULT) return 'error';
  return status >= CLIENT_FAULT ? 'warn' : 'info';
}

/** The same sentence that a service writes for the same request. */
function messageOf(request: Fields, status: number | undefined): string {
  const { 'http.request.method': method = '-', 'url.path': path = '-' } = request;
  return `${String(method)} ${String(path)} ${status ?? '-'}`;
}

function upstreamFields({ attempts, addresses, statuses, durationsMs }: Upstream): Fields {
  return {
    'edge.upstream.attempts': attempts,
    ...listed('edge.upstream.addresses', addresses),
    ...listed('edge.upstream.statuses', statuses),
    ...listed('edge.upstream.durations_ms', durationsMs),
  };
}

function listed(field: string, list: readonly (string | number | null)[]): Fields {
  return list.some((value) => value !== null) ? { [field]: list.slice(0, ATTEMPTS_LISTED_MAX) } : {};
}

/** For edges that name only the last attempt: the others are known to have been, and no more. */
export function lastOf<Value>(attempts: number, value: Value | undefined): (Value | null)[] {
  if (attempts <= 0) return [];
  const unknown = Array.from({ length: Math.min(attempts, ATTEMPTS_LISTED_MAX) - 1 }, () => null);
  return [...unknown, value ?? null];
}
