/**
 * After a failed fsync the kernel may call pages clean that never reached the disk, so a later fsync of the same
 * file proves nothing. Copying the bytes to a new file makes new dirty pages, and their fsync does.
 */
import type { Disk } from './disk.js';
import { readWhole, writeFileDurably } from './files.js';

export function rewriteSegment(disk: Disk, path: string): void {
  writeFileDurably(disk, path, readWhole(disk, path));
}
