/**
 * Connections by purpose.
 *
 * A connection runs one statement at a time, and an abandoned statement keeps its connection until it really ends. So
 * each purpose has its own small number: a reader's runaway query can use up the places of readers, never those of the
 * writer, of the console's search, or of the KILL that ends it. More statements wait in order; past a limit they are
 * refused.
 */
import { refusal } from '../errors.js';
import { WAITING_MAX } from '../limits.js';
import { POOLS, type PoolName } from '../pool-sizes.js';

export type { PoolName };

export function isPool(name: string): name is PoolName {
  return Object.hasOwn(POOLS, name);
}

export interface Pools {
  /** Resolves with the release function once a place is free; rejects when too many wait or `signal` aborts. */
  enter(pool: PoolName, signal: AbortSignal): Promise<() => void>;
  running(): Readonly<Record<PoolName, number>>;
}

interface Waiter {
  readonly admit: () => void;
}

interface Pool {
  running: number;
  readonly waiting: Set<Waiter>;
}

export function createPools(): Pools {
  const pools = new Map<PoolName, Pool>();
  const get = (name: PoolName): Pool => {
    let pool = pools.get(name);
    if (pool === undefined) pools.set(name, (pool = { running: 0, waiting: new Set() }));
    return pool;
  };
  const release = (pool: Pool): (() => void) => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const [next] = pool.waiting;
      if (next === undefined) pool.running--;
      else {
        pool.waiting.delete(next);
        next.admit();
      }
    };
  };
  return {
    enter: (name, signal) => enter({ pool: get(name), places: POOLS[name].places, release, signal }),
    running: () => ({
      insert: get('insert').running,
      search: get('search').running,
      user: get('user').running,
      system: get('system').running,
    }),
  };
}

interface Entry {
  readonly pool: Pool;
  readonly places: number;
  readonly release: (pool: Pool) => () => void;
  readonly signal: AbortSignal;
}

function enter({ pool, places, release, signal }: Entry): Promise<() => void> {
  if (pool.running < places) {
    pool.running++;
    return Promise.resolve(release(pool));
  }
  if (pool.waiting.size >= WAITING_MAX) {
    return Promise.reject(refusal('tooManyStatements', `${WAITING_MAX} statements wait already`));
  }
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      pool.waiting.delete(waiter);
      reject(refusal('cancelled', 'The client went away before the statement began'));
    };
    const waiter: Waiter = {
      admit: () => {
        signal.removeEventListener('abort', onAbort);
        resolve(release(pool));
      },
    };
    pool.waiting.add(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
