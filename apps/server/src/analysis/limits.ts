/** Limits of the answers, each with its reason. Those that a caller can see are in `@sillok/api`. */

/** Entries (logs, events, audit) of one trace: a person reads some hundreds. */
export const TRACE_ENTRIES_MAX = 5_000;

/** Other traces that an id stands in, as listed. */
export const OTHER_TRACES_MAX = 50;

/** Characters of a message, a statement and an exception in an answer of many: the record itself has all of it. */
export const TEXT_CHARS_MAX = 500;

/** Request ids by which edges without a trace id are joined to a trace. */
export const REQUEST_IDS_MAX = 100;

/** Edge records so joined. */
export const EDGE_RECORDS_MAX = 1_000;

/** An edge's clock and the service's may differ by this much and the record is still looked for. */
export const EDGE_SEARCH_MS = 300_000;

/** Clocks are not corrected for less: an edge logs milliseconds, and rounds. */
export const SKEW_TOLERANCE_MS = 2;

/** A child may outlast its parent by this much and still be its child in time. */
export const CONTAINED_TOLERANCE_MS = 5;

/** Evidence listed for one statement; all of it is in the records. */
export const EVIDENCE_MAX = 10;

/** Result of a trace's statements: 20,000 records of 2 KiB. */
export const TRACE_RESULT_BYTES_MAX = 67_108_864;

/** Traces of one story, the newest: a busy day of one person has a few hundred requests. */
export const STORY_TRACES_MAX = 300;

/** Ids that one person is known by: sessions over months, key epochs, devices. */
export const STORY_IDS_MAX = 2_000;

/** Records without a trace in one story. */
export const STORY_RECORDS_MAX = 2_000;

/** Records without a trace that follow each other within this time make one episode. */
export const EPISODE_GAP_MS = 60_000;

/** A click explains a request that begins within this time after it, where the browser did not say which did. */
export const CLICK_REACH_MS = 2_000;
