/**
 * The ids that an edge logged, under whatever name → the place in the trace, and every other id as an alias.
 *
 * Nothing is made up: an edge that logs no span id of its own gets none. `traceparent` is the header as it *came in*, so
 * its span is the caller's.
 */
import { isSpanId, isTraceId, parseTraceparent } from '@sillok/context';
import { ALIAS_CHARACTERS_MAX } from './limits.js';
import type { Fields } from './values.js';
import { given } from './values.js';

interface Found {
  readonly dialect: string;
  /** As a person sees and searches it. */
  readonly id: string;
  readonly traceId?: string | undefined;
  readonly parentId?: string | undefined;
}

type Reader = (text: string) => Omit<Found, 'dialect'> | undefined;

/** In order of trust: the first that holds a whole trace id names the trace, all others are aliases. */
const READERS: readonly {
  readonly dialect: string;
  readonly names: readonly string[];
  readonly read: Reader;
}[] = [
  { dialect: 'w3c', names: ['traceparent'], read: readW3c },
  { dialect: 'b3', names: ['b3'], read: readB3 },
  { dialect: 'b3', names: ['x_b3_traceid', 'x_b3_trace_id', 'b3_trace_id'], read: readHex },
  { dialect: 'jaeger', names: ['uber_trace_id'], read: readJaeger },
  { dialect: 'xray', names: ['x_amzn_trace_id', 'amzn_trace_id'], read: readXray },
  { dialect: 'gcp', names: ['x_cloud_trace_context'], read: readCloud },
  { dialect: 'datadog', names: ['x_datadog_trace_id'], read: readPlain },
  { dialect: 'sentry', names: ['sentry_trace'], read: readSentry },
  { dialect: 'pinpoint', names: ['pinpoint_traceid'], read: readPlain },
  { dialect: 'request_id', names: ['request_id', 'x_request_id'], read: readPlain },
];

const BY_NAME = new Map(READERS.flatMap((reader) => reader.names.map((name) => [name, reader] as const)));

/** `http_x_b3_traceid`, `X-B3-TraceId` → `x_b3_traceid`: nginx and Envoy spell headers in their own way. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('-', '_')
    .replace(/^http_/, '');
}

/** Whether a value under this name is an id, so that it need not be kept under the name as well. */
export function isIdName(name: string): boolean {
  return BY_NAME.has(plainName(name)) || OWN_NAMES.has(plainName(name));
}

const OWN_NAMES: ReadonlySet<string> = new Set(['trace_id', 'span_id', 'parent_span_id']);

export function readIds(named: Iterable<readonly [name: string, text: string]>): Fields {
  const own = new Map<string, string>();
  const found: Found[] = [];
  const unread: Fields = {};
  for (const [name, value] of named) {
    const text = given(value.trim());
    const plain = plainName(name);
    if (text === undefined || !isIdName(plain)) continue;
    const read = text.length > ALIAS_CHARACTERS_MAX ? undefined : BY_NAME.get(plain)?.read(text);
    if (read) found.push({ dialect: BY_NAME.get(plain)?.dialect ?? plain, ...read });
    else if (OWN_NAMES.has(plain)) own.set(plain, text.toLowerCase());
    // An id that is none keeps its text, under a name that nobody takes for an id.
    else unread[`edge.${plain}`] = text;
  }
  return { ...unread, ...place(own, found) };
}

/** What is under the name of an id and is no text. */
export function isOwnIdName(name: string): boolean {
  return OWN_NAMES.has(name);
}

function place(own: ReadonlyMap<string, string>, found: readonly Found[]): Fields {
  const order = READERS.map(({ dialect }) => dialect);
  const sorted = [...found].sort((a, b) => order.indexOf(a.dialect) - order.indexOf(b.dialect));
  const named = readHex(own.get('trace_id') ?? '')?.traceId;
  const winner = sorted.find(
    ({ traceId }) => traceId !== undefined && (named === undefined || traceId === named),
  );
  const traceId = named ?? winner?.traceId;
  const spanId = own.get('span_id');
  const parentId = own.get('parent_span_id') ?? winner?.parentId;
  const fields: Fields = {};
  if (traceId !== undefined) fields['trace_id'] = traceId;
  if (traceId !== undefined && spanId !== undefined && isSpanId(spanId)) fields['span_id'] = spanId;
  if (traceId !== undefined && parentId !== undefined && isSpanId(parentId) && parentId !== spanId)
    fields['parent_span_id'] = parentId;
  for (const [name, text] of own) if (fields[name] !== text) fields[`edge.${name}`] = text;
  for (const { dialect, id } of sorted) if (id !== traceId) fields[`trace.alias.${dialect}`] ??= id;
  return fields;
}

/** The shapes that give themselves away, in a place that has no name: a captured header, the end of a line. */
export function nameOfShape(text: string): string | undefined {
  if (/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(text)) return 'traceparent';
  if (/(?:^|;)\s*Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?:;|$)/i.test(text)) return 'x-amzn-trace-id';
  if (/^[0-9a-f]{16,32}:[0-9a-f]{1,16}:[0-9a-f]{1,16}:[0-9a-f]{1,2}$/i.test(text)) return 'uber-trace-id';
  if (/^(?:[0-9a-f]{16}){1,2}-[0-9a-f]{16}(?:-[01d](?:-[0-9a-f]{16})?)?$/i.test(text)) return 'b3';
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return 'x-request-id';
  return undefined;
}

function readW3c(text: string): Omit<Found, 'dialect'> | undefined {
  const parent = parseTraceparent(text);
  return parent && { id: parent.traceId, traceId: parent.traceId, parentId: parent.parentId };
}

function readHex(text: string): Omit<Found, 'dialect'> | undefined {
  const id = text.toLowerCase();
  if (!/^(?:[0-9a-f]{16}){1,2}$/.test(id)) return undefined;
  const traceId = id.padStart(32, '0');
  return isTraceId(traceId) ? { id, traceId } : undefined;
}

function readB3(text: string): Omit<Found, 'dialect'> | undefined {
  const [trace = '', span = ''] = text.split('-');
  const read = readHex(trace);
  return read && { ...read, parentId: span.toLowerCase() };
}

function readJaeger(text: string): Omit<Found, 'dialect'> | undefined {
  const [trace = '', span = '', , flags] = text.split(':');
  if (flags === undefined || trace.length > 32) return undefined;
  const read = readHex(trace.padStart(trace.length > 16 ? 32 : 16, '0'));
  return read && { ...read, id: trace.toLowerCase(), parentId: span.toLowerCase().padStart(16, '0') };
}

/** `Root=1-{8}-{24};Parent={16};Sampled=1`; a load balancer sends it without Parent. */
function readXray(text: string): Omit<Found, 'dialect'> | undefined {
  const root = /(?:^|;)\s*Root=(1-([0-9a-f]{8})-([0-9a-f]{24}))(?:;|$)/i.exec(text);
  if (!root) return undefined;
  const traceId = `${root[2] ?? ''}${root[3] ?? ''}`.toLowerCase();
  const parentId = /(?:^|;)\s*Parent=([0-9a-f]{16})(?:;|$)/i.exec(text)?.[1]?.toLowerCase();
  return { id: root[1] ?? '', ...(isTraceId(traceId) ? { traceId, parentId } : {}) };
}

function readCloud(text: string): Omit<Found, 'dialect'> | undefined {
  return readHex(/^([0-9a-f]{32})(?:\/|$)/i.exec(text)?.[1] ?? '');
}

function readSentry(text: string): Omit<Found, 'dialect'> | undefined {
  const [trace = '', span = ''] = text.split('-');
  const read = readHex(trace);
  return read && { ...read, parentId: span };
}

/** An id that is none of a trace: found by searching for it. */
function readPlain(text: string): Omit<Found, 'dialect'> {
  return { id: text };
}
