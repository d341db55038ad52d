/** Every limit of scripts, with its reason. */

/** Items worked on at once unless the script or `--concurrency` says otherwise: one after the other is easiest to follow. */
export const CONCURRENCY_DEFAULT = 1;
export const CONCURRENCY_MAX = 256;

/** A script stops after so many failed items: more of the same teach nothing and may do harm. */
export const STOP_AFTER_FAILURES_DEFAULT = 100;

/** Lines of progress where nobody watches a terminal: often enough to see that it lives, seldom enough to read. */
export const PROGRESS_INTERVAL_MS = 10_000;

/** On a terminal the line is written again so often. */
export const PROGRESS_TTY_INTERVAL_MS = 200;

/** Progress in the record: what a colleague sees who did not start it. */
export const HEARTBEAT_INTERVAL_MS = 30_000;

/** Nothing finished for so long: it hangs, or waits for a lock. */
export const STALL_MS_DEFAULT = 60_000;

/** Planned changes that a dry run shows; all of them are in its file. */
export const SHOWN_CHANGES_MAX = 20;

/** Failures that the end shows; all of them are in the run's file. */
export const SHOWN_FAILURES_MAX = 50;

/** Attempts at one item over all resumes of a run. */
export const ATTEMPTS_MAX = 20;

/** Characters of an attempt's id: 128 bits in hex. */
export const ATTEMPT_ID_LENGTH = 32;

/** Text of an error kept per item. */
export const ERROR_CHARACTERS_MAX = 2_000;

/** Rate and time left come from the items of the last so many milliseconds. */
export const RATE_WINDOW_MS = 20_000;
