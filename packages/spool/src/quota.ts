/**
 * Makes room in a folder that has reached its quota: shipped segments go, oldest first. What no reader has
 * taken yet is never removed; then the writer refuses lines, and its caller counts them.
 */
import { slowestCursor } from './cursor.js';
import type { Disk } from './disk.js';
import { listSegmentFiles, removeSegment, type SegmentFileInfo } from './segments.js';

/** `refuse`: nothing is removed. */
export type QuotaPolicy = 'refuse' | 'drop-oldest-shipped';

export interface RemovedSegment {
  readonly segment: number;
  readonly bytes: number;
}

export const usedBytes = (files: readonly SegmentFileInfo[]): number =>
  files.reduce((sum, file) => sum + file.bytes, 0);

/** Returns what was removed and what is left. */
export function makeRoom(
  disk: Disk,
  directory: string,
  bytesMax: number,
): { removed: RemovedSegment[]; bytes: number } {
  const files = listSegmentFiles(disk, directory);
  const shipped = slowestCursor(disk, directory)?.segment ?? 0;
  const removed: RemovedSegment[] = [];
  let bytes = usedBytes(files);
  for (const file of files.slice(0, -1)) {
    if (bytes <= bytesMax || file.segment >= shipped) break;
    removeSegment({ directory, disk, segment: file.segment });
    removed.push({ segment: file.segment, bytes: file.bytes });
    bytes -= file.bytes;
  }
  return { removed, bytes };
}
