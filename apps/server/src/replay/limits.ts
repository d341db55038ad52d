/** Limits of hearing of replays, each with its reason. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Replays of all projects together: a team has a handful. The one not heard of for longest goes first. */
export const REPLAYS_MAX = 500;

/** A name as `defineReplay` takes them is short; what is longer is not one of ours. */
export const REPLAY_TEXT_CHARS_MAX = 200;

/** One that follows and says for longer than the second that it is more than this behind is told. */
export const REPLAY_LAG_MS_MIN = MINUTE_MS;
export const REPLAY_LAG_LASTS_MS = MINUTE_MS;

/** After its own interval this much more is waited for a sign: twice the interval, within these. */
export const REPLAY_GRACE_MS_MIN = 90 * SECOND_MS;
export const REPLAY_GRACE_MS_MAX = 10 * MINUTE_MS;
