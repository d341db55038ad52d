/** Every limit of the store, with its reason. */

const MIB = 1024 * 1024;

/** ClickHouse's own limit is 100 partitions per INSERT; more are split. A margin for a clock that crosses midnight. */
export const PARTITIONS_PER_INSERT_MAX = 90;

/** Days in UTC have no leap seconds. */
export const DAY_MS = 86_400_000;

/** A chunk of 32 MB takes under a second; one that needs this long is stuck, and is killed before it is tried again. */
export const INSERT_TIMEOUT_MS = 120_000;

/** A statement whose rows are in the body travels in the URL: at most 1 MiB, and quotes triple when escaped. */
export const STATEMENT_BYTES_MAX = 256 * 1024;

/** How long a statement may go on after KILL before the caller should replace the engine. */
export const KILL_TIMEOUT_MS = 5_000;
export const KILL_POLL_MS = 20;

/** Search and SQL of people when the caller names no limit. */
export const SELECT_TIMEOUT_MS = 60_000;
export const SELECT_RESULT_ROWS_MAX = 1_000_000;
export const SELECT_RESULT_BYTES_MAX = 64 * MIB;

/** One search, so that four beside an insert fit in the engine's 360 MiB. */
export const SELECT_MEMORY_BYTES_MAX = 200 * MIB;

/** Schema changes wait for merges and, on a cluster, for every replica. */
export const DDL_TIMEOUT_MS = 60_000;

export const PING_TIMEOUT_MS = 5_000;

/** Sockets of the one client: the engine's own pools are the real limit. */
export const CONNECTIONS_MAX = 16;

/** Bad records that one chunk is searched for; past it the chunk is not ours, and the caller is told so. */
export const POISON_MAX = 1_000;

/** Text of an engine's error that is kept. */
export const ERROR_TEXT_MAX = 2_000;

export const HOUR_MS = 3_600_000;

/** Durations fall into this many buckets per doubling: a quantile is then right within 4.5 %. */
export const ROLLUP_BUCKETS_PER_DOUBLING = 8;

/** Two years of trends, and a month of room. */
export const ROLLUP_KEEP_DAYS = 762;

/** One hour of records is a few seconds of work. */
export const ROLLUP_TIMEOUT_MS = 120_000;
