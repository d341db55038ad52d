/**
 * How many statements run at once, by purpose, and how many threads of libuv that needs.
 *
 * Every running statement holds a thread of libuv's pool for its whole life. With the default of 4 a KILL waited 3
 * seconds behind the queries it was to end; with one thread per place and a reserve it takes 5 ms.
 */
export const POOL_PLACES = {
  /** The writer's chunks; the second place is for a rebuild beside it. */
  insert: 2,
  /** The console and the API, compiled by us and short. */
  search: 4,
  /** SQL that people type. */
  user: 3,
  /** Schema, counts, health, retention. */
  system: 3,
} as const;

export type PoolName = keyof typeof POOL_PLACES;

/** KILL, ping and purge run outside the pools. */
const RESERVE = 4;
/** gzip, files and DNS of the child itself. */
const OWN_WORK = 3;

export const THREADS: number =
  Object.values(POOL_PLACES).reduce((sum, places) => sum + places, 0) + RESERVE + OWN_WORK;
