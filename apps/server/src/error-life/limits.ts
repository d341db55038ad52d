/** Limits of the life of errors, each with its reason. */

/** Releases that are known when an error is resolved until the next one: those of two years of daily deploys. */
export const ERROR_RELEASES_MAX = 1_000;
