/**
 * The ids of a place in a trace, as they stand in a line: first after the message, in the envelope's order. All of them
 * were checked when they came in, so they need no escape.
 */
import type { TraceContext } from '@sillok/context';
import { ENVELOPE_IDS } from '@sillok/record';

export interface RecordIds {
  /** `,"trace_id":"…","span_id":"…"` */
  readonly text: string;
  /** Bits of the places (see `paths.ts`) that are taken. */
  readonly mask: number;
  /** By place; absent ones are undefined. */
  readonly values: readonly (string | undefined)[];
}

/** What is known of a place in a trace, and of the person for whom the work is done. */
export type KnownIds = Partial<
  Pick<TraceContext, 'traceId' | 'spanId' | 'parentSpanId' | 'globalTraceId' | 'sessionHash' | 'userHash'>
>;

export const NO_IDS: RecordIds = { text: '', mask: 0, values: [] };

export function encodeIds(known: KnownIds): RecordIds {
  const { traceId, spanId, parentSpanId, globalTraceId, sessionHash, userHash } = known;
  const values = [traceId, spanId, parentSpanId, globalTraceId, sessionHash, userHash];
  const isPlaced = traceId !== undefined && spanId !== undefined;
  let text = isPlaced ? `,"trace_id":"${traceId}","span_id":"${spanId}"` : '';
  let mask = isPlaced ? 0b11 : 0;
  for (let place = 2; place < values.length; place += 1) {
    const value = values[place];
    if (value === undefined) continue;
    text += `,"${ENVELOPE_IDS[place]}":"${value}"`;
    mask |= 1 << place;
  }
  return { text, mask, values };
}

/** The ids of OpenTelemetry's active span over those of the request that it runs in. */
export function spanIds(
  span: { readonly traceId: string; readonly spanId: string },
  request: RecordIds,
): RecordIds {
  const values = [...request.values];
  values[0] = span.traceId;
  values[1] = span.spanId;
  let text = `,"trace_id":"${span.traceId}","span_id":"${span.spanId}"`;
  // The parent of the request's span is not that of a span inside it.
  values[2] = undefined;
  for (let place = 3; place < values.length; place += 1) {
    if (values[place] !== undefined) text += `,"${ENVELOPE_IDS[place]}":"${values[place]}"`;
  }
  return { text, mask: (request.mask & ~0b100) | 0b11, values };
}
