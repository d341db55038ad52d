/** Limits of the reading side, each with its reason. Those that a caller can see are in `@sillok/api`. */

const SECOND_MS = 1_000;
const MIB = 1_048_576;

// ── SQL ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Words of a normalised statement. The longest honest ones (lists of ids) have a few thousand. */
export const SQL_TOKENS_MAX = 20_000;

/** Brackets in brackets. People write 10, generators 30; parsers recurse, so it must be bounded before they see it. */
export const SQL_DEPTH_MAX = 100;

/** Checked statements kept, so that a dashboard that asks again pays nothing. About 5 KB each. */
export const SQL_CHECKED_MAX = 500;

/** Parsing a statement takes a millisecond; the parser's own limits on backtracking stop the rest. */
export const GUARD_TIME_MS_MAX = 5 * SECOND_MS;

/** Longest look for values beside their column. When it takes longer, they are assumed. */
export const MISFIT_TIME_MS_MAX = 2 * SECOND_MS;

/** Rows of an answer. A person reads hundreds; 10,000 rows of 20 columns are 5 MB of JSON. */
export const SQL_ROWS_MAX = 10_000;

/** Bytes of an answer: it is held in memory once. */
export const SQL_RESULT_BYTES_MAX = 32 * MIB;

/** Longest run of a reader's statement. */
export const SQL_TIME_MS_MAX = 30 * SECOND_MS;

/** Memory of one statement in the engine: what its pool has for each (`pool-sizes.ts` of the engine), less on small machines. */
export const SQL_MEMORY_BYTES_MAX = 200 * MIB;

/** Threads of one statement: a reader must not take all cores from ingest. */
export const SQL_THREADS_MAX = 2;

/** Statements of readers at once, over all projects: the engine's places for them, and as many waiting. */
export const SQL_RUNNING_MAX = 6;

/** Time that a statement gets beyond its own limit before it is killed from outside. */
export const KILL_GRACE_MS = 2 * SECOND_MS;

// ── Search ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Longest run of a search. */
export const SEARCH_TIME_MS_MAX = 30 * SECOND_MS;

/** Memory of one search in the engine. */
export const SEARCH_MEMORY_BYTES_MAX = 384 * MIB;

/** Gaps listed in one answer, each about 80 bytes: one in a hundred of a million records, withheld one by one. */
export const GAPS_LISTED_MAX = 20_000;

/** Bars of a histogram that are listed: what may be asked for, and the ones cut at both ends. */
export const HISTOGRAM_BARS_MAX = 4_100;

/** Rows of an answer of pipes. */
export const TABLE_ROWS_MAX = 10_000;

/** How long a list of known field names is used for hints about typing mistakes. */
export const HINT_NAMES_AGE_MS_MAX = 60 * SECOND_MS;

/** After a look for field names that failed, the next one. */
export const HINT_RETRY_MS = 5 * SECOND_MS;

/** Longest look for field names: advice is not worth waiting for. */
export const HINT_TIME_MS_MAX = SECOND_MS;

/** Projects whose field names are kept. A name is about 20 bytes, a project has up to 1,000. */
export const HINT_PROJECTS_MAX = 200;

/** The key that cursors are signed with: as long as the hash. */
export const CURSOR_KEY_BYTES = 32;

/** Of a signature, kept in the cursor: 128 bits cannot be guessed, and cursors stay short. */
export const CURSOR_SIGNATURE_BYTES = 16;

/** Of the hash of what a cursor belongs to: tells searches apart; the signature keeps it from being forged. */
export const CURSOR_BINDING_BYTES = 9;

// ── Estimates ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Rows that an estimate may read. Below it the estimate is the truth; above it is taken up in proportion. */
export const ESTIMATE_ROWS_MAX = 100_000;

/** Bytes of a row when nothing could be measured: an average record without its larger texts. */
export const ESTIMATE_ROW_BYTES = 100;

/** Longest run of an estimate. */
export const ESTIMATE_TIME_MS_MAX = 5 * SECOND_MS;

/** For the measured part of it: somebody waits for the estimate before they run a panel, and a second is what they wait. */
export const ESTIMATE_SAMPLE_MS_MAX = 500;

// ── Export ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Records of an export without `limit`. About 10 GB of NDJSON; more is a job for `sillok export` by days. */
export const EXPORT_RECORDS_MAX = 10_000_000;

/** Records fetched at once while exporting: 5 MB in flight at most usual sizes. */
export const EXPORT_PAGE_RECORDS = 2_000;

// ── Live ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Readers of the live tail at once. Each costs one run of its filter per record. */
export const LIVE_READERS_MAX = 200;

/** What may wait for a slow reader; what comes on top is counted and told as `skipped`. */
export const LIVE_BUFFER_BYTES_MAX = MIB;

/** Events are handed to the socket in pieces of this size: one by one they cost more than their text. */
export const LIVE_WRITE_BYTES = 65_536;

/** Batches that may wait while a reader catches up from the queue; beyond it, it catches up again. */
export const LIVE_PENDING_BATCHES_MAX = 1_000;

/** A comment is sent this often, so that proxies and readers know that the stream lives. */
export const LIVE_HEARTBEAT_MS = 15 * SECOND_MS;
