/** Every limit of the browser SDK, with its reason. It runs in somebody else's page: whatever is full is counted, never hidden. */

/** Each signature is recorded one by one so often; then its repeats collapse into counts. */
export const SIGNATURE_BURST_MAX = 5;

/** Requests and clicks carry ids that the server's records point to, so more of them stay apart. */
export const TRACED_BURST_MAX = 50;

/** A signature that was quiet for so long begins anew. */
export const SIGNATURE_QUIET_MS = 30_000;

/** Collapsed repeats of one signature are told after 2 s, then after twice as long each time, up to a minute. */
export const REPEAT_WAIT_MS_MIN = 2_000;
export const REPEAT_WAIT_MS_MAX = 60_000;

/** Records of one page that are written one by one: so many at once, and then so many in a second. */
export const PAGE_RECORDS_BURST_MAX = 2_000;
export const PAGE_RECORDS_PER_SECOND_MAX = 10;

/** Signatures and shapes remembered at once: 1 KiB each at most, so 3 MiB. */
export const SIGNATURES_MAX = 3_000;

/** A signature is looked up by its text; a longer one is cut, its length added. */
export const SIGNATURE_CHARACTERS_MAX = 500;

/** One text of a record. The server takes more; a page should not have to send more. */
export const TEXT_CHARACTERS_MAX = 8_192;
export const MESSAGE_CHARACTERS_MAX = 1_024;

/** What a button is called. Longer texts are content, not names. */
export const NAME_CHARACTERS_MAX = 80;

/** Attributes that a caller may add to one record. */
export const ATTRIBUTES_MAX = 50;

/** Encoded lines that wait for the network. A full queue counts what it does not take. */
export const QUEUE_CHARACTERS_MAX = 1_000_000;

/** Lines of one request. Short ones get through bad networks. */
export const BATCH_CHARACTERS_MAX = 200_000;

/** Browsers take 64 KiB in all requests that outlive their page; UTF-8 may need three bytes for a character. */
export const BEACON_BYTES_MAX = 60_000;

/** A body below this is not worth compressing. */
export const COMPRESS_CHARACTERS_MIN = 2_000;

/** Records are sent this long after the first of them. The kill switch comes with the answer: it must act within 5 s. */
export const SEND_WAIT_MS = 1_000;

/** While nothing can be sent, the server is asked this often whether it wants the page to be quiet. */
export const CONFIG_POLL_MS = 3_500;

/** Between attempts when the server cannot be reached. */
export const RETRY_MS_MIN = 1_000;
export const RETRY_MS_MAX = 30_000;

/** A request that never ends must not hold up the queue for ever. */
export const REQUEST_TIMEOUT_MS = 20_000;

/** A request belongs to the click before it for so long. Later it is a timer's. */
export const CAUSE_MS_MAX = 10_000;

/** Addresses remembered within one cause, to tell a retry. */
export const ATTEMPTS_MAX = 100;

/** Where a scenario ends by itself: nobody has touched the page for so long. */
export const SCENARIO_IDLE_MS = 30 * 60_000;

/** How long a new tab may take to come up and take over the scenario of the tab that opened it. */
export const HANDOVER_MS_MAX = 30_000;

/** Faults of our own after which the SDK leaves the page alone. */
export const FAULTS_MAX = 10;

/** A wall clock that differs by more than this was set, or the machine has slept. */
export const DRIFT_MS = 100;
