/** Every limit of this package, with its reason. Those marked W3C are the specification's own. */

/** W3C Trace Context §3.3.1.1: a list may have at most 32 members. */
export const TRACESTATE_MEMBERS_MAX = 32;

/** W3C Trace Context §3.3.1.5: vendors should propagate at least 512 characters; we keep no more than that. */
export const TRACESTATE_CHARACTERS_MAX = 512;

/** W3C Trace Context §3.3.1.5: when something must go, entries longer than this go first. */
export const TRACESTATE_MEMBER_CHARACTERS_LONG = 128;

/** W3C Baggage §3.3.2: a platform must propagate at least 64 members; more is a client's mistake or an attack. */
export const BAGGAGE_MEMBERS_MAX = 64;

/** W3C Baggage §3.3.2: at least 8192 bytes must be propagated; headers beyond it are cut at a member. */
export const BAGGAGE_BYTES_MAX = 8192;

/** A header longer than this is not even looked at: node:http itself refuses 16 KiB of headers in all. */
export const HEADER_CHARACTERS_MAX = 16_384;

/** Longest id of our own (`global_trace_id`, `session_hash`, `user_hash`) that is taken from a stranger's header. */
export const OWN_ID_CHARACTERS_MAX = 128;

/** Longest foreign id that is kept as an alias. Pinpoint's and CloudFront's are the longest known, below 100. */
export const ALIAS_CHARACTERS_MAX = 256;

/** All members of ours in `baggage`: six short ids and a signature, or one routing rule, with room to spare. */
export const OWN_BAGGAGE_BYTES_MAX = 1024;

/** Of a statement this much is looked at: longer ones are bulk inserts, whose beginning says which they are. */
export const SQL_CHARACTERS_MAX = 16_384;
