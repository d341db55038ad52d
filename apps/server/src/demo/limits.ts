/** Limits of the demo, with their reasons. */

/** The shop starts a database and eight processes; on a busy machine that takes a while. */
export const DEMO_START_MS_MAX = 120_000;

/** For its last lines; then it is ended. */
export const DEMO_STOP_MS_MAX = 15_000;

/** Of what it printed, to say why it did not start. */
export const DEMO_OUTPUT_CHARS_MAX = 4_000;
