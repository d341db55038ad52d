/** Shapes of the audit trail: what is written by `POST /v1/audit`, its receipts, and what is read again. */
import { ACTOR_TYPES, AUDIT_OUTCOMES, type FieldChange } from '@sillok/record';
import { z } from 'zod';
import {
  AUDIT_CHANGES_DEFAULT,
  AUDIT_CHANGES_MAX,
  AUDIT_ENTRIES_MAX,
  AUDIT_TEXT_CHARS_MAX,
} from './limits.js';
import type { Cost, Freshness, GapShape } from './schemas.js';

const name = z.string().min(1).max(AUDIT_TEXT_CHARS_MAX);
const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`));

/** One entry as a program sends it. `id` joins an intent and its outcome; without one the server makes it. */
export const auditEntryBody = z.strictObject({
  id: name.optional(),
  outcome: z.enum(AUDIT_OUTCOMES).default('committed'),
  action: name,
  entity: z.strictObject({
    type: name,
    id: z.coerce.string().min(1).max(AUDIT_TEXT_CHARS_MAX),
    version: z.union([z.string(), z.number()]).optional(),
  }),
  actor: z.strictObject({
    type: z.enum(ACTOR_TYPES),
    id: z.coerce.string().min(1).max(AUDIT_TEXT_CHARS_MAX),
  }),
  subject: name.optional(),
  reason: z.string().max(10_000).optional(),
  arguments: z.json().optional(),
  before: z.json().optional(),
  after: z.json().optional(),
  result: z.json().optional(),
  /** When it happened, if not now. RFC 3339. */
  time: z.string().max(64).optional(),
  trace_id: hex(32).optional(),
  span_id: hex(16).optional(),
  global_trace_id: name.optional(),
  session_hash: name.optional(),
});

export const auditBody = z.strictObject({
  service: z.strictObject({ name, version: name.optional() }),
  entries: z.array(auditEntryBody).min(1).max(AUDIT_ENTRIES_MAX),
});

export type AuditBody = z.input<typeof auditBody>;

/** Proves that an entry is in the log: `sillok audit check-receipt` checks it without the server. */
export interface AuditReceipt {
  readonly id: string;
  readonly outcome: string;
  /** Place in the log, from 0, and the size of the log that the proof is for. */
  readonly index: number;
  readonly size: number;
  /** Hash of the record and the hashes beside its way to the root; base64. */
  readonly leaf: string;
  readonly proof: readonly string[];
}

export interface AuditAnswer {
  readonly entries: readonly AuditReceipt[];
  /** A signed note (C2SP tlog-checkpoint) of the log with these entries in it. Keep it elsewhere. */
  readonly checkpoint: string;
}

export const auditQuery = z.strictObject({
  /** `order/7`, or `order` for all of a type. */
  entity: z
    .string()
    .min(1)
    .max(2 * AUDIT_TEXT_CHARS_MAX)
    .optional(),
  actor: name.optional(),
  action: name.optional(),
  subject: name.optional(),
  id: name.optional(),
  from: z.string().min(1).max(64).optional(),
  to: z.string().min(1).max(64).optional(),
  limit: z.coerce.number().int().min(1).max(AUDIT_CHANGES_MAX).default(AUDIT_CHANGES_DEFAULT),
});

export const receiptQuery = z.strictObject({
  id: name,
  outcome: z.enum(AUDIT_OUTCOMES).default('committed'),
});

export const consistencyQuery = z.strictObject({
  from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  to: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

export type AuditParams = z.input<typeof auditQuery>;
export type ReceiptParams = z.input<typeof receiptQuery>;
export type ConsistencyParams = z.input<typeof consistencyQuery>;

/** An intent and its outcome, as one. */
export interface AuditChange {
  readonly id: string;
  /** Of the latest record of it. An `intent` without an end stays one. */
  readonly outcome: string;
  readonly time: string;
  readonly action: string;
  readonly entity: { readonly type: string; readonly id: string; readonly version?: unknown };
  readonly actor: { readonly type: string; readonly id: string };
  readonly subject?: string;
  readonly reason?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly diff: readonly FieldChange[];
  readonly service?: string;
  readonly trace_id?: string;
  readonly global_trace_id?: string;
  /** Identities of the records that this was read from. */
  readonly records: readonly { readonly producer: string; readonly boot: string; readonly seq: number }[];
}

export interface AuditPage {
  /** Newest first. */
  readonly changes: readonly AuditChange[];
  /** More were there than the limit. */
  readonly truncated: boolean;
  readonly freshness: Freshness;
  readonly gaps: readonly GapShape[];
  readonly cost: Cost;
}

export interface ConsistencyAnswer {
  readonly from: number;
  readonly to: number;
  readonly proof: readonly string[];
}
