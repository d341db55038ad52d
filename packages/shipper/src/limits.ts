/** Every limit of the shipper, each with its reason. Sizes are bytes, times milliseconds. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** A server takes 2.9 M lines/s in batches of this many; more adds memory and latency, not speed. */
export const BATCH_RECORDS_DEFAULT = 2000;
/** Before compression. Fits every proxy's body limit once it is compressed. */
export const BATCH_BYTES_DEFAULT = 1 * MIB;

/** Level 1 costs the host least: 338 MB/s at a ratio above 7. */
export const GZIP_LEVEL = 1;

/** A batch that is not full waits this long for more, so that a quiet service makes 5 requests a second at most. */
export const LINGER_MS = 200;
/** How often a spool is looked at that another process writes. */
export const POLL_MS_DEFAULT = 1000;
/** How often the shipper asks again for a spool that another shipper holds. */
export const LOCK_RETRY_MS = 5000;

/** A server that has not answered by then gets the batch once more; it knows what it has taken. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** A verdict for each of 2000 records is below 1 MiB; a longer answer is not ours. */
export const ANSWER_BYTES_MAX = 4 * MIB;

/** How much of a refusing answer is repeated to a person. */
export const REASON_CHARACTERS_MAX = 300;

/** Waits double from the first to the last, each drawn at random from its upper half. */
export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 60_000;
/** A refused key or address needs a person; asking often does not help. */
export const DENIED_RETRY_MS = 30_000;
/** A Retry-After longer than this is asked again earlier: clocks and proxies err. */
export const RETRY_AFTER_MAX_MS = 5 * 60_000;

/** How long `stop({flush: true})` tries at most unless told otherwise. */
export const FLUSH_TIMEOUT_MS_DEFAULT = 5000;

/** Rejected records are kept with their reasons up to this size, then only counted. */
export const REJECT_FILE_BYTES_MAX = 16 * MIB;

/** Shipped records stay on the host this long: long enough to notice that a server was lost. */
export const KEEP_MS_DEFAULT = 24 * 60 * 60_000;
/** How often shipped segments are looked through for old ones. */
export const RETIRE_EVERY_MS = 60_000;
/** An idle shipper looks after its lock and at the clock this often. */
export const IDLE_MS = 10_000;

/** `<root>/<producer>/<boot>`: spools are looked for this many folders deep. */
export const SEARCH_DEPTH_MAX = 2;
/** One pass over a folder (not following) gives up after this many failures in a row, about two minutes. */
export const ATTEMPTS_DEFAULT = 8;
/** How often a sidecar looks for new boots. */
export const SEARCH_EVERY_MS_DEFAULT = 1000;
