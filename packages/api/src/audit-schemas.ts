/** Shapes of the audit trail: what is written by `POST /v1/audit`, its receipts and proofs. Reading: `audit-history-schemas.ts`. */
import { ACTOR_TYPES, AUDIT_OUTCOMES } from '@sillok/record';
import { z } from 'zod';
import {
  AUDIT_ENTRIES_MAX,
  AUDIT_TEXT_CHARS_MAX,
  KEY_OVERLAP_DAYS_DEFAULT,
  KEY_OVERLAP_DAYS_MAX,
} from './limits.js';

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
  /** Which company of yours it belongs to (`customer.id`), and from where it was asked for (`client.address`). */
  customer: name.optional(),
  client_address: z.string().min(1).max(64).optional(),
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

export const receiptQuery = z.strictObject({
  id: name,
  outcome: z.enum(AUDIT_OUTCOMES).default('committed'),
});

export const consistencyQuery = z.strictObject({
  from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  to: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

export type ReceiptParams = z.input<typeof receiptQuery>;
export type ConsistencyParams = z.input<typeof consistencyQuery>;

export interface ConsistencyAnswer {
  readonly from: number;
  readonly to: number;
  readonly proof: readonly string[];
}

/** A new signing key; the old one signs too for that many days, so that who holds its verifier can follow. */
export const keyChangeBody = z.strictObject({
  reason: z.string().min(1).max(10_000),
  overlap_days: z.int().min(0).max(KEY_OVERLAP_DAYS_MAX).default(KEY_OVERLAP_DAYS_DEFAULT),
});

export interface KeyChangeAnswer {
  /** Verifier lines. */
  readonly before: string;
  readonly after: string;
  /** Until when both keys sign; absent when the old one is gone. */
  readonly until?: string;
  /** The signed note of the change: add it to the file that holds the verifier. */
  readonly note: string;
  readonly audit_id: string;
}
