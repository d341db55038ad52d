/** Every limit of the ingest protocols, each with its reason. */

/** Size of a snappy body after inflating. The server's own reader counts gzip only; snappy says its size in front. */
export const SNAPPY_BYTES_MAX = 32 * 1024 * 1024;

/** Records of one request. A body of 64 MiB of two-byte lines must not become 32 million objects. */
export const REQUEST_RECORDS_MAX = 200_000;

/** Distinct resources in one request; each is a batch of its own in the queue. */
export const RESOURCES_MAX = 1000;

/** Nesting of OTLP values. The record allows 64; a value deeper than this is kept as a note, not followed. */
export const VALUE_DEPTH_MAX = 64;

/** Rejected records named in an answer. All are counted; OTLP asks for answers below 4 MiB. */
export const REJECTED_NAMED_MAX = 1000;

/** Rejections spelled out in the one message that OTLP and Loki have room for. */
export const REJECTED_IN_MESSAGE_MAX = 5;

/** One syslog message. RFC 5425 asks for 8 KiB at least; Java stacks are longer. */
export const SYSLOG_FRAME_BYTES_MAX = 256 * 1024;

/** Largest number of digits in an octet count: `262144 ` has six. */
export const SYSLOG_COUNT_DIGITS_MAX = 6;

/** Messages waiting for the queue. Past it TCP senders are paused and datagrams are dropped and counted. */
export const SYSLOG_PENDING_MAX = 20_000;

/** Bytes waiting for the queue, for messages that are large. */
export const SYSLOG_PENDING_BYTES_MAX = 32 * 1024 * 1024;

/** Messages handed to the queue at once: its fsync is shared by all of them. */
export const SYSLOG_BATCH_MAX = 2000;

/** TCP senders connected at one time. */
export const SYSLOG_CONNECTIONS_MAX = 1000;

/** Waits between attempts while the queue refuses; senders are paused meanwhile. */
export const SYSLOG_RETRY_MS_MIN = 50;
export const SYSLOG_RETRY_MS_MAX = 2000;

/** How long a stop waits for the queue to take what has been received. */
export const SYSLOG_STOP_MS_MAX = 5000;

/** The kernel's buffer for datagrams: bursts arrive faster than one turn of the event loop. */
export const SYSLOG_UDP_BUFFER_BYTES = 4 * 1024 * 1024;

/** Idempotency keys are UUIDs and the like. */
export const IDEMPOTENCY_KEY_LENGTH_MAX = 200;

/** 2262-01-01 in nanoseconds: what an int64, and a record's time, can hold. */
export const TIME_NS_MAX = 9_214_646_400_000_000_000n;

/** RFC 3164 leaves out the year: of three candidates the one within half a year is meant. */
export const HALF_YEAR_MS = 183 * 24 * 60 * 60 * 1000;
