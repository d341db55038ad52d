/** Every limit of the search language, with its reason. */

/** A search text. People type hundreds of characters; programs that build lists of ids reach thousands. */
export const QUERY_CHARS_MAX = 8192;

/** Parentheses and `not` inside each other. Evaluation and SQL nest as deep; the engine's parser takes more. */
export const QUERY_DEPTH_MAX = 40;

/** Conditions in one search. Each becomes an SQL condition; the engine's planner slows down beyond hundreds. */
export const QUERY_TERMS_MAX = 256;

/** Errors that are reported for one text. The first ones explain the later ones. */
export const QUERY_ERRORS_MAX = 8;

/** Text behind the first mistake that is read for more: recovering costs up to 0.2 ms for each further mistake. */
export const EXPLAINED_CHARS_MAX = 200;

/** Wildcards in one value. Matching costs at most (pattern × text) steps; this bounds the pattern. */
export const WILDCARDS_MAX = 16;

/** Words of a phrase that are looked up in the index; more would not prune further. The check uses all words. */
export const PREFILTER_TOKENS_MAX = 12;

/** A piece of a word that the engine looks for among the words of its index; shorter ones it does not (its own limit). */
export const FRAGMENT_CHARS_MIN = 4;

/** An id has at least this many characters, so that short bare words do not read the columns of ids. */
export const ID_CHARS_MIN = 8;

/**
 * The engine joins indexes over OR only while a WHERE has at most this many conditions and connectives together
 * (seen in chdb 26.7: with one more it reads everything). `sql/pruning.ts` keeps conditions below it.
 */
export const PRUNING_ELEMENTS_MAX = 32;

/** Records on one page. A page is held in memory several times over (engine, server, client). */
export const PAGE_RECORDS_MAX = 10_000;
export const PAGE_RECORDS_DEFAULT = 100;

/** Records before or after one record. */
export const CONTEXT_RECORDS_MAX = 1_000;

/** Stages after pipes. */
export const STAGES_MAX = 16;

/** Aggregates and dimensions of one `stats`, each. Each is a column of state per group in the engine. */
export const AGGREGATES_MAX = 20;
export const DIMENSIONS_MAX = 8;

/** Rows that an aggregation answers. A table that people read, or a chart, never has more. */
export const STATS_ROWS_MAX = 10_000;
export const STATS_ROWS_DEFAULT = 1_000;

/** Bars of a histogram. Screens have about two thousand pixels. */
export const HISTOGRAM_BUCKETS_MAX = 2_000;

/** Newest records that the list of fields and of values looks at: enough to be representative, soon read. */
export const FIELD_SAMPLE_RECORDS = 20_000;

/** Fields, and values of a field, that are listed. */
export const FIELD_LIST_MAX = 1_000;
export const FIELD_VALUES_MAX = 100;

/** Edits between a name and its suggestion, for names of at least four characters; shorter ones take one. */
export const SUGGESTION_EDITS_MAX = 2;

/** Fields that a name is compared with for a suggestion: the comparison is quadratic in the length of names. */
export const SUGGESTION_FIELDS_MAX = 5_000;

/** The last moment that a signed 64-bit number of nanoseconds can say, in the year 2262. */
export const TIME_NS_MAX = 9_223_372_036_854_775_807n;

/** Bins from this width on are counted in 32 bits until beyond the last year that records can have. */
export const SHORT_KEY_NS_MIN = 3_000_000_000n;
