/** Limits of the way to the admin APIs of services, each with its reason. */

/** A person waits in front of a form; an action that needs longer is a script. */
export const ADMIN_CALL_MS_MAX = 20_000;
/** The list of what there is must not wait for one service that hangs. */
export const ADMIN_DESCRIBE_MS_MAX = 3_000;
/** A page of a hundred entities with long texts. */
export const ADMIN_ANSWER_BYTES_MAX = 4 * 2 ** 20;
/** After a change: until its record can be found. It mostly takes less than a second. */
export const ADMIN_HISTORY_WAIT_MS = 5_000;
/** Services in one file: each is asked when the list is opened. */
export const ADMIN_SERVICES_MAX = 50;
