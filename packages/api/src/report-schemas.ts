/** Reports: numbers of now against before, made comparable, sent on a schedule. */
import { z } from 'zod';
import { dashboardVariable, variableValues } from './dashboard-schemas.js';
import { QUERY_CHARS_MAX } from './limits.js';
import type { Cost } from './schemas.js';

/** What a card counts of what its search finds. */
export const cardMeasure = z.enum(['calls', 'people', 'error_rate', 'p50', 'p95', 'sum', 'avg']);

export const reportCard = z.strictObject({
  title: z.string().trim().min(1).max(80),
  q: z.string().max(QUERY_CHARS_MAX).default(''),
  /**
   * A business database: then `q` is a statement that gives one number and binds `{from}` and `{to}`. `sum` makes windows of
   * different length comparable, `avg` compares as it is.
   */
  database: z.string().max(64).default(''),
  measure: cardMeasure,
  /** For `p50`, `p95`, `sum` and `avg`. */
  field: z.string().max(200).default('duration_ms'),
  unit: z.string().max(20).default(''),
  /** Which direction is good news. */
  better: z.enum(['up', 'down', 'none']).default('none'),
});

export const reportBody = z.strictObject({
  name: z.string().trim().min(1).max(120),
  cards: z.array(reportCard).min(1).max(20),
  /** `rolling`: the last days against those before. `release`: since a release against the days before it. */
  windows: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('rolling'),
        now_days: z.number().int().min(1).max(92).default(7),
        before_days: z.number().int().min(1).max(366).default(28),
      }),
      z.strictObject({
        kind: z.literal('release'),
        service: z.string().min(1).max(200),
        /** Empty: the newest. */
        version: z.string().max(200).default(''),
        before_days: z.number().int().min(1).max(366).default(28),
      }),
    ])
    .default({ kind: 'rolling', now_days: 7, before_days: 28 }),
  variables: z.array(dashboardVariable).max(10).default([]),
  values: variableValues,
  language: z.enum(['en', 'ko']).default('en'),
  /** Five fields of cron in the time zone; empty: only by hand. */
  schedule: z.string().trim().max(100).default(''),
  timezone: z.string().max(64).default('UTC'),
  targets: z.array(z.string().max(64)).max(20).default([]),
});

export const reportRunBody = z.strictObject({
  report: reportBody.optional(),
  values: variableValues.optional(),
  at: z.string().max(64).default('now'),
});

export type Report = z.output<typeof reportBody>;
export type ReportBody = z.input<typeof reportBody>;
export type ReportCard = Report['cards'][number];

export interface ReportWindow {
  readonly from: string;
  readonly to: string;
}

export interface CardAnswer {
  readonly title: string;
  readonly measure: ReportCard['measure'];
  readonly unit: string;
  readonly better: ReportCard['better'];
  readonly now: number | null;
  /** As found in its own window. */
  readonly before: number | null;
  /** What the window before would have had in the length of the one now. Counts only; for others the same as `before`. */
  readonly before_comparable: number | null;
  /** How many times as much; null when there was nothing before. */
  readonly ratio: number | null;
  /** Calls and distinct people behind the number now. */
  readonly calls: number;
  readonly people: number;
}

export interface ReportAnswer {
  readonly name: string;
  readonly now: ReportWindow;
  readonly before: ReportWindow;
  /** The release that the windows meet at, when they do. */
  readonly release: { readonly service: string; readonly version: string } | null;
  readonly cards: readonly CardAnswer[];
  readonly cost: Cost;
}

export interface ReportShape extends Report {
  readonly id: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly next_at: string | null;
  readonly last: {
    readonly at: string;
    /** When all targets had it. */
    readonly sent_at: string | null;
    readonly state: 'sent' | 'waiting' | 'failing' | 'given_up';
    readonly error: string | null;
  } | null;
}
