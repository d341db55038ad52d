/** Alerts: rules, what they raised, and where it is told. */
import { z } from 'zod';

import type { Sentence } from './analysis-schemas.js';
import { QUERY_CHARS_MAX } from './limits.js';

export const severity = z.enum(['warning', 'critical']);
export type Severity = z.infer<typeof severity>;
const targetIds = z.array(z.string().max(64)).max(20);

/** A rule over any search without pipes, or over a number of a business database. */
export const alertRuleBody = z.strictObject({
  name: z.string().trim().min(1).max(120),
  q: z.string().max(QUERY_CHARS_MAX),
  /**
   * The business database that is asked instead of the record; empty for the record. `q` is then a statement that reads, which may
   * bind `{from}` and `{to}`, and gives a number; `kind` is `threshold` or `absence`.
   */
  database: z.string().max(64).default(''),
  /**
   * `threshold`: so many in the window; `absence`: fewer than `value` in the window; `new_pattern`: a message of a kind that was
   * not seen before; `error_rate`: the part of errors among what the search finds, against the time before.
   */
  kind: z.enum(['threshold', 'absence', 'new_pattern', 'error_rate']),
  window_s: z.number().int().min(60).max(86_400).default(300),
  value: z.number().min(0).max(1e12).default(1),
  /** `error_rate`: fires at so many times the rate of the time before. */
  factor: z.number().min(1).max(1_000).default(2),
  before_s: z.number().int().min(300).max(604_800).default(3_600),
  /** `error_rate`: with fewer errors in the window it says nothing. */
  errors_min: z.number().int().min(1).max(1e9).default(10),
  /** Each value of this field (of a database: of this column) is looked at, and told, apart. */
  by: z.string().max(200).default(''),
  severity: severity.default('warning'),
  /** Empty: every target of the project. */
  targets: targetIds.default([]),
  enabled: z.boolean().default(true),
});

/** What may be changed of a rule that is built in. */
export const builtInRuleBody = z.strictObject({
  enabled: z.boolean().default(true),
  severity: severity.default('critical'),
  targets: targetIds.default([]),
});

export const previewBody = z.strictObject({
  rule: alertRuleBody,
  from: z.string().max(64).default('-24h'),
  to: z.string().max(64).default('now'),
});

const targetBase = {
  name: z.string().trim().min(1).max(100),
  language: z.enum(['en', 'ko']).default('en'),
  enabled: z.boolean().default(true),
  severity_min: severity.default('warning'),
};
const mailAddress = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+$/);

export const alertTargetBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slack_webhook'), ...targetBase, url: z.url().max(2_000) }),
  z.strictObject({
    kind: z.literal('slack_bot'),
    ...targetBase,
    token: z.string().min(10).max(500),
    channel: z.string().min(1).max(100),
  }),
  z.strictObject({ kind: z.literal('mail'), ...targetBase, to: z.array(mailAddress).min(1).max(50) }),
]);

export const alertsQuery = z.strictObject({
  state: z.enum(['open', 'resolved', 'all']).default('all'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const muteBody = z.strictObject({ minutes: z.number().int().min(0).max(525_600) });

export type AlertRule = z.output<typeof alertRuleBody>;
export type AlertRuleBody = z.input<typeof alertRuleBody>;
export type AlertTarget = z.output<typeof alertTargetBody>;
export type AlertTargetBody = z.input<typeof alertTargetBody>;

export type AlertKind =
  | AlertRule['kind']
  | 'new_error'
  | 'dependency'
  | 'silent'
  | 'lag'
  | 'gaps'
  | 'bulk_deletion'
  | 'replay'
  | 'approval'
  | 'script_still'
  | 'flood'
  | 'cannot_evaluate';

export interface AlertShape {
  readonly id: string;
  readonly rule: string;
  readonly rule_name: string;
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly state: 'open' | 'acknowledged' | 'resolved';
  /** The first line of what happened: text of a record, never markup. */
  readonly title: string;
  /** The same for a reader of either language. The text of a record is the same in both. */
  readonly titles: Sentence;
  /** The search that finds exactly this, and its range; of a rule over a database its statement. */
  readonly q: string;
  /** Empty for the record. */
  readonly database: string;
  /** The console's page where something can be done about it, with its path; null for its search. */
  readonly place: string | null;
  readonly from: string;
  readonly to: string;
  readonly first_time: string;
  readonly last_time: string;
  readonly count: number;
  /** Distinct people; null when the records name nobody. */
  readonly people: number | null;
  readonly people_at_least: boolean;
  readonly services: readonly string[];
  readonly releases: readonly string[];
  readonly trace_id: string | null;
  readonly came_back: boolean;
  /** The alert about what failed first, of which this is a part: this one is shown, and not told beside it. */
  readonly part_of: string | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
  readonly muted_until: string | null;
  readonly resolved_at: string | null;
  /** From the first record to the first message or acknowledgement; to the last record. */
  readonly unnoticed_ms: number | null;
  readonly lasted_ms: number;
  readonly deliveries: readonly {
    readonly target: string;
    readonly state: 'waiting' | 'sent' | 'failing' | 'given_up';
    readonly error: string | null;
  }[];
  readonly events: readonly { readonly time: string; readonly what: string; readonly by: string | null }[];
}

export interface AlertRuleShape {
  readonly id: string;
  readonly built_in: boolean;
  readonly name: string;
  readonly kind: AlertKind;
  readonly rule: AlertRule | null;
  readonly severity: Severity;
  readonly enabled: boolean;
  readonly targets: readonly string[];
  readonly muted_until: string | null;
  /** `error` says why it cannot be evaluated now. */
  readonly status: {
    readonly evaluated_at: string | null;
    readonly error: string | null;
    readonly errors: Sentence | null;
  };
}

export interface PreviewShape {
  /** `newest`: the newest windows only; `now`: the statement does not ask for a time, so the past cannot be asked. */
  readonly covers: 'all' | 'newest' | 'now';
  readonly points: readonly { readonly time: string; readonly value: number; readonly fires: boolean }[];
  /** How many times it would have spoken up: runs of windows that fire. */
  readonly fired: number;
  readonly groups: readonly { readonly group: string; readonly fired: number }[];
  readonly cost: { readonly rows_read: number; readonly bytes_read: number; readonly elapsed_ms: number };
}
