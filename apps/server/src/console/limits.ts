/** Limits of signing in to the console. */

const MINUTE_MS = 60_000;

/** A working day. Sessions are kept in memory: a restart of the server ends them all. */
export const SESSION_MS = 12 * 60 * MINUTE_MS;

/** Sessions at once; the oldest goes first. A team has dozens. */
export const SESSIONS_MAX = 10_000;

/** Bits of a session or of a sign-in link: nobody guesses 256 of them. */
export const SECRET_BYTES = 32;

/** A sign-in link that nobody opened: long enough to read it on another screen. */
export const LINK_MS = 60 * MINUTE_MS;
