/**
 * Brings home the lines that a dead writer left in its stage: they go behind the end of the segment that they belong to, where
 * the recovery proves them like any tail. What the segment holds of them already is known by its length, so an interrupted
 * attempt is simply made again.
 */
import { join } from 'node:path';
import type { Disk } from './disk.js';
import { STAGE_FILE, segmentFile } from './filenames.js';
import { readRange, readWhole, withFile, writeAll } from './files.js';
import { readStage, type Staged } from './stage.js';

export interface Unstaged {
  /** These lines belong nowhere: their segment is gone, or shorter than it was. Only a power cut leaves such. */
  readonly homeless: Staged | undefined;
}

/** Undefined when there is no stage. Throws what the disk said, with everything still in the stage. */
export function unstage(disk: Disk, directory: string): Unstaged | undefined {
  const path = join(directory, STAGE_FILE);
  if (disk.stat(path) === undefined) return undefined;
  const staged = readStage(readWhole(disk, path));
  if (staged === undefined) return { homeless: undefined };
  const segment = join(directory, segmentFile(staged.segment));
  if (disk.stat(segment) === undefined) return { homeless: staged };
  return withFile(disk, disk.openAppend(segment), (fd) => {
    const size = disk.size(fd);
    const there = size - staged.offset;
    if (there >= staged.lines.length) return { homeless: undefined };
    // What was moved before must be the beginning of these same lines.
    const isBeginning =
      there >= 0 &&
      readRange(disk, fd, { from: staged.offset, to: size }).equals(staged.lines.subarray(0, there));
    if (!isBeginning) return { homeless: staged };
    writeAll(disk, fd, staged.lines.subarray(there));
    return { homeless: undefined };
  });
}
