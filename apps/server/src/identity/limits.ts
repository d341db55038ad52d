/** Every limit of the identity room, with its reason. */

/** Pseudonyms that are kept linked, over all projects: about 300 bytes each. More are counted, and not resolved. */
export const HASHES_MAX = 500_000;

/** Blind indexes that lead to them. */
export const INDEXES_MAX = 1_000_000;

/** Neighbours of one pseudonym, and people of one blind index: an account with more sessions is a robot or a shared name. */
export const NEIGHBOURS_MAX = 2_000;

/** Pseudonyms of one person that are followed. */
export const PERSON_HASHES_MAX = 2_000;

/** People that one look-up answers: more than that is no look-up. */
export const CANDIDATES_MAX = 20;

/** Records that are looked through for an id that is no pseudonym and no index. */
export const FOUND_RECORDS_MAX = 200;

/** Epochs whose names are looked for in records, the newest ones: each is two conditions of one search. */
export const EPOCHS_SEARCHED_MAX = 4;

/** How far back a support code is looked for by its trace id, when no record carries it. */
export const SUPPORT_CODE_DAYS = 14;

/** Links are followed this often without anybody asking, so that a look-up has little left to do. */
export const FOLLOW_INTERVAL_MS = 5_000;

/** The links are written down this often, when there are new ones: a start then has little of the queue to read. */
export const SAVE_INTERVAL_MS = 5 * 60_000;

/** Who reads a story opens many parts of it: one entry for as long says that they looked. */
export const VIEW_QUIET_MS = 60 * 60_000;

/** Viewers with people that are remembered, about 100 bytes each. Beyond, one is written down more often. */
export const VIEWS_MAX = 50_000;

/** A trace or a story shows few people; of a job that touched thousands the first are named. */
export const VIEWED_PEOPLE_MAX = 20;
