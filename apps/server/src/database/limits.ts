/** Limits of looking into other people's databases, each with its reason. */

const SECOND_MS = 1_000;

/** A replica on another continent answers within this; a firewall that drops never does. */
export const CONNECT_TIME_MS_MAX = 5 * SECOND_MS;

/** So much longer than its time may an answer take; then the database hangs, and is no longer waited for. */
export const ANSWER_GRACE_MS = 5 * SECOND_MS;

/** A connection that does not end by itself within this is cut. */
export const CLOSE_TIME_MS_MAX = SECOND_MS;

/** A statement of a person. What takes longer belongs on a copy, at night. The file may set less or more, up to the second. */
export const STATEMENT_TIME_MS = 30 * SECOND_MS;
export const STATEMENT_TIME_MS_MAX = 600 * SECOND_MS;

/** Waiting for a lock holds others up behind us. */
export const LOCK_TIME_MS_MAX = 2 * SECOND_MS;

/** Rows of one answer: as those of the workbench. */
export const DATABASE_ROWS_MAX = 10_000;

/** Bytes of one answer: a column of pictures must not fill the memory of the server. */
export const DATABASE_BYTES_MAX = 32 * 2 ** 20;

/** Rows that are fetched from the server at once. */
export const FETCH_ROWS = 500;

/** Statements that run at once in one database: a handful of people, never a load. */
export const DATABASE_RUNNING_MAX = 4;

/** How long a cancelled statement may still be seen running before its connection is ended. */
export const CANCEL_GRACE_MS = 3 * SECOND_MS;
export const CANCEL_LOOK_MS = 50;

/** How often a running statement is looked at, and from when on it is said that it holds vacuum back. */
export const WATCH_INTERVAL_MS = 2 * SECOND_MS;
export const VACUUM_HELD_MS_MIN = 10 * SECOND_MS;

/** Tables and columns that completion knows. */
export const SCHEMA_COLUMNS_MAX = 5_000;

/** Places that are named when a role may write: enough to see which grant it was. */
export const NAMED_MAX = 5;

/** Databases in the file. */
export const DATABASES_MAX = 50;

/** Manual UPDATEs of one form, before they are a candidate for an admin action. */
export const REPEATED_UPDATES_MIN = 3;
export const REPEATED_UPDATES_SHOWN = 20;

/** A list of names with one column is nothing that somebody edits: it would only be noise. */
export const ADVICE_COLUMNS_MIN = 2;
