/** Every limit of the engine child and of its watchdog, with its reason. */

const MIB = 1024 * 1024;

/** The text of one statement. The store's inserts carry the starts of batch headers in their text. */
export const QUERY_BYTES_MAX = 16 * MIB;

/** Rows sent in the body of an INSERT, inflated. The writer's chunks are 32 MB; tests and tools send less. */
export const INSERT_BODY_BYTES_MAX = 64 * MIB;

/** Request line and headers: settings and parameters travel in the URL, as with ClickHouse itself (1 MiB). */
export const URL_BYTES_MAX = MIB;

/** Statements that wait for a session of their pool. More are refused with ClickHouse's code 202. */
export const WAITING_MAX = 256;

/** An answer in a format that cannot be streamed (JSON) is held in memory once: refuse more than this. */
export const RESULT_BYTES_MAX = 64 * MIB;

/** A KILL is asked for again until the statement ends. */
export const KILL_REPEAT_MS = 250;

/** What one statement is worth to the operator's eye in an error. */
export const ERROR_BYTES_MAX = 16 * 1024;

/** Start includes loading a library of 566 MB from a cold disk and attaching all parts. */
export const START_TIMEOUT_MS = 120_000;

/** A ping does no work in the engine beyond `SELECT 1`; a child that needs longer is stuck or starved. */
export const PING_TIMEOUT_MS = 5_000;
export const PING_INTERVAL_MS = 1_000;

/** Consecutive failed pings before the child is replaced: one lost ping under load must not cost a restart. */
export const PING_FAILURES_MAX = 3;

export const RESTART_DELAY_MS_MIN = 100;
export const RESTART_DELAY_MS_MAX = 10_000;

/** A child that lived this long resets the backoff: it can work, whatever ended it. */
export const STABLE_AFTER_MS = 10_000;

/** Lines of the child's stderr that are kept for the error that reports its end. */
export const STDERR_BYTES_MAX = 8 * 1024;

/** Resident size above which freed memory is given back: what is in use under inserts of 32 MB stays below it. */
export const PURGE_ABOVE_BYTES = 380 * MIB;
/** A chunk takes some 300 ms; freed memory should not pile up over several. */
export const PURGE_INTERVAL_MS = 100;

/** Below this a reader's statement can do nothing useful, however small the machine. */
export const READER_MEMORY_BYTES_MIN = 32 * MIB;
