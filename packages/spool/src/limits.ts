/** Every limit of the spool, each with its reason. Sizes are bytes, times milliseconds. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** What a power cut may cost: the promise is 200 ms, the rest of it is left for the fsync itself. */
export const GROUP_SYNC_MS_DEFAULT = 100;
export const GROUP_SYNC_MS_MAX = 200;

/** A sync within this may hold up the thread of a lone caller: no more than a collection of garbage does. */
export const QUICK_SYNC_MS_MAX = 0.5;
/** So many quick ones in a row make a quick disk: one that stalls now and then holds up the thread for every 33rd at most. */
export const HERE_AFTER_QUICK_SYNCS = 32;

/** Small enough to compress, ship and read whole in memory; large enough that a busy service fills one a minute. */
export const SEGMENT_BYTES_DEFAULT = 32 * MIB;
/** A segment below this would be mostly header. */
export const SEGMENT_BYTES_MIN = 4 * KIB;
/** A quiet service still hands over sealed segments within the hour. */
export const SEGMENT_AGE_MS_DEFAULT = 60 * 60 * 1000;

/** A spool that nobody ships must not fill the host's disk. */
export const QUOTA_BYTES_DEFAULT = 1024 * MIB;

/** A reader must hold a group in memory to verify it: past this an integrity line is written without an fsync. */
export const GROUP_BYTES_MAX = 4 * MIB;

/** One block of the server's queue: admission limits a batch far below this. */
export const BLOCK_BYTES_MAX = 64 * MIB;

/** Lines are encoded into one buffer of this size; the checksum is folded when it is full. */
export const LINE_BUFFER_BYTES = 256 * KIB;

/** In front of the lines in the stage: how much is in use, and where it belongs. One line of the processor's cache. */
export const STAGE_HEADER_BYTES = 64;
/** A reader beside a busy writer looks this often for a moment in which it wrote nothing; else it sees the file alone. */
export const STAGE_READS_MAX = 3;
/** The whole stage: as large as the buffer that it stands in for. */
export const STAGE_BYTES = STAGE_HEADER_BYTES + LINE_BUFFER_BYTES;

/** An integrity line is about 70 bytes and an end line about 170. */
export const INTEGRITY_LINE_BYTES_MAX = 320;

/** What a reader asks of the disk at once. */
export const READ_WINDOW_BYTES = 1 * MIB;

/** How much of a chunk `readGroups` hands out at once unless told otherwise. */
export const READ_BYTES_DEFAULT = 8 * MIB;

/** A header line with a large resource; more is not a header. */
export const HEADER_BYTES_MAX = 1 * MIB;

/** Raw bytes per member of a compressed segment: a reader inflates only what it needs. */
export const COMPRESS_MEMBER_BYTES = 1 * MIB;
/** How much of a damaged compressed segment is searched at once for its next member. */
export const SEARCH_WINDOW_BYTES = 64 * KIB;
/** Level 6 gives about 10:1 on log lines; compression runs off the event loop. */
export const COMPRESS_LEVEL_DEFAULT = 6;

/** A writer in another container cannot be asked whether it lives, so it touches its lock this often … */
export const LOCK_HEARTBEAT_MS = 10_000;
/** … and counts as dead after six missed beats. */
export const LOCK_STALE_MS = 60_000;
/** Two processes that race for a dead writer's lock settle it within a few rounds. */
export const LOCK_ATTEMPTS_MAX = 5;

/** Kept free within the quota for the spool's own lines: integrity, end and header. */
export const OWN_LINES_BYTES = 2 * KIB;
/** When the quota is used up, the folder is not searched for room at every refused line. */
export const QUOTA_RETRY_MS = 1000;

/** `<root>/<producer>/<boot>`: a killed process may have created these without syncing their names. */
export const PARENTS_SYNCED = 3;

/** Full segments whose fsync is still to come. A recovery after a kill syncs as many, sealed or not. */
export const RETIRING_MAX = 8;

/** The end of a segment is looked for backwards in steps of this; a file without zero bytes behind it costs one. */
export const ZEROS_WINDOW_BYTES = 4 * KIB;
