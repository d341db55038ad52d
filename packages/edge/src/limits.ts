/** Every limit of the edge-log readers, each with its reason. */

/** A longer line is left to the reader of plain text: request lines and headers of real edges end far below this. */
export const EDGE_LINE_CHARACTERS_MAX = 128 * 1024;

/** Attempts listed for one request. A proxy that tries more upstreams than this has another problem; all are counted. */
export const ATTEMPTS_LISTED_MAX = 50;

/** Words looked at in one line. The longest known format (CloudFront, all fields) has below a hundred. */
export const WORDS_MAX = 400;

/** An id that somebody else made, kept as an alias. Those of all known dialects are far shorter. */
export const ALIAS_CHARACTERS_MAX = 256;

/** Names in the `#Fields` line at the head of a CloudFront file. */
export const FIELD_NAMES_MAX = 200;
