/** Shapes of finding a person: what somebody typed → masked candidates; what is sealed → opened; and erasing. */
import { z } from 'zod';
import { PERSON_QUERY_CHARS_MAX, PERSON_REASON_CHARS_MAX } from './limits.js';
import type { Cost, Freshness, GapShape } from './schemas.js';

const reason = z.string().trim().max(PERSON_REASON_CHARS_MAX);

/** By what somebody was found. */
export const FOUND_BY = [
  'email',
  'phone',
  'member',
  'order',
  'support_code',
  'user_hash',
  'session_hash',
  'user_id',
  'session_id',
  'trace',
  'record',
] as const;
export type FoundBy = (typeof FOUND_BY)[number];

export const personLookupBody = z.strictObject({
  /** An e-mail address, a phone, member or order number, a support code, a pseudonym, a trace's or any other id. */
  query: z.string().trim().min(1).max(PERSON_QUERY_CHARS_MAX),
  /** Takes the query for this alone. Default: everything that it may be. */
  as: z.enum(['email', 'phone', 'member', 'order', 'support_code', 'id']).optional(),
  /** Why; stands in the audit trail. */
  reason: reason.optional(),
});

export const personOpenBody = z.strictObject({
  producer: z.string().min(1).max(512),
  boot: z.string().min(1).max(512),
  seq: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** The record's time, if known: it is then found without looking through all days. */
  time: z.string().min(1).max(64).optional(),
  reason: reason.min(1),
});

export const personEraseBody = z.strictObject({
  /** A pseudonym of the person, as a look-up answered it. */
  person: z.string().min(1).max(128),
  reason: reason.min(1),
});

export type PersonLookupBody = z.input<typeof personLookupBody>;
export type PersonOpenBody = z.input<typeof personOpenBody>;
export type PersonEraseBody = z.input<typeof personEraseBody>;

export interface PersonCandidate {
  /** The account's newest pseudonym, else that of its session. */
  readonly person: string;
  /** Its last four characters, to tell candidates apart aloud. */
  readonly label: string;
  readonly found_by: readonly FoundBy[];
  readonly user_hashes: readonly string[];
  readonly session_hashes: readonly string[];
  /** Some of the sessions belong to another account, too. */
  readonly shared: boolean;
}

export interface PersonLookupAnswer {
  readonly candidates: readonly PersonCandidate[];
  readonly truncated: boolean;
  /** Traces that the query names (a support code, a trace id, an id in a record), newest first. */
  readonly trace_ids: readonly string[];
  /** `indexes`: only what needs no search engine was asked, because it does not answer. */
  readonly searched: 'all' | 'indexes';
  /** Entry of the audit trail about this look-up. */
  readonly audit_id: string;
  readonly freshness: Freshness;
  readonly gaps: readonly GapShape[];
  readonly cost: Cost;
}

export interface PersonOpenAnswer {
  /** By path; null: `unreadable` says why. */
  readonly values: Readonly<Record<string, string | null>>;
  /** `erased`: for good. `key_absent`: the service that sealed it has another folder of keys than the server. */
  readonly unreadable: Readonly<Record<string, 'erased' | 'key_absent'>>;
  readonly audit_id: string;
}

export interface PersonEraseAnswer {
  readonly person: string;
  /** Pseudonyms whose key is destroyed. */
  readonly erased: readonly string[];
  readonly audit_id: string;
}
