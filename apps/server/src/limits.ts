/** Every limit of the server, with its reason. What is full is refused or counted, never silently dropped. */

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

// ── HTTP ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A body as sent. Shippers send about 1 MiB inflated; collectors and bulk clients up to 10 or 20. */
export const BODY_BYTES_MAX = 16 * MIB;

/** A body inflated, counted while it streams: gzip reaches 1,029:1, so the size on the wire says nothing. */
export const BODY_INFLATED_BYTES_MAX = 32 * MIB;

/** All bodies in flight together, inflated. Above it a new request gets 429: memory is bounded, not hoped for. */
export const BODIES_IN_FLIGHT_BYTES_MAX = 64 * MIB;

/** A body that has been arriving for longer gives way when others have no room. 1 MiB takes less on a slow mobile link. */
export const BODY_SLOW_MS = 5 * SECOND_MS;

/** What a body may inflate to is not known before; this much per byte on the wire is set aside for it. */
export const INFLATE_RATIO_EXPECTED = 8;

/** A body that does not arrive holds memory. Slow links send 1 MiB in less. */
export const REQUEST_TIMEOUT_MS = 2 * MINUTE_MS;

/** JSON bodies of the API (queries, keys). */
export const API_BODY_BYTES_MAX = 1 * MIB;

/** Pieces of an inflated body: larger means fewer turns of the loop, 64 KiB costs nothing to hold. */
export const INFLATE_CHUNK_BYTES = 64 * KIB;

/** Told to a client that meets a full server. */
export const RETRY_AFTER_SECONDS = 2;

/** Told to a client that meets a full disk: space comes back by retention, which runs once a minute. */
export const DISK_FULL_RETRY_AFTER_SECONDS = 30;

// ── Admission ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Verdicts listed in one answer. All are counted and kept in the ledger; more are summarised by the last entry. */
export const REJECTED_LISTED_MAX = 10_000;

/** A header line repeats in each batch: a resource larger than this is a mistake. */
export const HEADER_BYTES_MAX = 64 * KIB;

/** Producers of foreign records that are numbered at once; names come from outside. Past it a new boot begins. */
export const FOREIGN_PRODUCERS_MAX = 50_000;

/** Content hashes of foreign requests kept against a repeat. A client retries within minutes. */
export const CONTENT_WINDOW_MAX = 100_000;
export const CONTENT_WINDOW_MS = 24 * 60 * MINUTE_MS;

/** Fields that have a counter of their own in `/metrics`. A rule file may have 1000 rules, a scrape should not. */
export const CONFLICT_FIELDS_MAX = 200;

/** Kinds of conflict with the rule file that are listed, over all projects. More are counted only. */
export const CONFLICTS_SEEN_MAX = 1_000;

/** Records kept aside (identity conflicts, poison), per file. Beyond it they are only counted. */
export const ASIDE_BYTES_MAX = 64 * MIB;

// ── Ledger ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Boots remembered. About 400 bytes each: 40 MB. The one unused for longest is forgotten first, and counted. */
export const LEDGER_BOOTS_MAX = 100_000;

/** Producers whose project is remembered. The one that came first is forgotten first. */
export const LEDGER_OWNERS_MAX = 200_000;

/** Separate stretches of `seq` in one boot. A million shuffled records peak at about 300,000. */
export const LEDGER_STRETCHES_MAX = 1_000_000;

/** Up to so many stretches are each put into their place; for more, one merge of both lists is cheaper. */
export const STRETCH_SPLICES_MAX = 4;

/** Batches whose place in the queue is remembered, to compare re-sent records with what was taken before. */
export const PLACES_MAX = 20_000;

/** Segments of each class, from the end, whose batches are looked up for that at start. */
export const PLACES_SEGMENTS = 3;

// ── Queue and writer ────────────────────────────────────────────────────────────────────────────────────────────────

/** One insert. 32 MB segments held the engine’s memory at 475 MiB when measured alone. */
export const SEGMENT_BYTES_MAX = 32 * MIB;
export const CHUNK_BYTES_MAX = 32 * MIB;

/** Several classes in one insert: up to here. Each class is a partition of its own, and its rows are copied for it. */
export const CHUNK_MIXED_BYTES_MAX = 4 * MIB;

/** A group of the queue is read whole: up to 4 MiB and one block. */
export const GROUP_READ_BYTES_MAX = 64 * MIB;

/** Headers are looked up in the queue through a window of this size; a batch larger than it costs one read. */
export const WALK_WINDOW_BYTES = 16 * KIB;

/** How far back a live reader that reconnects is served, in segments of each class: it is read on the event loop. */
export const REPLAY_SEGMENTS = 3;

/** Lines of a growing segment are copied for the engine in pieces of this size, off the event loop. */
export const COPY_BUFFER_BYTES = 1 * MIB;

/** Batches in one insert: each costs text in the statement. Without this, single-record batches would make 40,000. */
export const CHUNK_HEADERS_MAX = 4_000;

/** Marks of what is not visible yet, per class: beyond it neighbours are merged and freshness is coarser. */
export const MARKS_MAX = 50_000;
export const MARK_INTERVAL_MS = 5;

/** A quiet segment is sealed so that it can be compressed and expire. */
export const SEGMENT_AGE_MS_MAX = 60 * MINUTE_MS;

/** With little to insert, at most this often: each insert makes a part per class and day. */
export const INSERT_INTERVAL_MS = 200;

/** Between attempts while the engine is away. It is asked again at once when it reports ready. */
export const INSERT_RETRY_MS_MIN = 100;
export const INSERT_RETRY_MS_MAX = 5 * SECOND_MS;

/** Chunks whose counts are compared with the engine at start. Older ones are summed per segment. */
export const JOURNAL_CHUNKS_MAX = 20_000;

// ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A key is 256 random bits: a guess is hopeless, so a plain hash of it is enough. */
export const KEY_BYTES = 32;
export const KEYS_MAX = 10_000;
export const KEY_NAME_LENGTH_MAX = 100;
/** Whoever means "for ever" leaves the end out. */
export const KEY_DAYS_MAX = 3_650;
export const PROJECT_LENGTH_MAX = 64;

/** Origins of one browser key: a shop has its domains and their staging twins. */
export const KEY_ORIGINS_MAX = 50;

/** Objects of one collection (users, saved searches, rules …) in one project. People make hundreds. */
export const OBJECTS_MAX = 2_000;

/** Changes of settings in one answer. */
export const HISTORY_MAX = 500;

// ── Upkeep ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A day of retention. */
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** Retention, free space and compression are looked at this often. */
export const UPKEEP_INTERVAL_MS = MINUTE_MS;

/** How long a graceful stop waits for requests in flight before it closes their sockets. */
export const STOP_TIMEOUT_MS = 10 * SECOND_MS;

/** The ballast is written in steps, so that filling it holds 1 MiB of memory. */
export const BALLAST_STEP_BYTES = 1 * MIB;

/** The engine is asked again whether it is there, when it is a ClickHouse server of somebody else. */
export const REMOTE_PING_INTERVAL_MS = 2 * SECOND_MS;

/** Free space is looked at often enough that a fast writer elsewhere does not fill the reserve unseen. */
export const FREE_SPACE_INTERVAL_MS = 2 * SECOND_MS;

/** Level 1 makes log lines 7 times smaller at 338 MB/s; level 6 10 times at a tenth of the speed. */
export const COMPRESS_LEVEL = 1;

/** Segments compressed in one round of upkeep: reading one back holds up the event loop for some 50 ms. */
export const COMPRESS_SEGMENTS_MAX = 20;

/** Names of audit records whose place in the Merkle log is remembered (two each); older ones are looked up in the queue. */
export const RECENT_LEAVES_MAX = 40_000;

/** Trees and their state are saved this often; what is not saved is made again from the queue at the next start. */
export const AUDIT_SAVE_INTERVAL_MS = 5_000;

/** Records that are looked up by id for changes of a page whose end is not on it: each has an intent, an unknown, an outcome. */
export const AUDIT_JOIN_RECORDS_MAX = 4_000;

/** Clicks and requests behind the changes of a page: a request passes ten services at most. */
export const AUDIT_CAUSE_RECORDS_MAX = 4_000;

/**
 * Accounts and sessions of one person that a search of the audit trail names: each account is four conditions, each session one, and a
 * search has 256. What is done in a session of an account carries the account, too.
 */
export const PERSON_ACCOUNTS_MAX = 20;
export const PERSON_SESSIONS_MAX = 120;

/** Changes that an export and a review read at once: a few megabytes of records with before and after. */
export const AUDIT_EXPORT_PAGE_CHANGES = 1_000;

/** Actions that are named per group; the rest is in its sums. */
export const GROUP_ACTIONS_SHOWN_MAX = 20;

/** Accesses of one month that a review counts: a thousand colleagues with two hundred looks each. */
export const REVIEW_ACCESSES_MAX = 200_000;

/** People that a review tells apart, per actor and in all, and addresses that it lists. */
export const REVIEW_PEOPLE_MAX = 200_000;
export const REVIEW_ADDRESSES_MAX = 20;

/** Accesses of one actor within an hour that are worth a look: a busy agent has a call every two minutes. */
export const REVIEW_BULK_HOUR_MIN = 50;

/** Night, by the clock of the review's time zone. */
export const REVIEW_NIGHT_FROM_HOUR = 22;
export const REVIEW_NIGHT_TO_HOUR = 6;

/** Segments from which on a verification starts threads: each takes 40 ms to start, and hashes a segment in 50. */
export const VERIFY_SEGMENTS_MIN = 3;

/** What a verification's thread reads at once: a whole segment, so that no group is read again from where it began. */
export const VERIFY_WINDOW_BYTES = SEGMENT_BYTES_MAX + MIB;

/** Segments that a verification's thread may have answered or been asked for before the reader comes to them: 2 MB each. */
export const VERIFY_SEGMENTS_AHEAD = 3;

/** Looks whether a checkpoint is due to be told, or to be tried again. */
export const CHECKPOINT_TELL_INTERVAL_MS = 60_000;

/** Scheduled checkpoints: a witness that hears nothing for a few of these has a reason to ask. */
export const CHECKPOINT_INTERVAL_MS = 10 * 60_000;

/** Records that one finding of a verification shows; how many there are it says by its places. */
export const FINDING_RECORDS_MAX = 10;

/** Random bytes in the name of an audit log: enough that no two servers have the same. */
export const LOG_NAME_BYTES = 4;

/** Hours of endpoints computed in one round of upkeep: each reads one hour of records. The rest waits a minute. */
export const ROLLUP_HOURS_MAX = 200;

/** How far back hours are looked at when records are kept for ever. */
export const ROLLUP_DAYS_MAX = 731;
/** A start writes locks, headers of segments and the engine's own files; with less than this free the ballast is given up. */
export const START_FREE_BYTES_MIN = 4 * 1024 * 1024;
