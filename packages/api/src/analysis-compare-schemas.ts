/** Shapes of the answers that compare and group records: why different, patterns, error groups, others, heatmap. */
import { z } from 'zod';
import { ERROR_GROUPS_MAX, PATTERNS_MAX, WHY_CONDITIONS_MAX } from './limits.analysis.js';
import type { ErrorLife, ErrorLink } from './error-life-schemas.js';
import type { Heatmap } from './analysis-map-schemas.js';
import type { RecordRef } from './analysis-schemas.js';
import { count, moment, QUERY_TEXT, range, type Trust } from './schemas.js';

export const whyQuery = z.strictObject({
  /** The slice. */
  ...range,
  /**
   * What it is compared with: everything that this finds and the slice does not contain. Without it others like the slice: of the same
   * kinds, of the same service and endpoint where the slice has one, and, where all of the slice failed, those that did not.
   */
  base_q: QUERY_TEXT,
  base_from: moment.optional(),
  base_to: moment.optional(),
  /** Left out on both sides: a condition that is explained already, so that the next one shows. */
  except: QUERY_TEXT,
  /**
   * What is compared: single records, or all that belongs to one trace. Without it records where the slice is of requests, spans or
   * browser events alone, or has no traces; else traces.
   */
  unit: z.enum(['record', 'trace']).optional(),
  limit: count(20, WHY_CONDITIONS_MAX),
});

export const patternsQuery = z.strictObject({ ...range, limit: count(50, PATTERNS_MAX) });

export const errorsQuery = z.strictObject({
  ...range,
  sort: z.enum(['last', 'first', 'count', 'people']).default('last'),
  /** `mine`: open, and given to whoever asks. */
  state: z.enum(['all', 'open', 'resolved', 'ignored', 'mine']).default('all'),
  limit: count(50, ERROR_GROUPS_MAX),
});

export const othersQuery = z.strictObject({ ...range });

export const heatmapQuery = z.strictObject({
  ...range,
  /** Any field with numbers. */
  field: z.string().min(1).max(256).default('duration_ms'),
  buckets: count(60, 500),
});

export type WhyParams = z.input<typeof whyQuery>;
export type PatternsParams = z.input<typeof patternsQuery>;
export type ErrorsParams = z.input<typeof errorsQuery>;
export type OthersParams = z.input<typeof othersQuery>;
export type HeatmapParams = z.input<typeof heatmapQuery>;

/** One value of one field, and how much more often the slice has it. */
export interface WhyCondition {
  readonly field: string;
  readonly value: string;
  /** How many of the slice and of the base have it. */
  readonly slice: number;
  readonly base: number;
  readonly slice_share: number;
  readonly base_share: number;
  /** `slice_share / base_share`; null when the base never has it. */
  readonly lift: number | null;
  /** 0 to 1: how well it alone tells slice and base apart (phi coefficient). */
  readonly strength: number;
  /** Chance that the difference is one of the draw; after correction for how many were compared. */
  readonly p_value: number;
  /** Search text of the condition, for `q` or `except`. */
  readonly search: string;
}

export interface WhyAnswer extends Trust {
  /** How many of each side were compared. */
  readonly slice: number;
  readonly base: number;
  readonly unit: 'record' | 'trace';
  /** The search of the base; `*` is everything. */
  readonly base_q: string;
  /** What the base was chosen by; null when it was asked for, or when nothing was like the slice. */
  readonly comparable: {
    /** Empty: any kind. */
    readonly kinds: readonly string[];
    readonly shared: readonly Pick<WhyCondition, 'field' | 'value'>[];
    /** It failed, and is compared with what did not. */
    readonly succeeded: boolean;
  } | null;
  /** What was true of the request: most telling first. */
  readonly conditions: readonly WhyCondition[];
  /** What came of it: status, level, exception, duration. Telling, but not a reason. */
  readonly consequences: readonly WhyCondition[];
  /** Below 1 when only a part of the records was compared. */
  readonly sample: number;
}

export interface Pattern {
  /** The words that stay, `<*>` where they differ: `payment <*> failed: timeout after <*> ms`. */
  readonly template: string;
  readonly count: number;
  readonly share: number;
  readonly first: string;
  readonly last: string;
  readonly levels: Readonly<Record<string, number>>;
  readonly services: readonly string[];
  /** Counts over the range, in equal steps. */
  readonly trend: readonly number[];
  /** The same length of time before the range had none of it; null when no range was given. */
  readonly is_new: boolean | null;
  readonly before: number | null;
  readonly example: string;
  readonly example_record: RecordRef;
  /** Search text that finds its records (and perhaps a few more). */
  readonly search: string;
}

export interface PatternsAnswer extends Trust {
  readonly patterns: readonly Pattern[];
  readonly records: number;
  readonly step_ms: number;
  readonly truncated: boolean;
}

export interface ErrorGroup {
  /** Stable: the type, the top frames of our own code without their lines, and the message's template. */
  readonly fingerprint: string;
  readonly service: string;
  readonly type: string;
  readonly template: string;
  readonly message: string;
  /** Top frames as they are, at most five. */
  readonly frames: readonly string[];
  readonly count: number;
  readonly people: number;
  readonly customers: number;
  readonly sessions: number;
  readonly first: string;
  readonly last: string;
  readonly releases: readonly { readonly version: string; readonly count: number; readonly first: string }[];
  readonly routes: readonly string[];
  readonly trend: readonly number[];
  readonly example: RecordRef;
  readonly trace_id: string;
  readonly search: string;
  readonly life: ErrorLife;
  /** Its newest trace in Sentry, Datadog and Pinpoint, where those run beside it. */
  readonly links: readonly ErrorLink[];
}

export interface ErrorsAnswer extends Trust {
  readonly groups: readonly ErrorGroup[];
  /** Groups of the range by state, whichever of them was asked for. */
  readonly states: Readonly<Record<'open' | 'resolved' | 'ignored' | 'mine', number>>;
  readonly records: number;
  readonly step_ms: number;
  readonly truncated: boolean;
}

/** "Others too?" */
export interface OthersAnswer extends Trust {
  readonly records: number;
  readonly people: number;
  readonly sessions: number;
  readonly customers: number;
  readonly first: string | null;
  readonly last: string | null;
  /** Oldest first. `before` releases had none of it. */
  readonly releases: readonly {
    readonly service: string;
    readonly version: string;
    readonly count: number;
    readonly first: string;
  }[];
  readonly since_release: {
    readonly service: string;
    readonly version: string;
    readonly first: string;
  } | null;
  readonly trend: readonly { readonly time: string; readonly count: number; readonly people: number }[];
}

export interface HeatmapAnswer extends Trust {
  readonly field: string;
  readonly heatmap: Heatmap;
}
