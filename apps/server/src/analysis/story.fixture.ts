/** Records of made traces, for tests: a hop is written as its service would write it. */
import { nsToTime, timeToNs, type FlatRecord, type FlatValue } from '@sillok/record';
import type { Row } from '@sillok/query';

export const BASE = '2026-11-21T05:05:00.000000000Z';

export interface MadeHop {
  readonly service: string;
  readonly span: string;
  readonly parent?: string;
  readonly kind?: 'access' | 'span' | 'log' | 'event' | 'audit';
  readonly trace?: string;
  /** Milliseconds from `BASE`. */
  readonly start: number;
  readonly duration?: number;
  readonly level?: FlatRecord['level'];
  readonly message?: string;
  readonly host?: string;
  readonly version?: string;
  readonly attributes?: Readonly<Record<string, FlatValue>>;
  readonly more?: Partial<FlatRecord>;
  readonly resource?: Readonly<Record<string, string>>;
}

export const TRACE = '0af7651916cd43dd8448eb211c80319c';

export function at(ms: number): string {
  return nsToTime(timeToNs(BASE) + BigInt(Math.round(ms * 1e6)));
}

export function recordOf(hop: MadeHop, seq: number): FlatRecord {
  const { kind = 'span', start, duration = 0, span, parent } = hop;
  return {
    seq,
    time: at(kind === 'access' ? start + duration : start),
    kind,
    level: hop.level ?? 'info',
    message: hop.message ?? span,
    trace_id: hop.trace ?? TRACE,
    ...(span === '' ? {} : { span_id: span }),
    ...(parent === undefined ? {} : { parent_span_id: parent }),
    ...(duration === 0 ? {} : { duration_ms: duration }),
    ...hop.more,
    ...(hop.attributes === undefined ? {} : { attributes: { ...hop.attributes } }),
  };
}

export function resourceOfHop({
  service,
  host = 'h1',
  version = '1.0.0',
  resource,
}: MadeHop): Record<string, string> {
  return { 'service.name': service, 'service.version': version, 'host.name': host, ...resource };
}

export function rowOf(hop: MadeHop, seq: number): Row {
  return {
    record: recordOf(hop, seq),
    context: {
      project: 'default',
      producer: `${hop.service}-1`,
      boot: 'boot-1',
      observed_time: at(hop.start),
      resource: resourceOfHop(hop),
    },
  };
}

export function rowsOf(hops: readonly MadeHop[]): Row[] {
  return hops.map((hop, index) => rowOf(hop, index + 1));
}

/** An access record of a service. */
export function access(
  hop: MadeHop & { readonly status?: number; readonly route?: string; readonly method?: string },
): MadeHop {
  const { status = 200, route = '/orders', method = 'GET' } = hop;
  return {
    kind: 'access',
    level: status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info',
    message: `${method} ${route} ${status}`,
    ...hop,
    more: {
      'http.request.method': method,
      'http.route': route,
      'url.path': route,
      'http.response.status_code': status,
      ...(status >= 500 ? { 'error.type': String(status) } : {}),
      ...hop.more,
    },
  };
}

/** A client span. */
export function call(
  hop: MadeHop & { readonly status?: number; readonly to?: string; readonly error?: string },
): MadeHop {
  const { status, to = 'orders', error } = hop;
  const failed = error !== undefined || (status ?? 200) >= 400;
  return {
    kind: 'span',
    level: failed ? 'error' : 'info',
    message: 'GET',
    ...hop,
    attributes: {
      'span.kind': 'client',
      'server.address': to,
      ...(failed ? { 'otel.status_code': 'ERROR' } : {}),
      ...hop.attributes,
    },
    more: {
      'http.request.method': 'GET',
      ...(status === undefined ? {} : { 'http.response.status_code': status }),
      ...(error === undefined ? {} : { 'error.type': error }),
      ...hop.more,
    },
  };
}

/** A line of an edge's access log, with the span id of its caller, as nginx logs `traceparent`. */
export function edge(
  hop: MadeHop & {
    readonly status?: number;
    readonly route?: string;
    readonly method?: string;
    readonly statuses?: readonly string[];
  },
): MadeHop {
  const { statuses = [String(hop.status ?? 200)] } = hop;
  const made = access(hop);
  return {
    ...made,
    more: { ...made.more, 'http.route': undefined },
    attributes: {
      'edge.kind': 'nginx',
      'edge.upstream.attempts': statuses.length,
      'edge.upstream.addresses': statuses.map((_status, index) => `10.0.0.${index + 1}:80`),
      'edge.upstream.statuses': [...statuses],
      'edge.upstream.durations_ms': statuses.map(() => 1),
      ...hop.attributes,
    },
  };
}
