/** Shapes of reading the audit trail: changes, who made them, and the monthly review of who looked at personal data. */
import { ACTOR_TYPES, type AuditDoor, type FieldChange } from '@sillok/record';
import { z } from 'zod';
import {
  AUDIT_CHANGES_DEFAULT,
  AUDIT_CHANGES_MAX,
  AUDIT_GROUPS_DEFAULT,
  AUDIT_GROUPS_MAX,
  AUDIT_TEXT_CHARS_MAX,
} from './limits.js';
import type { Cost, Freshness, GapShape } from './schemas.js';

const name = z.string().min(1).max(AUDIT_TEXT_CHARS_MAX);
const moment = z.string().min(1).max(64);

/** What changes are wanted: all conditions given must hold. */
const filters = {
  /** `order/7`, or `order` for all of a type. */
  entity: z
    .string()
    .min(1)
    .max(2 * AUDIT_TEXT_CHARS_MAX)
    .optional(),
  actor: name.optional(),
  actor_type: z.enum(ACTOR_TYPES).optional(),
  action: name.optional(),
  subject: name.optional(),
  /** A pseudonym: changes about this person and by them, under all names that links join. */
  person: name.optional(),
  /** A company, by `customer.id`. */
  customer: name.optional(),
  id: name.optional(),
  /** What somebody types: an id of an entity (alone or as `order/7`), an actor, a company or a change. */
  q: z
    .string()
    .min(1)
    .max(2 * AUDIT_TEXT_CHARS_MAX)
    .optional(),
  /** `only` those that looked at something, or all `without` them. */
  reads: z.enum(['with', 'without', 'only']).default('with'),
  from: moment.optional(),
  to: moment.optional(),
};

const flag = z.enum(['0', '1', 'true', 'false']).transform((text) => text === '1' || text === 'true');

export const auditQuery = z.strictObject({
  ...filters,
  /** Also the click or the request behind each change. */
  causes: flag.optional(),
  limit: z.coerce.number().int().min(1).max(AUDIT_CHANGES_MAX).default(AUDIT_CHANGES_DEFAULT),
  /** `next` of an earlier answer to the same question. */
  cursor: z.string().max(4096).optional(),
});

export const AUDIT_EXPORT_FORMATS = ['csv', 'ndjson', 'cloudevents'] as const;

export const auditExportQuery = z.strictObject({ ...filters, format: z.enum(AUDIT_EXPORT_FORMATS) });

export const auditGroupsQuery = z.strictObject({
  ...filters,
  by: z.enum(['actor', 'entity', 'customer']).default('actor'),
  limit: z.coerce.number().int().min(1).max(AUDIT_GROUPS_MAX).default(AUDIT_GROUPS_DEFAULT),
});

const month = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'is a month, as in 2026-10');

export const reviewQuery = z.strictObject({
  month,
  /** Nights and days are those of this time zone. */
  zone: z.string().min(1).max(64).default('Asia/Seoul'),
});

export const reviewSignOffBody = z.strictObject({
  month,
  zone: z.string().min(1).max(64).default('Asia/Seoul'),
  /** What was looked at and what came of it: it is kept with the sign-off. */
  note: z.string().min(1).max(10_000),
});

export type AuditParams = z.input<typeof auditQuery>;
export type AuditGroupsParams = z.input<typeof auditGroupsQuery>;
export type AuditExportParams = z.input<typeof auditExportQuery>;
export type ReviewParams = z.input<typeof reviewQuery>;
export type ReviewSignOffBody = z.input<typeof reviewSignOffBody>;

/**
 * What set a change off: a click in a page, a request without one that was recorded, one of us in the console (or with a key over the
 * API; `service` as the pages of Business data name it, absent for what is of Sillok itself), a script's run, or nothing of a person.
 */
export type AuditCause =
  | { readonly type: 'click'; readonly time: string; readonly text: string; readonly page: string }
  | { readonly type: 'request'; readonly time: string; readonly text: string; readonly service: string }
  | { readonly type: 'admin'; readonly door: AuditDoor; readonly service?: string }
  | {
      readonly type: 'script';
      readonly script: string;
      readonly run: string;
      /** Who began it, where that came through Sillok's server. */
      readonly by?: string;
      readonly service?: string;
    }
  | { readonly type: 'none' };

/** An intent and its outcome, as one. */
export interface AuditChange {
  readonly id: string;
  /** Of the latest record of it. An `intent` without an end stays one. */
  readonly outcome: string;
  readonly time: string;
  readonly action: string;
  readonly entity: { readonly type: string; readonly id: string; readonly version?: unknown };
  readonly actor: { readonly type: string; readonly id: string; readonly name?: string };
  /** It looked and changed nothing: `isReadAction` of its action. */
  readonly is_read: boolean;
  readonly subject?: string;
  readonly customer?: string;
  readonly via?: { readonly door: AuditDoor; readonly service: string };
  readonly reason?: string;
  /** What it was called with, as far as its rule keeps that: of a statement in a database the statement without its values. */
  readonly arguments?: unknown;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly diff: readonly FieldChange[];
  /** Only there, and true, when some of it was too much for a record: then `before` and `after` are not all there was. */
  readonly incomplete?: true;
  readonly service?: string;
  readonly service_version?: string;
  readonly client_address?: string;
  readonly trace_id?: string;
  readonly global_trace_id?: string;
  /** Only when it was asked for. */
  readonly cause?: AuditCause;
  /** Identities of the records that this was read from. */
  readonly records: readonly { readonly producer: string; readonly boot: string; readonly seq: number }[];
}

interface Trusted {
  readonly freshness: Freshness;
  readonly gaps: readonly GapShape[];
  readonly cost: Cost;
}

export interface AuditPage extends Trusted {
  /** Newest first. */
  readonly changes: readonly AuditChange[];
  /** More were there than the limit: `next` is the `cursor` of the page behind this one, else null. */
  readonly truncated: boolean;
  readonly next: string | null;
  /** Only for a person of more sessions than one search can name: what was done in these without being signed in is not found. */
  readonly sessions_left_out?: number;
  /** Only where the question reaches further back: the first day that retention keeps. What is older is no longer here. */
  readonly kept_from?: string;
}

/** Changes of one actor, entity or company, counted. */
export interface AuditGroup {
  /** `type` is empty for a company. */
  readonly type: string;
  readonly id: string;
  /** Of an actor, where its records say one. */
  readonly name?: string;
  readonly changes: number;
  readonly reads: number;
  readonly deletes: number;
  /** Denied, failed and rolled back. */
  readonly refused: number;
  readonly first: string;
  readonly last: string;
  /** Most frequent first. */
  readonly actions: readonly { readonly action: string; readonly count: number }[];
}

export interface AuditGroupsAnswer extends Trusted {
  /** Most changes first. */
  readonly groups: readonly AuditGroup[];
  readonly truncated: boolean;
}

/** Why an actor of a review deserves a look. */
export const REVIEW_SIGNS = ['night', 'weekend', 'bulk', 'download', 'denied', 'no_reason'] as const;
export type ReviewSign = (typeof REVIEW_SIGNS)[number];

export interface ReviewActor {
  readonly type: string;
  readonly id: string;
  readonly name?: string;
  readonly accesses: number;
  /** Different people whose data was looked at, as far as records name them. */
  readonly people: number;
  readonly downloads: number;
  readonly night: number;
  readonly weekend: number;
  readonly denied: number;
  readonly without_reason: number;
  /** Most accesses within one hour, and when that was. */
  readonly busiest_hour: { readonly time: string; readonly accesses: number };
  readonly addresses: readonly string[];
  readonly signs: readonly ReviewSign[];
}

export interface ReviewSignOff {
  readonly time: string;
  readonly by: string;
  readonly note: string;
  readonly audit_id: string;
}

/** Who accessed personal data in a month. */
export interface ReviewAnswer extends Trusted {
  readonly month: string;
  readonly zone: string;
  readonly from: string;
  readonly to: string;
  readonly accesses: number;
  readonly people: number;
  /** Those with signs first. */
  readonly actors: readonly ReviewActor[];
  /** More accesses than are counted: then the counts are of the newest ones. */
  readonly truncated: boolean;
  /** A month is signed off once it is over. */
  readonly is_over: boolean;
  /** Newest first. */
  readonly sign_offs: readonly ReviewSignOff[];
}

export interface ReviewSignOffAnswer {
  readonly audit_id: string;
}
