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

/** Runs that a list in the console shows, newest first. */
export const SHOWN_RUNS_MAX = 50;

/** How often a run writes down how far it is, for those who look from elsewhere. */
export const RUN_SAVE_INTERVAL_MS = 1_000;

/** How often a run looks whether somebody wants it paused or stopped: sooner than a person looks again, dearer than nothing. */
export const ORDER_INTERVAL_MS = 250;

/** A run that has not written its state down for so long is not there any more; it does so every second. */
export const RUN_SILENT_MS_MAX = 15_000;

/** Attempts at one item over all resumes of a run. */
export const ATTEMPTS_MAX = 20;

/** Characters of an attempt's id: 128 bits in hex. */
export const ATTEMPT_ID_LENGTH = 32;

/** Text of an error kept per item. */
export const ERROR_CHARACTERS_MAX = 2_000;

/** Rate and time left come from the items of the last so many milliseconds. */
export const RATE_WINDOW_MS = 20_000;

/** A database for tests is near and answers at once; one that does not answer is not waited for. */
export const GUARD_ANSWER_MS_MAX = 10_000;

/** A signed call is good for so long: longer than a slow network, shorter than anybody needs to steal one. */
export const SIGNATURE_MS = 30_000;
/** A call that says it is good for longer than this was not signed by a clock like ours. */
export const SIGNATURE_AHEAD_MS_MAX = 120_000;
/** Calls remembered until they expire, so that none is taken twice: 300 a second, at about 100 bytes each. */
export const NONCES_MAX = 10_000;
/** 128 bits in hex. */
export const SECRET_CHARACTERS_MIN = 32;
/** Names and ids of an actor are short; a longer header is not ours. */
export const ACTOR_HEADER_CHARACTERS_MAX = 4_096;

/** A form that people fill in, with room for a long text. */
export const ADMIN_BODY_BYTES_MAX = 256 * 2 ** 10;
/** Entities on a page of a search, unless the caller asks for fewer. */
export const ADMIN_PAGE_DEFAULT = 20;
export const ADMIN_PAGE_MAX = 100;
/** Open requests for approval that are listed. */
export const ADMIN_REQUESTS_MAX = 200;
/** A reason in words, and the names of things. */
export const ADMIN_TEXT_CHARACTERS_MAX = 2_000;
/** Characters of a version and of the id of a claim: 128 bits in hex. */
export const ADMIN_HASH_LENGTH = 32;

/** Records per page of a search: the server gives no more. */
export const REPLAY_PAGE_RECORDS = 5_000;
/** Entities whose images one drift report holds in memory, at about 1 KB each. More are taken in several ranges of time. */
export const REPLAY_ENTITIES_MAX = 500_000;
/** Entities asked and written at once: a statement or a request of a size that every sink takes. */
export const REPLAY_BATCH_ENTITIES = 200;
/** So many documents in a row that a sink does not take, and none that it takes: it is the sink and not the documents. */
export const REPLAY_REFUSALS_BEFORE_AWAY = 5;
/** Entities that the continuous mode remembers as not taken, at about 100 bytes each. A check finds all of them. */
export const FOLLOW_LEFT_MAX = 10_000;
/** Differences that a report shows; the rest is counted. `--json` has them all. */
export const SHOWN_DRIFTS_MAX = 50;
/** Rows that only the second database has, which a report names; it counts them all. */
export const ONLY_THERE_IDS_MAX = 1_000;
/** Of these, on a line for people. */
export const ONLY_THERE_SHOWN = 20;
/** Ids that a sink is asked for at once. */
export const SINK_IDS_PAGE = 5_000;
/** One call to the server or to a sink over HTTP. */
export const REPLAY_CALL_MS_MAX = 60_000;
/** How often the continuous mode looks for what is new. */
export const FOLLOW_INTERVAL_MS = 2_000;
/** How often it says how far behind it is. */
export const FOLLOW_BEAT_MS = 30_000;
/** Entities that one line of a disagreement names: enough to look at some, and the check lists them all. */
export const FOLLOW_IDS_TOLD = 20;
/** A check on a schedule: seldom enough to cost nothing, often enough to speak up within the hour. */
export const CHECK_MINUTES_DEFAULT = 30;
/** A job that was enqueued so long ago and not consumed is listed. */
export const JOB_MINUTES_DEFAULT = 15;
/** Changes of one undo: they are held in memory with their images, and a person has to look through the plan. */
export const UNDO_CHANGES_MAX = 50_000;

/** The audit trail answers in milliseconds; a large export takes some seconds. */
export const UNDO_ANSWER_WAIT_MS = 60_000;
