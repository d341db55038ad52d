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
