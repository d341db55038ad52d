/** Every limit of the command line, each with its reason. */

/** What one batch to the server holds. About 1 MiB of lines: large enough to share an fsync, small to send again. */
export const BATCH_RECORDS_MAX = 2000;
export const BATCH_BYTES_MAX = 1024 * 1024;

/** Batches under way at one time in `pour`: the next is built while one is written. */
export const BATCHES_IN_FLIGHT_MAX = 3;

/** Distinct resources in one batch of a file; past it records keep theirs as attributes. */
export const BATCH_RESOURCES_MAX = 16;

/** One line of a file. Longer ones are cut with a note; the record's own limit is 1 MiB. */
export const LINE_BYTES_MAX = 4 * 1024 * 1024;

/** Lines and bytes of one folded stack. A file without any structure must not become one record. */
export const FOLD_LINES_MAX = 2000;
export const FOLD_BYTES_MAX = 512 * 1024;

/** Bytes read from a file at once. */
export const READ_BYTES = 256 * 1024;

/** A file whose head holds a NUL byte is not text. */
export const BINARY_CHECK_BYTES = 4096;

/** How much of a file's head names its records, rung by rung: see `files/identity.ts`. */
export const HEAD_RUNGS_BYTES: readonly number[] = [128, 256, 512, 1024, 4096];
export const HEAD_BYTES = 4096;

/** Producers tried when a file of the same name was poured into other projects of the server. */
export const PRODUCER_TRIES_MAX = 20;

/** Problems named in a summary; all are counted. */
export const PROBLEMS_NAMED_MAX = 20;

/** Poured records older than this may be beyond the retention of logs, which is 30 days unless set otherwise. */
export const OLD_MS = 30 * 24 * 60 * 60 * 1000;

/** Attempts per batch in `pour`, for answers that say "later". Together about a minute. */
export const SEND_ATTEMPTS_MAX = 12;
export const SEND_RETRY_MS_MIN = 200;
export const SEND_RETRY_MS_MAX = 10_000;

/** How often a followed file is looked at when the kernel does not tell: network file systems never do. */
export const FOLLOW_POLL_MS = 250;

/** How often patterns are looked up for new files. */
export const FOLLOW_SCAN_MS = 1000;

/** A line without its end, or a stack that may go on, is taken after this much silence. */
export const FOLLOW_IDLE_MS = 1000;

/** Files followed at one time: each holds a descriptor open. */
export const FOLLOW_FILES_MAX = 1000;

/** Bytes of a followed file that are taken, sent and noted together. */
export const STRETCH_BYTES = 1024 * 1024;

/** A rotated file is let go when nothing was written to it for this long: writers reopen within seconds. */
export const FOLLOW_ROTATED_MS = 60_000;

/** Cursors of files that are gone are forgotten after this long: by then no rotation brings them back. */
export const CURSOR_KEEP_MS = 30 * 24 * 60 * 60 * 1000;

/** Attributes shown behind a message on a terminal. The rest is there with --json. */
export const SHOWN_VALUE_WIDTH_MAX = 60;

/** Widest column of a table on a terminal. */
export const COLUMN_WIDTH_MAX = 80;

/** Between two lines of progress where there is no terminal. */
export const PROGRESS_LINE_MS = 5000;

/** Between two pictures of the progress bar. */
export const PROGRESS_FRAME_MS = 100;

/** Records in one request of an export into another store: about 1 MiB. */
export const EXPORT_BATCH_RECORDS = 500;

/** Records looked at by `doctor --coverage`. */
export const COVERAGE_ROWS_MAX = 500;

/** Of these, how many a person is shown under each title, the worst first. All are in --json. */
export const COVERAGE_ROWS_SHOWN_MAX = 20;

/** Requests in each round of `doctor --overhead`, and rounds of each kind: the median of five pairs is shown. */
export const OVERHEAD_REQUESTS = 500;
export const OVERHEAD_PAIRS = 5;
export const OVERHEAD_CONNECTIONS = 8;
export const OVERHEAD_START_MS_MAX = 20_000;

/** Between two looks whether the measured service answers yet. */
export const OVERHEAD_POLL_MS = 50;

/** Stretches of missing records named below a search. */
export const GAPS_NAMED_MAX = 5;

/** The oldest Node that Sillok is tested on. */
export const NODE_MAJOR_MIN = 20;

/** Less free space than this is worth a word: segments are 32 MiB, and the engine merges parts of gigabytes. */
export const FREE_BYTES_FINE = 1024 ** 3;

/** Search is promised within a second; doctor speaks up when it is this far behind. */
export const LAG_FINE_MS = 5000;

/** RFC 3164 leaves out the year: of three candidates the one within half a year is meant. */
export const HALF_YEAR_MS = 183 * 24 * 60 * 60 * 1000;

/** Between two notes that the server is waited for. */
export const WAIT_NOTE_MS = 10_000;

/** A witness looks this often: an entry that is removed within the minute was never seen by it. */
export const WITNESS_INTERVAL_SECONDS_DEFAULT = 60;

/** Cells of the bar of a trace on a terminal; what is left of 100 holds names. */
export const TRACE_BAR_WIDTH = 36;

/** Widest name of a hop before it. */
export const TRACE_NAME_WIDTH_MAX = 64;

/** Cells of a share in `why`. */
export const WHY_BAR_WIDTH = 12;

/** Things that a person tried, shown with all their steps. */
export const EPISODES_SHOWN = 3;

/** Cells of the technical line behind a step that failed. */
export const STEP_DETAIL_WIDTH_MAX = 100;

/** Days drawn in a trend: a month. */
export const TREND_DAYS_SHOWN = 30;

/** Fields of several types that doctor names: more is one habit of one program, not many mistakes. */
export const MIXED_FIELDS_SHOWN_MAX = 10;

export const DAY_MS = 86_400_000;
