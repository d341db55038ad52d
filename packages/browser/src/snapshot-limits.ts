/** Limits of state snapshots, which are loaded apart from the core. */

/** Values of one state snapshot. */
export const SNAPSHOT_VALUES_MAX = 30;
export const SNAPSHOT_CHARACTERS_MAX = 500;
