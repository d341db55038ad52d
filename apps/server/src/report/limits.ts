/** Limits of reports. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** How often the clock is looked at: a report is sent well within a minute of its time. */
export const REPORT_TICK_MS = 5 * SECOND_MS;

/** One card’s statement. */
export const CARD_TIME_MS_MAX = 20 * SECOND_MS;

/** Scheduled times that are passed over at once after a long stop: one a minute for a week. */
export const MISSED_MAX = 10_080;

/** Pauses between attempts to send, and when to give up: by then the next one is due. */
export const REPORT_RETRY_MS_MIN = 5 * SECOND_MS;
export const REPORT_RETRY_MS_MAX = 10 * MINUTE_MS;
export const REPORT_GIVE_UP_MS = 24 * 60 * MINUTE_MS;

/** A release is looked for this far back. */
export const RELEASE_LOOK_BACK_DAYS = 90;

/** Schedules more frequent than this are refused: a report is read, not watched. */
export const SCHEDULE_INTERVAL_MS_MIN = 5 * MINUTE_MS;

export const DAY_MS = 24 * 60 * MINUTE_MS;

/** Due this long ago when it is noticed: the server was not running at its time. */
export const REPORT_LATE_MS = MINUTE_MS;
