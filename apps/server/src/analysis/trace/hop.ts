/**
 * One hop of a trace, read from a record: what kind of hop it was, when it ran, how it ended. Times are milliseconds
 * from the trace's base, as numbers: exact to the nanosecond over the hours that a trace can last.
 */
import type { NodeType, RecordRef, TraceNode } from '@sillok/api';
import type { Row } from '@sillok/query';
import { TEXT_CHARS_MAX } from '../limits.js';
import { durationMs, listOf, numberOf, refOf, resourceOf, startNs, textOf } from '../row-fields.js';

export interface Hop {
  readonly id: string;
  /** The span id in the record; edges often log that of their caller. */
  readonly spanId: string;
  readonly parentId: string;
  readonly type: NodeType;
  /** `span.kind`, as far as it says who waits for whom. */
  readonly role: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  readonly name: string;
  readonly service: string;
  readonly version: string;
  readonly instance: string;
  /** Hops with the same clock cannot differ by skew. */
  readonly clock: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed: boolean;
  readonly error: TraceNode['error'];
  readonly http: TraceNode['http'];
  readonly db: TraceNode['db'];
  readonly messaging: TraceNode['messaging'];
  readonly edge: TraceNode['edge'];
  readonly debugRule: string | null;
  /** The click that caused it, in a browser. */
  readonly causeId: string;
  readonly isBrowser: boolean;
  /** The browser's or the person's words for what was done: text of the button. */
  readonly label: string;
  /** Null for a parent that no record describes. */
  readonly row: Row | null;
  readonly ref: RecordRef | null;
}

export const BROWSER_SDK = 'sillok-browser';

export function hopOf(row: Row, baseNs: bigint): Hop {
  const startMs = Number(startNs(row) - baseNs) / 1e6;
  const edge = edgeOf(row);
  const role = roleOf(row);
  const type = edge === null ? typeOf(row, role) : 'edge';
  const service = serviceOf(row, edge);
  const instance = resourceOf(row, 'service.instance.id') || row.context.producer;
  const error = errorOf(row);
  const http = httpOf(row);
  const spanId = row.record.span_id ?? '';
  const { producer, boot } = row.context;
  const isUnique = edge === null && spanId !== '';
  return {
    id: isUnique ? spanId : `${producer}/${boot}/${row.record.seq}`,
    spanId,
    parentId: row.record.parent_span_id ?? '',
    type,
    role,
    name: cut(nameOf(row, type)),
    service,
    version: resourceOf(row, 'service.version'),
    instance,
    clock: resourceOf(row, 'host.name') || instance,
    startMs,
    endMs: startMs + durationMs(row),
    failed: hasFailed(row, http),
    error,
    http,
    db: dbOf(row),
    messaging: messagingOf(row),
    edge,
    debugRule: textOf(row, 'route.debug') || null,
    causeId: textOf(row, 'browser.cause.span_id'),
    isBrowser: resourceOf(row, 'telemetry.sdk.name') === BROWSER_SDK,
    label: textOf(row, 'browser.element.name'),
    row,
    ref: refOf(row),
  };
}

const ROLES = ['server', 'client', 'producer', 'consumer', 'internal'] as const;

function roleOf(row: Row): Hop['role'] {
  if (row.record.kind === 'access') return 'server';
  const kind = textOf(row, 'span.kind').toLowerCase();
  return ROLES.find((role) => role === kind) ?? 'internal';
}

function typeOf(row: Row, role: Hop['role']): NodeType {
  const event = textOf(row, 'event.name');
  if (event === 'browser.click') return 'click';
  if (event.startsWith('browser.')) return 'page';
  if (textOf(row, 'db.system.name') !== '' || textOf(row, 'db.system') !== '') return 'query';
  switch (role) {
    case 'server':
      return 'request';
    case 'client':
      return 'call';
    case 'producer':
      return 'send';
    case 'consumer':
      return 'receive';
    case 'internal':
      return 'work';
  }
}

function nameOf(row: Row, type: NodeType): string {
  if (type !== 'request' && type !== 'edge') return row.record.message;
  const method = textOf(row, 'http.request.method');
  const place = textOf(row, 'http.route') || textOf(row, 'url.path');
  return place === '' ? row.record.message : `${method} ${place}`.trim();
}

function serviceOf(row: Row, edge: Hop['edge']): string {
  const name = resourceOf(row, 'service.name');
  if (name !== '') return name;
  return edge === null ? row.context.producer : edge.kind;
}

function hasFailed(row: Row, http: Hop['http']): boolean {
  if (textOf(row, 'otel.status_code') === 'ERROR') return true;
  if (row.record.level === 'error' || row.record.level === 'fatal') return true;
  if (textOf(row, 'error.type') !== '') return true;
  return http !== null && http.status >= 500;
}

function errorOf(row: Row): Hop['error'] {
  const type = textOf(row, 'exception.type') || textOf(row, 'error.type');
  const message = textOf(row, 'exception.message') || textOf(row, 'otel.status_description');
  return type === '' && message === '' ? null : { type, message: cut(message) };
}

function httpOf(row: Row): Hop['http'] {
  const method = textOf(row, 'http.request.method');
  const status = numberOf(row, 'http.response.status_code') ?? 0;
  const path = textOf(row, 'url.path');
  const port = textOf(row, 'server.port');
  const address = textOf(row, 'server.address');
  if (method === '' && status === 0 && path === '' && address === '') return null;
  return {
    method,
    route: textOf(row, 'http.route'),
    path: cut(path),
    status,
    address: address !== '' && port !== '' ? `${address}:${port}` : address,
    resend_count: numberOf(row, 'http.request.resend_count') ?? 0,
  };
}

function dbOf(row: Row): Hop['db'] {
  const system = textOf(row, 'db.system.name') || textOf(row, 'db.system');
  if (system === '') return null;
  const statement = textOf(row, 'db.query.text') || textOf(row, 'db.statement');
  return {
    system,
    namespace: textOf(row, 'db.namespace') || textOf(row, 'db.name'),
    statement: cut(statement),
  };
}

function messagingOf(row: Row): Hop['messaging'] {
  const system = textOf(row, 'messaging.system');
  const destination = textOf(row, 'messaging.destination.name');
  if (system === '' && destination === '') return null;
  return {
    system,
    destination,
    message_id: textOf(row, 'messaging.message.id'),
    delivery_attempt: numberOf(row, 'messaging.delivery_attempt') ?? 0,
  };
}

function edgeOf(row: Row): Hop['edge'] {
  const kind = textOf(row, 'edge.kind');
  if (kind === '') return null;
  const addresses = listOf(row, 'edge.upstream.addresses').map(String);
  return {
    kind,
    request_id: textOf(row, 'edge.request_id'),
    attempts: numberOf(row, 'edge.upstream.attempts') ?? addresses.length,
    addresses,
    statuses: listOf(row, 'edge.upstream.statuses').map(String),
    durations_ms: listOf(row, 'edge.upstream.durations_ms').map((each) => {
      const number = typeof each === 'number' ? each : Number(each);
      return each === null || each === '' || !Number.isFinite(number) ? null : number;
    }),
  };
}

export function cut(text: string): string {
  return text.length <= TEXT_CHARS_MAX ? text : `${text.slice(0, TEXT_CHARS_MAX)}…`;
}
