/**
 * A finished span of OpenTelemetry's SDK as fields of a record. The same names as those that the server gives to spans that
 * come by OTLP. Typed by structure: no package of OpenTelemetry is a dependency, and any version that fits will do.
 */
import { nsToTime } from '@sillok/record';
import type { SpanKind } from '../span.js';

/** Seconds and nanoseconds. */
export type HrTime = readonly [number, number];
export type Attributes = { readonly [name: string]: unknown };

export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

export interface OtelEvent {
  readonly name: string;
  readonly time: HrTime;
  readonly attributes?: Attributes | undefined;
}

/** What is read of a `ReadableSpan`. */
export interface OtelSpan {
  readonly name: string;
  readonly kind: number;
  readonly spanContext: () => OtelSpanContext;
  readonly parentSpanContext?: OtelSpanContext | undefined;
  readonly startTime: HrTime;
  readonly duration: HrTime;
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: Attributes;
  readonly events: readonly OtelEvent[];
  readonly links: readonly {
    readonly context: OtelSpanContext;
    readonly attributes?: Attributes | undefined;
  }[];
  readonly instrumentationScope?:
    | { readonly name: string; readonly version?: string | undefined }
    | undefined;
}

const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const STATUS_OK = 1;
const STATUS_ERROR = 2;
const EXCEPTION_KEYS = ['exception.type', 'exception.message', 'exception.stacktrace'] as const;
type Fields = { [name: string]: unknown };

export function spanFields(span: OtelSpan): Fields {
  const scope = span.instrumentationScope;
  return {
    ...span.attributes,
    ...eventFields(span),
    ...linkFields(span),
    ...statusFields(span),
    ...(scope === undefined ? {} : { 'otel.scope.name': scope.name }),
    ...(scope?.version === undefined || scope.version === '' ? {} : { 'otel.scope.version': scope.version }),
    'span.kind': KINDS[span.kind] ?? 'internal',
    'span.start_time': timeOf(span.startTime),
    duration_ms: Math.round(millisecondsOf(span.duration) * 1e6) / 1e6,
  };
}

export function hasFailed(span: OtelSpan): boolean {
  return span.status.code === STATUS_ERROR;
}

/** Events stay a list; what the first exception says moves up, where logs have it too. */
export function eventFields({ events, attributes }: Pick<OtelSpan, 'events' | 'attributes'>): Fields {
  if (events.length === 0) return {};
  const fields: Fields = {};
  const isKnown = EXCEPTION_KEYS.some((key) => key in attributes);
  const thrown = isKnown ? undefined : events.find((event) => event.name === 'exception');
  for (const key of EXCEPTION_KEYS) {
    const value = thrown?.attributes?.[key];
    if (value !== undefined) fields[key] = value;
  }
  fields['span.events'] = events.map((event) => {
    const own = { ...event.attributes };
    if (event === thrown) for (const key of EXCEPTION_KEYS) delete own[key];
    return {
      name: event.name,
      time: timeOf(event.time),
      ...(Object.keys(own).length === 0 ? {} : { attributes: own }),
    };
  });
  return fields;
}

function linkFields({ links }: OtelSpan): Fields {
  if (links.length === 0) return {};
  return {
    'span.links': links.map(({ context, attributes }) => ({
      trace_id: context.traceId,
      span_id: context.spanId,
      ...(attributes === undefined || Object.keys(attributes).length === 0 ? {} : { attributes }),
    })),
  };
}

function statusFields({ status }: OtelSpan): Fields {
  const code = status.code === STATUS_ERROR ? 'ERROR' : status.code === STATUS_OK ? 'OK' : undefined;
  return {
    ...(code === undefined ? {} : { 'otel.status_code': code }),
    ...(status.message === undefined || status.message === ''
      ? {}
      : { 'otel.status_description': status.message }),
  };
}

function timeOf([seconds, nanoseconds]: HrTime): string {
  return nsToTime(BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanoseconds)));
}

function millisecondsOf([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
