/** Limits of the console, with their reasons. */

/** What the live page keeps: the newest records only, so that an hour of following does not grow. */
export const KEPT_RECORDS_MAX = 1000;

/** How often the live page draws: five times a second reads as movement and leaves the page free. */
export const DRAW_EVERY_MS = 200;

/** From the live tail to search: records are visible a moment after they were taken. */
export const VISIBLE_AFTER_MS = 900;

/** Long enough to read a sentence of ten words twice. */
export const TOAST_MS = 5_000;

/** A page of search results: fills a tall screen several times, and arrives in one small answer. */
export const PAGE_RECORDS = 200;

/** Later pages, once somebody scrolls on: fewer calls for a long way. */
export const PAGE_RECORDS_LATER = 1000;

/**
 * What the list holds at most. Beyond it a search is to be narrowed or exported. Records stay bytes, some 70 MB of them; the
 * result that was left for another page is kept, too.
 */
export const LIST_RECORDS_MAX = 100_000;

/** Records of a long list that are objects: eight screens of rows, so that a little way back parses nothing anew. */
export const PARSED_RECORDS_MAX = 500;

/** Names and values offered while typing: more are not read. */
export const COMPLETIONS_MAX = 100;

/** Answers of completion are asked anew after this time, so that new services appear. */
export const COMPLETION_KEPT_MS = 60_000;

/** Bars of the histogram: on a wide screen each is some 15 pixels, on a phone five. */
export const HISTOGRAM_BUCKETS = 80;

/** Rows before the end of the list at which the next page is fetched: about three screens. */
export const LIST_AHEAD_ROWS = 100;

/** Searches that are remembered in the browser: more than a list can be looked through. */
export const RECENT_SEARCHES_MAX = 30;

/** Columns beside the usual ones; more do not fit a wide screen. */
export const COLUMNS_MAX = 8;

/** From here on an export asks first: about a gigabyte of NDJSON. */
export const EXPORT_ASKS_MAX = 1_000_000;

/** Rest of the typing before the cost of a statement is asked for: an estimate runs its subqueries. */
export const ESTIMATE_AFTER_MS = 800;

/** Records a second that DevTools takes without becoming slow itself. */
export const MIRRORED_PER_DRAW_MAX = 200;

/** A cancel that overtakes its statement is sent again: two seconds in all. */
export const CANCEL_TRIES_MAX = 10;
export const CANCEL_AGAIN_MS = 200;

/**
 * A panel that would take longer than this, by its estimate on this machine, is not run before somebody has seen that: after ten seconds
 * people turn to something else. By rows it would be wrong both ways: a count reads five million in a quarter of a second.
 */
export const COSTLY_MS = 10_000;

/** A script's run asks again this often while it runs. */
export const SCRIPT_REFRESH_MS = 1_500;

/** Lists of alerts ask again this often while they are looked at. */
export const ALERTS_REFRESH_MS = 5_000;

/** A wall asks again at most this often, whatever its dashboard says. */
export const WALL_REFRESH_S_MIN = 10;

/** Lines of a chart that have a colour of their own and a place in its legend. */
export const CHART_LINES = 8;

/** Rows of a top list: what fits a panel. */
export const TOP_ROWS = 12;

/** Points of a line beyond which bars without records are not filled in. */
export const FILLED_POINTS_MAX = 2_000;

/** Shortest password that the server takes. */
export const PASSWORD_CHARS_MIN = 12;
/** What a search is called when its text is its name; the server takes no longer one. */
export const NAME_CHARACTERS_MAX = 120;

/** Texts of an editor that have not come back yet: more keys than anybody presses between two renderings. */
export const ECHOES_MAX = 200;

/** Changes of one page of a history: each card is a hand high. */
export const HISTORY_CHANGES = 30;

/** Months that the review of accesses offers: rules ask for one or two years. */
export const REVIEW_MONTHS = 24;

/** How often the banner of the demo asks how it stands. */
export const DEMO_REFRESH_MS = 3_000;

/** The time that is left of a debug session is counted down in seconds. */
export const COUNT_DOWN_MS = 1_000;

export const DAY_MS = 86_400_000;

/** To choose one of. */
export const SERVICES_MAX = 200;
