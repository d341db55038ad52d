/** Small file work that several parts of the spool share, all through the disk they were given. */
import { dirname } from 'node:path';
import type { Disk } from './disk.js';
import { hasCode } from './errors.js';
import { TEMPORARY_SUFFIX } from './filenames.js';
import { PARENTS_SYNCED } from './limits.js';

/** Writes all of it, or throws what the disk said. */
export function writeAll(disk: Disk, fd: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    const written = disk.write(fd, bytes, { offset, length: bytes.length - offset });
    if (written === 0) throw new Error('write(2) wrote nothing');
    offset += written;
  }
}

export function readRange(disk: Disk, fd: number, range: { from: number; to: number }): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, range.to - range.from));
  let filled = 0;
  while (filled < bytes.length) {
    const count = disk.read(fd, bytes.subarray(filled), range.from + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

export function readWhole(disk: Disk, path: string): Buffer {
  return withFile(disk, disk.openRead(path), (fd) => readRange(disk, fd, { from: 0, to: disk.size(fd) }));
}

export function withFile<T>(disk: Disk, fd: number, work: (fd: number) => T): T {
  try {
    return work(fd);
  } finally {
    disk.close(fd);
  }
}

export function unlinkQuietly(disk: Disk, path: string): void {
  try {
    disk.unlink(path);
  } catch {
    // It was not there, or it will be met again by the next recovery.
  }
}

/** Temporary file, fdatasync, rename, fsync of the folder: afterwards either the old or the new text is there. */
export function writeFileDurably(disk: Disk, path: string, bytes: Uint8Array): void {
  const temporary = path + TEMPORARY_SUFFIX;
  unlinkQuietly(disk, temporary);
  withFile(disk, disk.create(temporary), (fd) => {
    writeAll(disk, fd, bytes);
    disk.datasyncNow(fd);
  });
  disk.rename(temporary, path);
  disk.syncDirectoryNow(dirname(path));
}

/** The same without blocking the event loop on the disk. */
export async function writeFileDurablyLater(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = path + TEMPORARY_SUFFIX;
  unlinkQuietly(disk, temporary);
  const fd = disk.create(temporary);
  try {
    writeAll(disk, fd, bytes);
    await disk.datasync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(temporary, path);
  await disk.syncDirectory(dirname(path));
}

/**
 * Makes the names of a folder durable, and its own name in the folders above it: a process killed right after
 * creating them may have left those unsynced. `topmost` is the first folder that was created just now.
 */
export function directoriesToSync(directory: string, topmost: string | undefined): string[] {
  const directories = [directory];
  let current = directory;
  while (current !== dirname(current)) {
    const isNew = topmost !== undefined && current.length >= topmost.length;
    if (!isNew && directories.length > PARENTS_SYNCED) break;
    current = dirname(current);
    directories.push(current);
  }
  return directories;
}

export function syncDirectoryNow(disk: Disk, directory: string): void {
  try {
    disk.syncDirectoryNow(directory);
  } catch (error) {
    unlessForbidden(error);
  }
}

/** A parent that we may not open was not created by us. */
export function unlessForbidden(error: unknown): void {
  if (!hasCode(error, 'EACCES') && !hasCode(error, 'EPERM')) throw error;
}
