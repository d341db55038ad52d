/**
 * The shapes of requests and answers, once: types, checks at the edge of the server and checks in the client.
 *
 * Answers may gain fields (so objects here are loose where the client reads them); what stands here never changes
 * its meaning.
 */
import type { Envelope } from '@sillok/record';
import { z } from 'zod';
import {
  AFTER_WAIT_MS_DEFAULT,
  AFTER_WAIT_MS_MAX,
  CONTEXT_RECORDS_DEFAULT,
  CONTEXT_RECORDS_MAX,
  CURSOR_CHARS_MAX,
  FIELD_VALUES_DEFAULT,
  FIELD_VALUES_MAX,
  HISTOGRAM_BUCKETS_DEFAULT,
  HISTOGRAM_BUCKETS_MAX,
  PAGE_RECORDS_DEFAULT,
  PAGE_RECORDS_MAX,
  QUERY_CHARS_MAX,
  SQL_CHARS_MAX,
  TOKEN_CHARS_MAX,
} from './limits.js';

/** Text of a search. */
export const QUERY_TEXT = z.string().max(QUERY_CHARS_MAX).default('');
const q = QUERY_TEXT;
export const moment = z.string().min(1).max(64);

/** What every way of reading records takes. `from` is inclusive, `to` exclusive; absent means no bound. */
export const range = { q, from: moment.optional(), to: moment.optional() };

export function count(preset: number, max: number) {
  return z.coerce.number().int().min(1).max(max).default(preset);
}

export const order = z.enum(['asc', 'desc']);

export const searchQuery = z.strictObject({
  ...range,
  // More than a page holds is answered page by page: `next` says that there is more.
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .default(PAGE_RECORDS_DEFAULT)
    .transform((limit) => Math.min(limit, PAGE_RECORDS_MAX)),
  order: order.default('desc'),
  cursor: z.string().min(1).max(CURSOR_CHARS_MAX).optional(),
  after: z.string().min(1).max(TOKEN_CHARS_MAX).optional(),
  wait_ms: z.coerce.number().int().min(0).max(AFTER_WAIT_MS_MAX).default(AFTER_WAIT_MS_DEFAULT),
});

export const contextQuery = z.strictObject({
  producer: z.string().min(1).max(512),
  boot: z.string().min(1).max(512),
  seq: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** The record's time, if known: the record is then found without looking through all days. */
  time: moment.optional(),
  q,
  before: z.coerce.number().int().min(0).max(CONTEXT_RECORDS_MAX).default(CONTEXT_RECORDS_DEFAULT),
  after: z.coerce.number().int().min(0).max(CONTEXT_RECORDS_MAX).default(CONTEXT_RECORDS_DEFAULT),
});

export const fieldsQuery = z.strictObject({ ...range });

export const fieldValuesQuery = z.strictObject({
  ...range,
  limit: count(FIELD_VALUES_DEFAULT, FIELD_VALUES_MAX),
});

export const histogramQuery = z.strictObject({
  ...range,
  buckets: count(HISTOGRAM_BUCKETS_DEFAULT, HISTOGRAM_BUCKETS_MAX),
  /** Splits each bucket. Other fields: `| stats count() by bin(5m), field`. */
  by: z.literal('level').optional(),
});

export const estimateQuery = z.strictObject({
  ...range,
  order: order.default('desc'),
  limit: count(PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX),
});

export const exportQuery = z.strictObject({
  ...range,
  order: order.default('asc'),
  format: z.enum(['ndjson', 'csv', 'parquet']).default('ndjson'),
  /** Columns of the CSV or the Parquet file, by comma. */
  fields: z.string().max(4_096).optional(),
  limit: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});

export const liveQuery = z.strictObject({ q, last_event_id: z.string().max(256).optional() });

const sqlParam = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.json()),
  z.record(z.string(), z.json()),
]);

export const sqlBody = z.strictObject({
  query: z.string().min(1).max(SQL_CHARS_MAX),
  params: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/), sqlParam).default({}),
  /** Names the query for DELETE /api/sql/:queryId. Chosen by the server when absent. */
  query_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
});

export type SearchParams = z.input<typeof searchQuery>;
export type ContextParams = z.input<typeof contextQuery>;
export type RangeParams = z.input<typeof fieldsQuery>;
export type FieldValuesParams = z.input<typeof fieldValuesQuery>;
export type HistogramParams = z.input<typeof histogramQuery>;
export type EstimateParams = z.input<typeof estimateQuery>;
export type ExportParams = z.input<typeof exportQuery>;
export type SqlParams = z.input<typeof sqlBody>;
export type Order = z.infer<typeof order>;

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Freshness {
  /** Every record that the server took up to this time is in the answer's reach. */
  readonly visible_through: string;
  readonly lag_ms: number;
}

/** Sequence numbers that were never received, both ends included. */
export interface GapShape {
  readonly producer: string;
  readonly boot: string;
  readonly from: number;
  readonly to: number;
}

export interface Cost {
  readonly rows_read: number;
  readonly bytes_read: number;
  readonly elapsed_ms: number;
}

export interface Column {
  readonly name: string;
  readonly type: string;
}

/** Advice on a search that is valid: a field name that no recent record has, and what was perhaps meant. */
export interface Hint {
  /** Stays; the sentence in another language is found by it. */
  readonly code?: string;
  readonly values?: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly help: string;
  readonly suggestion?: string;
}

/** What every answer says about itself. */
export interface Trust {
  readonly freshness: Freshness;
  readonly gaps: readonly GapShape[];
  /** Only there, and true, when there are more gaps than are listed. */
  readonly gaps_truncated?: boolean;
  readonly cost: Cost;
  readonly hints?: readonly Hint[];
}

export interface RecordsPage extends Trust {
  readonly records: readonly Envelope[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
  /** The page before this one; null when nothing can be before it. */
  readonly previous: string | null;
}

export interface TablePage extends Trust {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
}

export interface ContextPage extends Trust {
  readonly before: readonly Envelope[];
  readonly record: Envelope;
  readonly after: readonly Envelope[];
}

export interface FieldShape {
  readonly name: string;
  /** `envelope`, `resource`, `attribute`; known attributes have a column of their own. */
  readonly source: string;
  readonly count: number;
  /** Of an attribute without a column: how many are `text`, `number`, `boolean`, `null`, `list`, `object`. */
  readonly types?: Readonly<Record<string, number>>;
}

export interface FieldsPage extends Trust {
  readonly fields: readonly FieldShape[];
  /** How many records were looked at: the newest of the range. */
  readonly sampled: number;
}

export interface FieldValuesPage extends Trust {
  readonly field: string;
  readonly values: readonly { readonly value: unknown; readonly count: number }[];
  readonly truncated: boolean;
}

export interface HistogramPage extends Trust {
  readonly from: string;
  readonly to: string;
  readonly bucket_ms: number;
  readonly buckets: readonly {
    readonly time: string;
    readonly count: number;
    readonly by?: Readonly<Record<string, number>>;
  }[];
}

/** What a query would read. `exact`: it was so cheap that it was measured instead. */
export interface EstimateShape {
  readonly rows: number;
  readonly bytes: number;
  /** How long it would take on this machine as it is now, in milliseconds; null when that cannot be told: then it is long. */
  readonly ms: number | null;
  readonly exact: boolean;
}

export interface SqlAnswer {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly cost: Cost;
  /** More rows than the limit were there. */
  readonly truncated: boolean;
  /** Cancels it while it runs, at DELETE /api/sql/:queryId. */
  readonly query_id: string;
  readonly freshness: Freshness;
  readonly gaps: readonly GapShape[];
}

/** Answers of search, as the client meets them: fields may be added, so the check is loose. */
const trust = { freshness: z.looseObject({}), gaps: z.array(z.looseObject({})), cost: z.looseObject({}) };
export const recordsPage = z.looseObject({
  records: z.array(z.custom<Envelope>((value) => typeof value === 'object' && value !== null)),
  next: z.string().nullable(),
  ...trust,
});
export const tablePage = z.looseObject({
  columns: z.array(z.looseObject({})),
  rows: z.array(z.array(z.unknown())),
});
export const errorBody = z.looseObject({
  error: z.looseObject({ code: z.string(), message: z.string(), help: z.string() }),
});
