/** Names inside the engine's data folder. Nothing else in this package spells a name on disk. */

/** ClickHouse's own folder: databases, parts, metadata. May be deleted and rebuilt from the queue's segments. */
export const DATABASE_DIRECTORY = 'db';

/** Configuration written at each start, from `child/config-files.ts`. */
export const CONFIG_FILE = 'engine.xml';
export const USERS_FILE = 'engine-users.xml';

/** Bodies of inserts that go through `input()`: one file each, removed after the statement. */
export const BODIES_DIRECTORY = 'bodies';

/** Sorting and aggregating that does not fit in memory spills here; emptied at start. */
export const SPILL_DIRECTORY = 'spill';
