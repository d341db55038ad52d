/**
 * What may go once it is shipped: single segments of a spool that is still written, and whole folders of dead
 * boots. Both only after their keep time. Quarantined bytes and rejected records are never removed here.
 */
import {
  acquireLock,
  listSegments,
  nodeProcesses,
  removeSegment,
  slowestCursor,
  type Disk,
} from '@sillok/spool';
import { join } from 'node:path';

export interface RetireOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly clockMs: () => number;
  readonly keepMs: number;
}

/** Removes shipped segments older than the keep time, oldest first; the newest segment always stays. */
export function retireSegments(options: RetireOptions): number {
  const { directory, disk } = options;
  const shipped = slowestCursor(disk, directory)?.segment ?? 0;
  let removed = 0;
  for (const { segment, path } of listSegments({ directory, disk }).slice(0, -1)) {
    if (segment >= shipped || !isOld(options, path)) break;
    if (removeSegment({ directory, disk, segment })) removed += 1;
  }
  return removed;
}

/**
 * Removes the folder of a boot that is dead and wholly shipped. The caller holds the shipper's lock and has found
 * nothing left to send. Returns false while it is too young, is being written, or holds something that a person
 * should see.
 */
export function retireBoot(options: RetireOptions): boolean {
  const { directory, disk, clockMs } = options;
  const segments = listSegments({ directory, disk });
  if (!segments.every(({ path, sealed }) => sealed && isOld(options, path))) return false;
  const lock = acquireLock({ disk, directory, clockMs, processes: nodeProcesses });
  try {
    for (const { path } of segments) disk.unlink(path);
    disk.syncDirectoryNow(directory);
  } finally {
    lock.release();
  }
  return true;
}

/** Whether nothing but the shipper's own files is left. */
export function removeEmptyBoot(disk: Disk, directory: string, own: readonly string[]): boolean {
  const left = disk.list(directory).filter((name) => !own.includes(name));
  if (left.length > 0) return false;
  for (const name of disk.list(directory)) disk.unlink(join(directory, name));
  disk.removeDirectory(directory);
  return true;
}

function isOld(options: RetireOptions, path: string): boolean {
  const stat = options.disk.stat(path);
  return stat !== undefined && options.clockMs() - stat.modifiedMs >= options.keepMs;
}
