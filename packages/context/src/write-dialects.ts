/**
 * Our place in the trace in the words of another dialect, for a next hop that does not read `traceparent`. Each writes what
 * its own specification asks for; what cannot be said in a dialect (state, baggage) is left to W3C's headers.
 */
import type { Headers } from './headers.js';

/** What can be written. `b3multi` is B3 in several headers; `request_id` hands on the id that a proxy gave. */
export const WRITTEN_DIALECTS = [
  'w3c',
  'b3',
  'b3multi',
  'jaeger',
  'xray',
  'gcp',
  'datadog',
  'sentry',
  'request_id',
] as const;
export type WrittenDialect = (typeof WRITTEN_DIALECTS)[number];

export function isWrittenDialect(text: string): text is WrittenDialect {
  return WRITTEN_DIALECTS.some((name) => name === text);
}

export interface Place {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly sampled: boolean;
  /** `X-Request-Id` as it came in; the trace's id where none came. */
  readonly requestId?: string | undefined;
}

type Writer = (place: Place) => Headers;

const WRITERS: Readonly<Record<Exclude<WrittenDialect, 'w3c'>, Writer>> = {
  b3: ({ traceId, spanId, parentSpanId, sampled }) => ({
    b3: `${traceId}-${spanId}-${bit(sampled)}${parentSpanId === undefined ? '' : `-${parentSpanId}`}`,
  }),
  b3multi: ({ traceId, spanId, parentSpanId, sampled }) => ({
    'x-b3-traceid': traceId,
    'x-b3-spanid': spanId,
    ...(parentSpanId === undefined ? {} : { 'x-b3-parentspanid': parentSpanId }),
    'x-b3-sampled': bit(sampled),
  }),
  jaeger: ({ traceId, spanId, sampled }) => ({ 'uber-trace-id': `${traceId}:${spanId}:0:${bit(sampled)}` }),
  xray: ({ traceId, spanId, sampled }) => ({
    'x-amzn-trace-id': `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${bit(sampled)}`,
  }),
  gcp: ({ traceId, spanId, sampled }) => ({
    'x-cloud-trace-context': `${traceId}/${decimal(spanId)};o=${bit(sampled)}`,
  }),
  datadog: ({ traceId, spanId, sampled }) => ({
    'x-datadog-trace-id': decimal(traceId.slice(16)),
    'x-datadog-parent-id': decimal(spanId),
    'x-datadog-sampling-priority': bit(sampled),
    'x-datadog-tags': `_dd.p.tid=${traceId.slice(0, 16)}`,
  }),
  sentry: ({ traceId, spanId, sampled }) => ({ 'sentry-trace': `${traceId}-${spanId}-${bit(sampled)}` }),
  request_id: ({ traceId, requestId }) => ({ 'x-request-id': requestId ?? traceId }),
};

export function writeDialects(place: Place, dialects: readonly WrittenDialect[]): Headers {
  const headers: Headers = {};
  for (const dialect of dialects) {
    if (dialect !== 'w3c') Object.assign(headers, WRITERS[dialect](place));
  }
  return headers;
}

function bit(sampled: boolean): '0' | '1' {
  return sampled ? '1' : '0';
}

function decimal(hex: string): string {
  return BigInt(`0x${hex}`).toString();
}
