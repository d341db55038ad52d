/** Limits of the HTTP contract and of its client, each with its reason. */

/** Records on a page when the caller names no limit: what a person reads, and what a terminal shows at once. */
export const PAGE_RECORDS_DEFAULT = 100;

/** Most records on one page: at about 2 KB each this is 20 MB of JSON, built in one piece. Larger: export. */
export const PAGE_RECORDS_MAX = 10_000;

/** Longest search text. A pasted list of a few hundred ids still fits. */
export const QUERY_CHARS_MAX = 16_384;

/** How long `after=TOKEN` waits when the caller does not say: ten times the promised freshness. */
export const AFTER_WAIT_MS_DEFAULT = 10_000;

/** Longest wait for `after=TOKEN`: below the minute at which proxies give up on a silent answer. */
export const AFTER_WAIT_MS_MAX = 55_000;

/** Longest flush token: four short names and a number, base64. */
export const TOKEN_CHARS_MAX = 2_048;

/** Longest cursor: a signed position with the bounds of its query. */
export const CURSOR_CHARS_MAX = 4_096;

/** Longest SQL text: a page of hand-written SQL is 3 KB; generated lists of ids fit, bombs do not. */
export const SQL_CHARS_MAX = 65_536;

/** Most parameters of one SQL query. */
export const SQL_PARAMS_MAX = 100;

/** Records before and after a record when the caller does not say: one screen. */
export const CONTEXT_RECORDS_DEFAULT = 10;

/** Most records on each side in a context. */
export const CONTEXT_RECORDS_MAX = 500;

/** Buckets of a histogram when the caller does not say: one per few pixels of a narrow chart. */
export const HISTOGRAM_BUCKETS_DEFAULT = 60;

/** Most buckets: one per pixel of a wide screen. */
export const HISTOGRAM_BUCKETS_MAX = 2_000;

/** Values of a field when the caller does not say. */
export const FIELD_VALUES_DEFAULT = 50;

/** Most values of a field in one answer. */
export const FIELD_VALUES_MAX = 100;

/** First pause before the client reconnects a live tail; it doubles up to the next limit. */
export const LIVE_RETRY_MS_MIN = 250;

/** Longest pause before the client reconnects a live tail: a person who waits sees it come back. */
export const LIVE_RETRY_MS_MAX = 10_000;

/** Longest line of an event stream that the client keeps: a record of 1 MiB escaped once more, with room. */
export const EVENT_CHARS_MAX = 8_388_608;

/** Shortest password: below it, guessing beats any hash. */
export const PASSWORD_CHARS_MIN = 12;

/** Longest password: a sentence and more; hashing does not care, bodies do. */
export const PASSWORD_CHARS_MAX = 256;

/** Entries of one `POST /v1/audit`: each is answered with a receipt, which is hashes and a signature. */
export const AUDIT_ENTRIES_MAX = 100;

/** Names in an audit entry: actions, ids, actors. They are shown in lists and searched for. */
export const AUDIT_TEXT_CHARS_MAX = 512;

/** Changes of one page of the audit trail. A person reads tens; an export goes through search. */
export const AUDIT_CHANGES_DEFAULT = 100;
export const AUDIT_CHANGES_MAX = 1_000;

/** Actors, entities or companies of one answer that counts them: a table that people look through. */
export const AUDIT_GROUPS_DEFAULT = 100;
export const AUDIT_GROUPS_MAX = 1_000;

/** What somebody types to find a person: an address, a number, an id. */
export const PERSON_QUERY_CHARS_MAX = 512;

/** A reason is a sentence, or the number of a ticket. */
export const PERSON_REASON_CHARS_MAX = 1_000;

/** A debug session, in minutes; a day at most, because a rule that was forgotten must not route for ever. */
export const DEBUG_ROUTE_MINUTES_DEFAULT = 60;
export const DEBUG_ROUTE_MINUTES_MAX = 24 * 60;

/** For how long the old signing key signs beside the new one: a month finds every monthly holder of checkpoints, a year is no overlap. */
export const KEY_OVERLAP_DAYS_DEFAULT = 30;
export const KEY_OVERLAP_DAYS_MAX = 180;
