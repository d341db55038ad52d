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

/** Files that are fetched within this time after a page was opened belong to it. */
export const PAGE_FILES_MS = 10_000;

/** A click explains a request that begins within this time after it, where the browser did not say which did. */
export const CLICK_REACH_MS = 2_000;

/** Records that a comparison draws from each side: shares are then right within one percent. */
export const WHY_RECORDS_MAX = 10_000;

/** Traces: each is looked up, with all values of all of its records, 20 KB in the engine. Shares are right within three percent. */
export const WHY_TRACES_MAX = 1_500;

/** Of a base the records are counted, not yet the traces: about so many traces where each has some ten. */
export const WHY_TRACE_RECORDS_MAX = 8_000;

/** Traces that are looked up wherever they are; above it those of a part of the time, for each costs a place to read. */
export const WHY_TRACES_SCATTERED_MAX = 300;

/** Of so few records in the range all may be read: less than a second. */
export const WHY_WHOLE_ROWS_MAX = 500_000;

/** Bins of time that a side is counted by. A picked one is looked at as a whole: a two-thousandth of the range. */
export const WHY_BINS = 2_000;

/** Bins picked from a large side: in so many places that no single one makes a condition, and a twentieth of the range at most. */
export const WHY_PICKS_MIN = 50;
export const WHY_PICKS_MAX = 100;

/** Bins by kind: with room for a base of another range. */
export const WHY_BIN_ROWS_MAX = 100_000;

/** Records of a trace are looked for so far around the one that was found: longer ones are rare, and cut alike on both sides. */
export const WHY_TRACE_REACH_MS = 5_000;

/** Records of a base, or traces, below which nothing can be told: then the next wider base is taken. */
export const WHY_BASE_MIN = 5;

/** Where at least this share of the slice has a trace, whole traces may be compared. */
export const WHY_TRACED_SHARE_MIN = 0.9;

/** Values that come back from the engine; those that fewer share explain nothing. */
export const WHY_ROWS_MAX = 20_000;

/** Longest value that is compared. Longer ones are texts. */
export const WHY_VALUE_CHARS_MAX = 200;

/** A condition is worth a word when at least this share of the slice has it, and this many. */
export const WHY_SHARE_MIN = 0.05;
export const WHY_COUNT_MIN = 3;

/** How well a condition tells both sides apart, were they of the same size: 12 % against 7 % is just not worth a word. */
export const WHY_STRENGTH_MIN = 0.1;

/** Chance of an accident that is taken, after correction for all values that were compared. */
export const WHY_CHANCE_MAX = 0.01;

/** Rough texts that come back from the engine, the most frequent: what is beyond them is told as `truncated`. */
export const ROUGH_ROWS_MAX = 20_000;

/** Characters of a text that its form is made of. */
export const ROUGH_CHARS_MAX = 400;

/** Of a stack, for its fingerprint and for lists: the record itself has all of it. */
export const STACK_LINES_MAX = 14;
export const STACK_CHARS_MAX = 4_000;

/** Steps of a small trend beside a pattern or an error group: a sparkline. */
export const TREND_STEPS = 24;

/** Templates of one length and beginning; beyond it a message starts a template of its own no more. */
export const TEMPLATES_PER_LEAF_MAX = 200;

/** Words of a message that are compared; what follows is taken as different. */
export const TEMPLATE_WORDS_MAX = 60;

/** Frames that make a fingerprint. Deeper ones are the framework's. */
export const FINGERPRINT_FRAMES = 5;

/** Releases that are listed. */
export const RELEASES_MAX = 200;

/** Traces whose records are asked for the person. */
export const OTHERS_TRACES_MAX = 100_000;

/** Of so many people the names are compared, 1 MB of them; of more, one person under two names counts twice. */
export const OTHERS_PEOPLE_MAX = 20_000;

/** Cells of a heatmap: 500 columns of 25 rows. */
export const HEATMAP_CELLS_MAX = 20_000;

/** Requests of an endpoint whose traces are followed. Beyond it every n-th trace is taken, and it is said. */
export const IMPACT_CALLS_MAX = 20_000;

/** Hops that callers and callees are followed in: 30 MB of rows. Beyond it the answer is cut, and it is said. */
export const IMPACT_HOPS_MAX = 300_000;

/**
 * Callers, and callees, that an answer names, nearest and most called first: more than anybody reads. Beyond it the answer is
 * cut, and it is said. (What calls every one of 500 endpoints has a quarter of a million ways to depth 2.)
 */
export const IMPACT_LINES_MAX = 10_000;

/** Hops that are passed over between two endpoints: sections in sections, edges behind edges. */
export const IMPACT_PASSED_MAX = 100;

/** Hops of a trace in which parents are looked for: it costs the square. Larger ones are batch jobs. */
export const TRACE_NODES_COUNTED_MAX = 3_000;

/** Hops that the lines of a map are counted from: what fits in the memory of one query, with room. */
export const MAP_HOPS_MAX = 200_000;

/** A day, for trends by day. */
export const DAY_MS = 86_400_000;

export const HOUR_MS = 3_600_000;

/** The window of a map when none is asked for: an hour. */
export const MAP_RANGE_MS = 3_600_000;

/** Services, and lines between them. */
export const MAP_ROWS_MAX = 5_000;

/** A request that a click's handler makes begins within this; what comes later may be a timer's. */
export const CAUSED_AT_ONCE_MS = 1_000;

/** Times of one process are rounded to a microsecond, those of a browser to a tenth of a millisecond. */
export const SAME_CLOCK_MS = 1;

/** The same request within this time after the one before it is a repetition of it, and asks for a reason. */
export const REPEAT_GAP_MS = 3_000;

/** After a failure people and programs wait before they try again. */
export const REPEAT_AFTER_FAILURE_MS = 30_000;

/** Traces in which repetitions are looked for. */
export const RETRY_TRACES_MAX = 300;

/** Days below which no trend is told: a week, so that every day of the week is in it. */
export const TREND_DAYS_MIN = 7;

/** Requests of a day below which its quantile is left out. */
export const TREND_REQUESTS_MIN = 20;

/** A change over the whole time below this share of the mean is none that matters. */
export const TREND_CHANGE_SHARE_MIN = 0.05;

/** Further ahead nobody can say. */
export const TREND_CROSSING_DAYS_MAX = 730;

/** Endpoints that trends are worked out for, those with the most requests. */
export const TREND_ENDPOINTS_MAX = 1_000;

/** Endpoints by days, of two years. */
export const TREND_ROWS_MAX = 731_000;
