/**
 * Pools: how many statements run at once, by purpose, how much memory one may use, and how many threads that needs.
 *
 * The sum over all places is the engine's memory limit, so whatever readers do, an insert finds its memory: when all
 * shared one limit of 400 MiB, six greedy readers made 86 of 94 inserts fail. Work that does not fit is done on disk
 * (grouping, sorting) or refused with code 241, which then is the reader's own limit.
 */
import { constrainedMemory } from 'node:process';
import { totalmem } from 'node:os';
import { READER_MEMORY_BYTES_MIN } from './limits.js';

const MIB = 1024 * 1024;

export const POOL_NAMES = ['insert', 'search', 'user', 'system'] as const;
export type PoolName = (typeof POOL_NAMES)[number];

export interface PoolSize {
  readonly places: number;
  /** Of one statement. */
  readonly memoryBytes: number;
}

/** For a machine with enough memory; `poolSizes` makes the readers' smaller on others. */
const FULL: Readonly<Record<PoolName, PoolSize>> = {
  /** The writer's chunks (124 MiB for 32 MB, more over many partitions); the second place is a rebuild's. */
  insert: { places: 2, memoryBytes: 300 * MIB },
  /** The console and the API, compiled by us and short. */
  search: { places: 4, memoryBytes: 128 * MIB },
  /** SQL that people type. */
  user: { places: 3, memoryBytes: 200 * MIB },
  /** Schema, counts, health, retention. */
  system: { places: 3, memoryBytes: 64 * MIB },
};

/** Merges, caches, and what is counted for no statement. */
const MEMORY_BESIDE_STATEMENTS = 300 * MIB;
/** Readers may use at most this part of the machine. */
const READERS_SHARE = 0.25;

export function poolSizes(machineBytes: number): Readonly<Record<PoolName, PoolSize>> {
  const readers = POOL_NAMES.filter((name) => name !== 'insert');
  const wanted = readers.reduce((sum, name) => sum + FULL[name].places * FULL[name].memoryBytes, 0);
  const scale = Math.min(1, (machineBytes * READERS_SHARE) / wanted);
  const scaled = ({ places, memoryBytes }: PoolSize): PoolSize => ({
    places,
    memoryBytes: Math.max(READER_MEMORY_BYTES_MIN, Math.floor(memoryBytes * scale)),
  });
  const { insert, search, user, system } = FULL;
  return { insert, search: scaled(search), user: scaled(user), system: scaled(system) };
}

/** A container's limit, where there is one. */
function machineBytes(): number {
  const limit = constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

export const POOLS: Readonly<Record<PoolName, PoolSize>> = poolSizes(machineBytes());

/** The engine's own limit: never reached by the statements together. */
export const ENGINE_MEMORY_BYTES: number =
  POOL_NAMES.reduce((sum, name) => sum + POOLS[name].places * POOLS[name].memoryBytes, 0) +
  MEMORY_BESIDE_STATEMENTS;

/** KILL, ping and purge run outside the pools. */
const RESERVE = 4;
/** gzip, files and DNS of the child itself. */
const OWN_WORK = 3;

/**
 * Every running statement holds a thread of libuv's pool for its whole life. With the default of 4 a KILL waited 3
 * seconds behind the queries it was to end; with one thread per place and a reserve it takes 5 ms.
 */
export const THREADS: number =
  POOL_NAMES.reduce((sum, name) => sum + POOLS[name].places, 0) + RESERVE + OWN_WORK;
