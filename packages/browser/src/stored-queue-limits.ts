/** Limits of what is loaded only with consent: apart, so that the core does not share a file with it. */

/** Undelivered lines kept in storage, with consent only. Storage has 5 million characters and belongs to the page. */
export const STORED_CHARACTERS_MAX = 250_000;

/** Queues of earlier pages that are sent on; older ones are deleted. */
export const STORED_QUEUES_MAX = 5;
