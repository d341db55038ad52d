/** Limits of the answers about traces, people and services that a caller can see, each with its reason. */

/** Nodes of a trace: what the waterfall is built for. Beyond it the answer says that it was cut. */
export const TRACE_NODES_DEFAULT = 10_000;
export const TRACE_NODES_MAX = 20_000;

/** Steps of a person's story: a busy day of one person. Each is about 700 bytes of JSON. */
export const SCENARIO_STEPS_DEFAULT = 1_000;
export const SCENARIO_STEPS_MAX = 10_000;

/** Pseudonyms that one question names: sessions of a person by hand, or what a look-up answered. */
export const SCENARIO_IDS_MAX = 100;

/** Levels of callers and callees. Chains of services are seldom longer than six. */
export const IMPACT_DEPTH_MAX = 10;

/** Endpoints in one list: a large company has a few thousand. */
export const ENDPOINTS_MAX = 2_000;

/** Days that trends look back: two years, so that a season can be seen twice. */
export const TRENDS_DAYS_MAX = 731;

/** Conditions of a comparison, patterns and error groups in one answer: more than a person reads. */
export const WHY_CONDITIONS_MAX = 200;
export const PATTERNS_MAX = 500;
export const ERROR_GROUPS_MAX = 500;

/** An error is ignored for at most a quarter, and for at most so many more: beyond it nobody knows why any more. */
export const ERROR_IGNORE_SECONDS_MAX = 92 * 86_400;
export const ERROR_IGNORE_MORE_MAX = 1_000_000;

/** Of an error's first line, in the audit record of what people did about it. */
export const ERROR_TITLE_CHARS_MAX = 300;
