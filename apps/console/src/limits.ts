/** Limits of the console, with their reasons. */

/** What the live page keeps: the newest records only, so that an hour of following does not grow. */
export const KEPT_RECORDS_MAX = 1000;

/** How often the live page draws: five times a second reads as movement and leaves the page free. */
export const DRAW_EVERY_MS = 200;

/** From the live tail to search: records are visible a moment after they were taken. */
export const VISIBLE_AFTER_MS = 900;
