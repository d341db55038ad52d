/** Every limit of what browsers send, with its reason. Their keys are public, so anybody may send with them. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** A body as sent and inflated. The SDK sends 200,000 characters at most; apps may batch more. */
export const BROWSER_BODY_BYTES_MAX = 512 * KIB;
export const BROWSER_BODY_INFLATED_BYTES_MAX = 1 * MIB;

/** All bodies of browsers in flight: a budget of their own, so that services always find room in theirs. */
export const BROWSER_BODIES_IN_FLIGHT_BYTES_MAX = 8 * MIB;

/** After a batch was read, nothing of browsers is read for three times as long: a quarter of the event loop is theirs. */
export const TURN_PAUSE_FACTOR = 3;

/** Shorter pauses are put together: a timer is not finer. */
export const TURN_PAUSE_MS_MIN = 3;

/** Batches that wait for their turn. Their bodies are in the budget above. */
export const TURNS_WAITING_MAX = 100;

/** Bytes (inflated) and requests of one key: so many at once, then so many in a second. */
export const KEY_BYTES_BURST_MAX = 64 * MIB;
export const KEY_BYTES_PER_SECOND_MAX = 2 * MIB;
export const KEY_REQUESTS_BURST_MAX = 20_000;
export const KEY_REQUESTS_PER_SECOND_MAX = 500;

/** The same for one address. Many people may sit behind one, in an office or a mobile network. */
export const SOURCE_BYTES_BURST_MAX = 16 * MIB;
export const SOURCE_BYTES_PER_SECOND_MAX = 256 * KIB;
export const SOURCE_REQUESTS_BURST_MAX = 500;
export const SOURCE_REQUESTS_PER_SECOND_MAX = 20;

/** Keys and addresses whose use is remembered. The one unused for longest is forgotten first: its bucket was full again. */
export const QUOTAS_MAX = 50_000;

/** Told to a client that meets a used-up quota. */
export const QUOTA_RETRY_AFTER_SECONDS = 10;

/** Apps and releases that are switched off at once. */
export const KILLS_MAX = 1_000;
export const KILL_TEXT_LENGTH_MAX = 200;

/** A page that was switched off may say one last thing, in a body of this size: how much it gave up. */
export const LAST_WORD_BYTES_MAX = 4 * KIB;

/** How long a browser may remember that it may send: Chromium takes no more than two hours. */
export const PREFLIGHT_SECONDS = 7_200;

/** Shared caches may answer for the server so long; the kill switch has to act within 5 s. */
export const CONFIG_CACHE_SECONDS = 1;

/** A storm: so many occurrences of one signature in one app and release, within this time. */
export const STORM_OCCURRENCES_MIN = 1_000;
export const STORM_WINDOW_MS = 60_000;

/** The notice waits so long for the sessions that the storm reaches; then it is told, once. */
export const STORM_SETTLE_MS = 5_000;

/** A storm that was quiet for so long is over; the next one gets a notice of its own. */
export const STORM_QUIET_MS = 5 * 60_000;

/** Signatures that are watched at once. The one unseen for longest is forgotten first. */
export const STORMS_WATCHED_MAX = 10_000;

/** Open storms of one project: keys are public, and whoever makes up signatures must not make up notices without end. */
export const STORMS_OPEN_MAX = 50;

/** Sessions remembered of a signature that is no storm yet. */
export const CALM_SESSIONS_MAX = 100;

/** Sessions of one storm: counted up to the first number, named up to the second. */
export const STORM_SESSIONS_MAX = 10_000;
export const STORM_SESSIONS_NAMED_MAX = 20;

/** Frames of a stack that are looked at. V8 keeps 10, a page may ask for more. */
export const STACK_FRAMES_MAX = 50;
export const STACK_LINE_LENGTH_MAX = 1_000;

/** One source map, as sent and inflated. Maps of large apps have 5 to 20 MB. */
export const MAP_BYTES_MAX = 32 * MIB;
export const MAPS_IN_FLIGHT_BYTES_MAX = 64 * MIB;

/** Maps of one release, and what all releases of all projects take on disk: the oldest release goes first. */
export const MAP_FILES_MAX = 1_000;
export const MAPS_BYTES_MAX = 2 * 1024 * MIB;

/** Components remembered of one source file. */
export const COMPONENTS_MAX = 2_000;

/** Maps held decoded: each may take several times its size. */
export const MAPS_DECODED_MAX = 4;

/** Stacks whose answer is remembered. */
export const STACKS_RESOLVED_MAX = 2_000;

/** A function's name that is no longer than this was probably made by a minifier. */
export const MINIFIED_LENGTH_MAX = 2;
