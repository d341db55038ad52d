/**
 * One writer per folder. The lock appears with its content in one step (a temporary file and link(2)), names the
 * process that holds it, and is taken over when that process is proven dead. Where its pid cannot be looked up
 * (another container, another machine boot) the lock's age decides: a living writer touches it.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from './disk.js';
import { hasCode, lockedError } from './errors.js';
import { LOCK_FILE } from './filenames.js';
import { readWhole, unlinkQuietly, withFile, writeAll } from './files.js';
import { LOCK_ATTEMPTS_MAX, LOCK_STALE_MS } from './limits.js';
import type { ProcessIdentity, Processes } from './processes.js';

export interface LockOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly processes: Processes;
  readonly clockMs: () => number;
  /** The lock's name, when it is not the writer's. */
  readonly file?: string | undefined;
}

export interface Lock {
  /** The dead process from which the lock was taken over. */
  readonly takenFrom: ProcessIdentity | undefined;
  /** False when another process took the lock over meanwhile. */
  refresh(): boolean;
  release(): void;
}

interface Holder extends ProcessIdentity {
  readonly token: string;
}

/** Throws `spool_locked` while another living process, or this one, holds it. */
export function acquireLock(options: LockOptions): Lock {
  const path = join(options.directory, options.file ?? LOCK_FILE);
  const own: Holder = { ...options.processes.self, token: randomUUID() };
  let takenFrom: ProcessIdentity | undefined;
  for (let attempt = 0; attempt < LOCK_ATTEMPTS_MAX; attempt += 1) {
    if (tryLink(options.disk, path, own)) return heldLock(options, { path, own, takenFrom });
    const holder = readHolder(options.disk, path);
    if (holder !== undefined && isAlive(options, path, holder)) break;
    takenFrom = removeStale(options.disk, path, holder) ?? takenFrom;
  }
  const holder = readHolder(options.disk, path);
  throw lockedError(options.directory, holder === undefined ? 'another process' : `process ${holder.pid}`);
}

/** Whether a living process holds the lock; looks only. */
export function isLocked(options: LockOptions): boolean {
  const path = join(options.directory, options.file ?? LOCK_FILE);
  const holder = readHolder(options.disk, path);
  return holder !== undefined && isAlive(options, path, holder);
}

function heldLock(
  options: LockOptions,
  held: { path: string; own: Holder; takenFrom: ProcessIdentity | undefined },
): Lock {
  const { disk } = options;
  const isOwn = (): boolean => readHolder(disk, held.path)?.token === held.own.token;
  return {
    takenFrom: held.takenFrom,
    refresh: () => {
      if (!isOwn()) return false;
      disk.touch(held.path, options.clockMs());
      return true;
    },
    release: () => {
      if (isOwn()) unlinkQuietly(disk, held.path);
    },
  };
}

function tryLink(disk: Disk, path: string, own: Holder): boolean {
  const temporary = `${path}.${own.token}`;
  try {
    withFile(disk, disk.create(temporary), (fd) => writeAll(disk, fd, Buffer.from(JSON.stringify(own))));
    disk.link(temporary, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkQuietly(disk, temporary);
  }
}

function readHolder(disk: Disk, path: string): Holder | undefined {
  try {
    const found: unknown = JSON.parse(readWhole(disk, path).toString('utf8'));
    return isHolder(found) ? found : undefined;
  } catch {
    // Gone, or torn by a power cut: nobody who lives has such a lock.
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  return 'pid' in value && 'start' in value && 'host' in value && 'token' in value;
}

function isAlive(options: LockOptions, path: string, holder: Holder): boolean {
  const liveness = options.processes.liveness(holder);
  if (liveness !== 'unknown') return liveness === 'alive';
  const touchedMs = options.disk.stat(path)?.modifiedMs ?? 0;
  return options.clockMs() - touchedMs < LOCK_STALE_MS;
}

/**
 * Moves the dead lock aside before deleting it, so that of two takers only one gets it. When the lock moved turns
 * out to be a living one (another taker was faster), it is put back.
 */
function removeStale(disk: Disk, path: string, seen: Holder | undefined): ProcessIdentity | undefined {
  const aside = `${path}.${randomUUID()}`;
  try {
    disk.rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const moved = readHolder(disk, aside);
  if (moved !== undefined && moved.token !== seen?.token) putBack(disk, aside, path);
  unlinkQuietly(disk, aside);
  return moved?.token === seen?.token ? seen : undefined;
}

function putBack(disk: Disk, aside: string, path: string): void {
  try {
    disk.link(aside, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}
