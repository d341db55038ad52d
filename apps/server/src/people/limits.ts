/** Limits of people, their passwords and their sessions. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** A working day, whatever happens. Sessions are kept in memory: a restart of the server ends them all. */
export const SESSION_MS = 12 * HOUR_MS;

/** Without any request for so long: somebody left the desk. An open live tail counts as use. */
export const SESSION_IDLE_MS = 2 * HOUR_MS;

/** Sessions at once; the oldest goes first. A team has dozens. */
export const SESSIONS_MAX = 10_000;

/** Bits of a session, an invitation or a sign-in link: nobody guesses 256 of them. */
export const SECRET_BYTES = 32;

/** A sign-in link that nobody opened: long enough to read it on another screen. */
export const LINK_MS = 60 * MINUTE_MS;

/** An invitation waits over a long weekend. */
export const INVITATION_MS = 7 * 24 * HOUR_MS;

/** scrypt as OWASP recommends it: 32 MiB and three passes, some 150 ms on a small server. */
export const SCRYPT = { N: 2 ** 15, r: 8, p: 3, bytes: 32, saltBytes: 16, maxmem: 64 * 2 ** 20 } as const;

/** Passwords that are hashed at once, 32 MiB each; others wait. */
export const HASHES_AT_ONCE_MAX = 2;

/** Sign-ins that wait for their hash. Beyond it they are refused: memory and threads are for records. */
export const HASHES_WAITING_MAX = 50;

/** Failed sign-ins of one account or one address before it has to wait; then the wait doubles. */
export const FAILURES_FREE = 5;
export const FAILURE_WAIT_MS_MIN = 10 * SECOND_MS;
export const FAILURE_WAIT_MS_MAX = 15 * MINUTE_MS;

/** Failures are forgotten after this time without one. */
export const FAILURES_KEPT_MS = 30 * MINUTE_MS;

/** Accounts and addresses whose failures are remembered; the oldest is forgotten first. */
export const FAILURES_TRACKED_MAX = 20_000;

/** Round trips to an identity provider that have not come back yet. */
export const OIDC_PENDING_MAX = 1_000;
export const OIDC_PENDING_MS = 10 * MINUTE_MS;

/** Round trips to a SAML provider that have not come back yet. */
export const SAML_PENDING_MAX = 1_000;
export const SAML_PENDING_MS = 10 * MINUTE_MS;

/** An assertion is made at the moment of the sign-in: an old one was kept by somebody. */
export const SAML_AGE_MS_MAX = 5 * MINUTE_MS;

/** How far the clocks of provider and server may be apart. */
export const SAML_SKEW_MS = 30 * SECOND_MS;

/** Signed assertions with many groups are 50 KB. */
export const SAML_RESPONSE_BYTES_MAX = 512 * 1024;
