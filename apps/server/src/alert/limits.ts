/** Limits of alerts, each with its reason. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Open alerts and history together; resolved ones go first. About 2 KB each. */
export const ALERTS_MAX = 5_000;

/** Errors remembered to tell new ones from known ones, over all projects; the one not seen for longest goes first. */
export const KNOWN_ERRORS_MAX = 20_000;

/** A known error that was quiet for so long "came back". */
export const CAME_BACK_MS = DAY_MS;

/**
 * Without another record for so long an alert resolves itself, unless the settings say otherwise; sparse ones wait three times
 * their own interval. What is looked for every 30 seconds needs it: else it would open and close between two looks.
 */
export const RESOLVE_QUIET_MS = 2 * MINUTE_MS;
/** Less would open and close with the pauses of ordinary traffic. */
export const RESOLVE_QUIET_MS_MIN = 5 * SECOND_MS;
export const RESOLVE_QUIET_MS_MAX = HOUR_MS;
export const RESOLVE_INTERVALS = 3;

/** Distinct people counted in one alert, and in all open ones together; beyond it "at least". */
export const PEOPLE_MAX = 20_000;
export const PEOPLE_TOTAL_MAX = 200_000;

/** Services and releases named in one alert. */
export const NAMES_MAX = 10;

/** What happened to one alert: opened, told, acknowledged … the oldest goes. */
export const EVENTS_MAX = 50;

/** New alerts of one project that are told one by one within the time below; more are told as one. */
export const TOLD_MAX = 20;
export const TOLD_WINDOW_MS = 10 * MINUTE_MS;

/** A dependency fails when so many errors name it within this time. */
export const DEPENDENCY_ERRORS_MIN = 3;
export const DEPENDENCY_WINDOW_MS = MINUTE_MS;
export const DEPENDENCIES_MAX = 5_000;

/** Traces of which it is known what failed first in them: some minutes of a storm, about 300 bytes each. */
export const FAILING_TRACES_MAX = 10_000;

/** What may follow from another failure is told so much later: what failed first may come from a service that sends later. */
export const SETTLE_MS = 5 * SECOND_MS;

/** Deletions of one actor within this time that are told: a colleague at work deletes a few, one who leaves deletes all. */
export const DELETIONS_MIN = 20;
export const DELETIONS_WINDOW_MS = 10 * MINUTE_MS;
/** Actors that are counted at once. */
export const DELETERS_MAX = 5_000;

/** What nobody decides for so long is told no more; it can still be decided. */
export const APPROVAL_WAITS_MS_MAX = 14 * DAY_MS;
/** A run of a script that was not heard of for so long: six heartbeats. Beyond the second nobody waits for it. */
export const SCRIPT_SILENT_MS = 3 * MINUTE_MS;
export const SCRIPT_FORGOTTEN_MS = DAY_MS;
/** Runs that are followed at once, about 300 bytes each. */
export const SCRIPT_RUNS_MAX = 2_000;

/** A source is known after so many batches; silent after ten times its usual pause, and never sooner than this. */
export const SOURCE_BATCHES_MIN = 20;
export const SILENT_INTERVALS = 10;
export const SILENT_MS_MIN = 10 * MINUTE_MS;
export const SOURCES_MAX = 10_000;

/** Records that are older than this when they arrive, for longer than the second: the source lags. */
export const LAG_MS_MIN = MINUTE_MS;
export const LAG_LASTS_MS = MINUTE_MS;

/** Older than this when it arrives: somebody pours old files. */
export const LAG_MS_MAX = 6 * HOUR_MS;

/** Gaps are looked at this far back, and only those that were there at the look before are told. */
export const GAP_LOOK_BACK_MS = 15 * MINUTE_MS;
export const GAP_INTERVAL_MS = 30 * SECOND_MS;
export const GAPS_LOOKED_AT_MAX = 100;

/** The clock of alerts: resolving, silence, deliveries that are due. */
export const TICK_MS = SECOND_MS;

/** Rules over searches are evaluated this often, one after the other. */
export const EVALUATE_INTERVAL_MS = 15 * SECOND_MS;
export const EVALUATE_TIME_MS_MAX = 10 * SECOND_MS;

/** Rules over business databases are asked this often: each time is a connection, a proof and two audit records there. */
export const DATABASE_INTERVAL_MS = MINUTE_MS;

/** Windows of a preview over a database: a day of hours, one statement each. */
export const DATABASE_PREVIEW_POINTS_MAX = 24;

/** Values of `by` that one rule looks at. */
export const GROUPS_MAX = 100;

/** Search, or a replica that is asked, must be at least this fresh for an absence to mean anything. */
export const FRESH_MS_MAX = MINUTE_MS;

/** After so many failures in a row a rule says that it cannot be evaluated. */
export const EVALUATION_FAILURES_MAX = 3;

/** Patterns kept per rule, and messages looked at in one round. */
export const PATTERNS_MAX = 2_000;
export const PATTERN_MESSAGES_MAX = 2_000;

/** Points of a preview: a week of five-minute windows. */
export const PREVIEW_POINTS_MAX = 2_016;

/** State is written at most this often while things change. */
export const SAVE_INTERVAL_MS = SECOND_MS;

/** Ordinary traffic moves the position all the time; reading it again costs little. */
export const QUIET_SAVE_INTERVAL_MS = 30 * SECOND_MS;

/** Batches that wait while the queue is read again after a start. */
export const CATCH_UP_PENDING_MAX = 2_000;

/** A message that can be edited is updated at most this often. */
export const UPDATE_INTERVAL_MS = 15 * SECOND_MS;

/** A target that cannot edit gets a follow-up only when the count grew so many times, and not sooner than this. */
export const FOLLOW_UP_FACTOR = 10;
export const FOLLOW_UP_INTERVAL_MS = 5 * MINUTE_MS;

/** Deliveries at once, and the time that one may take. */
export const DELIVERIES_AT_ONCE = 4;
export const DELIVERY_TIME_MS_MAX = 15 * SECOND_MS;
export const DELIVERY_ANSWER_BYTES_MAX = 64 * 1024;

/** Pauses between attempts, and when to give up. */
export const RETRY_MS_MIN = 2 * SECOND_MS;
export const RETRY_MS_MAX = 10 * MINUTE_MS;
export const GIVE_UP_MS = DAY_MS;

/** The first line as it is told: a screen of a phone. */
export const TITLE_CHARS_MAX = 300;

/** Of a line, to read its time: `seq` has at most 16 digits and `time` 30 characters. */
export const LINE_HEAD_BYTES = 100;
