/**
 * What a record is. Every other package reads and writes these shapes; nothing here does any work.
 *
 * There are three forms of the same record:
 *  - what a caller hands in: `RecordInput`, attributes nested or dotted, in any order;
 *  - what stands on a line of a spool, of the server's queue and in front of the engine: `FlatRecord`;
 *  - what the API answers: `Envelope`, attributes nested again, with who wrote it.
 */

export const KINDS = ['log', 'span', 'audit', 'event', 'access', 'script'] as const;
export type Kind = (typeof KINDS)[number];

/** pino's level names, in rising order of severity. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * A leaf of a flattened object: scalars, arrays (kept whole) and the empty object.
 * In an encoded line a string that would read as JSON is itself written as JSON text: see `encode.ts`.
 */
export type FlatValue =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: never };

/** Dotted path → leaf. Inherits nothing, so that `__proto__` is an ordinary key. */
export type FlatAttributes = { [path: string]: FlatValue };

/**
 * One record, flat, in the order in which its line is written. Keys of `KNOWN_ATTRIBUTES` stand at the top
 * level beside the envelope when their value has the known type; everything else is in `attributes`.
 */
export interface FlatRecord {
  /** 1, 2, 3 … without gaps per (`producer`, `boot`). */
  seq: number;
  /** RFC 3339 UTC with nine fractional digits: `2026-11-21T10:00:00.000000001Z`. */
  time: string;
  kind: Kind;
  level: Level;
  message: string;
  trace_id?: string;
  span_id?: string;
  parent_span_id?: string;
  global_trace_id?: string;
  session_hash?: string;
  user_hash?: string;
  /** Known attributes (`http.route`, `duration_ms`, …), then `attributes`. */
  [known: string]: unknown;
  attributes?: FlatAttributes;
}

/** Dotted resource keys of OpenTelemetry (`service.name`, `host.name`, …) → scalar. */
export type Resource = { readonly [key: string]: string | number | boolean };

/** First line of a segment, of a batch in the server's queue, and of a `POST /v1/records` body. */
export interface SegmentHeader {
  readonly sillok: 1;
  readonly producer: string;
  readonly boot: string;
  readonly resource: Resource;
  /** `flat`: the lines below are canonical (attributes flattened by `record`). Otherwise nested. */
  readonly encoding?: 'flat';
}

/** A record as the API answers it. */
export interface Envelope {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly seq: number;
  readonly time: string;
  readonly observed_time: string;
  readonly kind: Kind;
  readonly level: Level;
  readonly message: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly parent_span_id?: string;
  readonly global_trace_id?: string;
  readonly session_hash?: string;
  readonly user_hash?: string;
  readonly resource: Resource;
  readonly attributes: { readonly [key: string]: Json };
}

/** Names a record for ever. */
export interface Identity {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly seq: number;
}
