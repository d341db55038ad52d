/** Every limit of the SDK, with its reason. The SDK lives in someone else's process: nothing here may grow. */

/** `%o` of a large object in a message; the object itself belongs into the fields, where nothing is cut. */
export const FORMAT_TEXT_CHARACTERS_MAX = 8192;

/** Causes of one error. Longer chains are loops made by retry wrappers. */
export const ERROR_CAUSES_MAX = 8;

/** Own fields of one error: clients hang whole requests and responses on theirs. */
export const ERROR_FIELDS_MAX = 32;

/** Paths that are remembered with their encoded form. Keys made of ids must not fill the memory; they go the slow way. */
export const PATHS_CACHED_MAX = 4096;

/** A key longer than this is hardly a name. */
export const KEY_CACHED_CHARACTERS_MAX = 128;

/** Nesting that the fast encoder follows; deeper objects (and cycles) go the slow way, which is total. */
export const FAST_DEPTH_MAX = 8;

/** Fields of one record that the fast encoder takes; more may meet the record's own limit. */
export const FAST_FIELDS_MAX = 500;

/** A line longer than this (in UTF-16 units) may exceed the record's limit in bytes, so it is checked in full. */
export const FAST_LINE_CHARACTERS_MAX = 300_000;

/** Shortest text that can hold a secret, a phone or a card number: shorter ones are not searched. */
export const PATTERN_CHARACTERS_MIN = 9;

/** A sign of life: frequent enough that a silent tail is noticed within minutes, rare enough to cost nothing. */
export const HEARTBEAT_MS_DEFAULT = 60_000;

/** Records that a test logger keeps. A test that needs more should look at them as they come. */
export const MEMORY_RECORDS_MAX = 100_000;

/** How long `close()` waits for the server before it leaves the rest to the next start: an orchestrator allows 10 s. */
export const CLOSE_SHIP_MS_MAX = 5_000;

/** Notices of the SDK's own about itself that reach the host's standard error; the rest is counted. */
export const NOTICES_MAX = 20;

/** One value on the terminal; the record itself has all of it. */
export const PRETTY_VALUE_CHARACTERS_MAX = 400;

/** From here a number may be that of a card, so the record's redactor looks at it. Times in milliseconds are below. */
export const CARD_NUMBER_MIN = 2e12;

/** A slot of the file of open requests: ids, time, method and about fifty characters of the path. */
export const OPEN_SLOT_BYTES = 256;

/** Requests that are named at a death; a server with more open ones is in trouble that needs no names. */
export const OPEN_SLOTS_MAX = 4096;

/** How long the slot of an ended request may go on naming it. */
export const OPEN_WIPE_MS = 200;

/** Segments of a dead boot that are searched for the ends of its last requests: these lie within 200 ms of its death. */
export const OPEN_SEGMENTS_SEARCHED = 2;

/** Files of dead boots that one start looks at. */
export const OPEN_FILES_MAX = 100;

/** How long a test waits for a record unless it says otherwise: below the test runners' own limits. */
export const TEST_WAIT_MS_DEFAULT = 4_000;

/** Path, route and user agent together; longer ones may meet a limit of the record and take the general way. */
export const ACCESS_TEXT_CHARACTERS_MAX = 8192;

/** Records that wait for the end of a turn of the event loop: a turn that ends more requests writes in between. */
export const WAITING_RECORDS_MAX = 64;

/** A mapped file is filled with zeros in steps of this: one system call for a hundred to three hundred records. */
export const MAPPED_FILL_BYTES = 64 * 1024;

/** As the spool's own default: small enough to compress, ship and read whole in memory. */
export const SEGMENT_BYTES_DEFAULT = 32 * 1024 * 1024;

/** Places of traces that are drawn at once, 55 characters each: a tenth of a millisecond's work every so many requests. */
export const ID_POOL_PLACES = 256;

/** Different calls of one request that are remembered to tell a repetition; of one that makes more, the oldest are forgotten. */
export const RESENDS_REMEMBERED_MAX = 64;

/** An idempotency key is an id; what is longer is something else and is not hashed. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 256;
/** Longest real id, e-mail or number that is hashed; what is longer is a token of another kind or a mistake. */
export const RAW_ID_CHARACTERS_MAX = 4096;

/** Sessions and users whose hashes are remembered: about 200 bytes each. An HMAC takes some 3 µs. */
export const HASHES_CACHED_MAX = 10_000;

/** Links and indexes that this process remembers to have written. Past it they are written once more. */
export const IDENTITY_SEEN_MAX = 50_000;

/** Orders that one call of `identify` makes findable. */
export const IDENTITY_ORDERS_MAX = 100;

/** Texts of statements that are remembered without their literals: a service has hundreds; generated ones must not fill the memory. */
export const SQL_TEXTS_CACHED_MAX = 500;

/** Longer statements are bulk inserts and hold values. */
export const SQL_TEXT_CACHED_CHARACTERS_MAX = 2000;
/** Shapes of objects that have code of their own. A service has a few hundred calls of its logger. */
export const SHAPES_MAX = 512;
/** Shapes that begin with the same key; they are looked through one by one. */
export const SHAPES_PER_FIRST_KEY_MAX = 8;
/** Fields for which code is written: its size grows with them, and a larger record is dear anyhow. */
export const SHAPE_FIELDS_MAX = 100;
/** An object must be met this often before its shape is worth the code (about 0.1 ms). */
export const SHAPE_SEEN_MIN = 16;
/** Fields of one shape whose kind turns out to vary, each a compilation; after that the shape takes the general walk. */
export const SHAPE_COMPILES_MAX = 12;
/** A longer text is hardly the same every time. */
export const SHAPE_REMEMBERED_CHARACTERS_MAX = 64;
/** After as many different remembered values a field is one that varies; remembering a value costs 0.3 us. */
export const SHAPE_REMEMBERED_CHANGES_MAX = 8;
/** The journal of open audit intents begins anew at this size when nothing is open: a busy service ends thousands a second. */
export const JOURNAL_BYTES_MAX = 1024 * 1024;

/** Entities of one audited call: their entries are in memory until it ends, and one undo takes as many changes back. */
export const BATCH_ENTITIES_MAX = 50_000;

/** Entries of a batch that are written in one turn of the event loop: about 10 ms. */
export const BATCH_SLICE_ENTRIES = 500;

/** A database that did not answer is asked again after this about transactions whose end nobody saw. */
export const SETTLE_RETRY_MS = 2_000;

/** The PROXY protocol's specification counts on 536 bytes; certificates of a proxy's clients take some thousand more. */
export const PROXY_HEADER_BYTES_MAX = 4096;

/** Until a PROXY header must be whole: a proxy sends it in its first packet, and retransmission takes up to three seconds. */
export const PROXY_HEADER_MS_MAX = 3000;

/** Records about refused connections; somebody who scans ports makes thousands. */
export const PROXY_REFUSALS_PER_MINUTE = 10;

/** The service refuses a message with more attributes. */
export const SQS_ATTRIBUTES_MAX = 10;
/** Rules of debug routing whose signature was checked: few people debug at once, and a flood of forged ones must not grow. */
export const ROUTES_CACHED_MAX = 1_000;
