/**
 * Every limit of a record, with its reason. Nothing that comes from outside is stored without meeting these.
 */

/**
 * One line. A record is read whole by grep, by the queue and by the engine; 1 MiB keeps each of them bounded.
 */
export const LINE_BYTES_MAX = 1024 * 1024;

/**
 * A line that is still read in order to be cut down to `LINE_BYTES_MAX`. Beyond it only a verdict is given.
 */
export const LINE_READ_BYTES_MAX = 16 * 1024 * 1024;

/** Leaves of one record. A map of ids used as an object would otherwise give every id a key of its own. */
export const ATTRIBUTES_MAX = 1000;

/** Kept free among them for our own notes when attributes have to be set aside. */
export const ATTRIBUTES_RESERVED = 300;

/** Nesting of objects and arrays. Recursive readers downstream (the engine, browsers) must never overflow. */
export const DEPTH_MAX = 64;

/** One dotted path in UTF-8. Keys are kept in dictionaries, where a long one stays in memory for good. */
export const KEY_BYTES_MAX = 512;

/** One of the envelope's ids. W3C ids have 32 characters; other dialects stay far below this. */
export const ID_BYTES_MAX = 256;

/**
 * Names in a header (`producer`, `boot`): they are folder names, and no file system takes more than 255
 * bytes.
 */
export const NAME_BYTES_MAX = 128;

/** Keys of a resource. Each distinct resource is stored once per batch, so it has to stay small. */
export const RESOURCE_KEYS_MAX = 256;

/** A header line in all. */
export const HEADER_BYTES_MAX = 64 * 1024;

/** What is kept of each end of a text that is cut, first and second (smaller) attempt. */
export const CUT_KEEP_BYTES = 8 * 1024;
export const CUT_KEEP_BYTES_MIN = 128;

/** More than what stands between head and tail of a cut text, and the note about it, take. */
export const CUT_MARKER_BYTES = 200;

/** Text of one quarantined field: enough to understand what was sent. */
export const QUARANTINE_TEXT_BYTES_MAX = 256 * 1024;

/**
 * Verdicts on fields that one record may carry. A record that is all wrong does not need a thousand reasons.
 */
export const QUARANTINED_MAX = 100;

/**
 * Leaves that flattening writes of one object. A graph whose branches meet again and again has no end
 * otherwise.
 */
export const FLATTEN_LEAVES_MAX = 20_000;

/**
 * Encoded keys that are remembered. Services use few distinct keys; keys made of ids must not fill the
 * memory.
 */
export const KEY_CACHE_MAX = 4096;
export const KEY_CACHE_LENGTH_MAX = 128;

/** Random bytes drawn at once for ids: one system call for 256 trace ids (2705 ns apart, 73 ns pooled). */
export const RANDOM_POOL_BYTES = 4096;

/**
 * Years that nanoseconds in a signed 64-bit integer can hold are 1677 to 2262; whole years from 1970 are
 * taken.
 */
export const YEAR_MIN = 1970;
export const YEAR_MAX = 2261;

/** The clock asks the wall clock this often (in its own monotonic time) whether they still agree. */
export const CLOCK_CHECK_NS = 1_000_000_000;

/**
 * Difference to the wall clock that is ordinary: `Date.now()` has whole milliseconds, and threads are late.
 */
export const CLOCK_TOLERANCE_MS = 10;

/**
 * A wall clock that was set back is approached by slowing down by a tenth, so that durations stay credible.
 */
export const CLOCK_SLEW_DIVISOR = 10;

/** One unit of UTF-16 in UTF-8: a text shorter by this factor is within a limit without being counted. */
export const CHARACTER_BYTES_MAX = 3;

/** Rules of one file. Each record passes all of them that concern it. */
export const RULES_MAX = 1000;
export const RULES_BYTES_MAX = 256 * 1024;

/**
 * Keys that one personal box keeps unwrapped, so that opening many values of a page does not unwrap each
 * time.
 */
export const PERSON_KEYS_CACHED_MAX = 1000;

/** One personal value. They are names, addresses and numbers, not documents. */
export const PERSONAL_BYTES_MAX = 64 * 1024;

/** Sizes of AES-256-GCM: key, nonce (the size it is defined for) and tag. */
export const AES_KEY_BYTES = 32;
export const AES_IV_BYTES = 12;
export const AES_TAG_BYTES = 16;

/** Up to this length a loop over the characters of a string wins over a regular expression (measured). */
export const QUOTE_LOOP_LENGTH_MAX = 12;

/**
 * Redaction looks at no shorter text: `010123456` has nine digits, `Bearer 12345678` is the shortest token.
 */
export const SUSPICIOUS_LENGTH_MIN = 9;
export const TOKEN_LENGTH_MIN = 15;

/** Smaller numbers are no card; those of 13 digits that begin with 1 are times in milliseconds. */
export const CARD_NUMBER_MIN = 2e12;

/** Fields that the difference of an audit record names. More are seen in its `before` and `after`. */
export const AUDIT_DIFF_MAX = 200;
/** A pseudonym: 128 bits are enough against accidents among any number of people. */
export const PSEUDONYM_BYTES = 16;

/** Epochs of one identity key file. Each look-up tries all of them; at one a year this is a lifetime. */
export const KEY_EPOCHS_MAX = 64;

/** A rule of debug routing must fit into baggage beside what else is there. */
export const ROUTE_TEXT_CHARACTERS_MAX = 900;
export const ROUTE_NAME_CHARACTERS_MAX = 63;

/** Services of one rule: who debugs more at once deploys a test environment. */
export const ROUTE_TARGETS_MAX = 8;

/** A rule that was forgotten must not route tomorrow's requests. */
export const ROUTE_SECONDS_MAX = 24 * 3600;
