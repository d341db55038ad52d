/** Limits of dashboards. */

/** Points of a time series: one per few pixels of a panel. */
export const SERIES_POINTS = 60;

/** Lines of a time series, rows of a list. */
export const ROWS_MAX = 2_000;

/** How long an answer is given to others who ask the same: a wall and ten people cost as much as one. */
export const ANSWER_KEPT_MS = 5_000;

/** Answers kept at once. A panel is about 20 KB. */
export const ANSWERS_MAX = 200;

/** Markers in one answer. */
export const DEPLOYS_MAX = 200;

/** How far before the range a release is looked for, to know that it was there already. */
export const DEPLOY_LOOK_BACK_MS = 7 * 24 * 3_600_000;

/**
 * What a search panel reads in a millisecond, at least: 100 MB a second. On two busy cores a histogram of 5 million records read
 * 190 MB in a second of CPU time, the list of endpoints 300.
 */
export const SEARCH_BYTES_PER_MS = 100_000;
