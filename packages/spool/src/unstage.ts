/**
 * Brings home the lines that a dead writer left in its stage: they go behind the end of the segment that they belong to, where
 * the recovery proves them like any tail. What the segment holds of them already is known by its length, so an interrupted
 * attempt is simply made again. Readers that come before the recovery, or beside the living writer, see them as if they
 * stood in the file.
 */
import { dirname, join } from 'node:path';
import type { Disk } from './disk.js';
import { hasCode } from './errors.js';
import { STAGE_FILE, segmentFile } from './filenames.js';
import { readRange, readWhole, withFile, writeAll } from './files.js';
import { STAGE_HEADER_BYTES, STAGE_READS_MAX } from './limits.js';
import type { SegmentFileInfo } from './segments.js';
import { openSource, type ByteSource, type Window } from './source.js';
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

/** The text of a segment with the lines that its writer still has in the stage. */
export function openStagedSource(disk: Disk, fd: number, file: SegmentFileInfo & Window): ByteSource {
  // First the stage, then the length of the file: what moves from one to the other meanwhile is not seen twice.
  const staged = file.compressed ? undefined : peekStage(disk, dirname(file.path));
  const source = openSource(disk, fd, file);
  if (staged === undefined || staged.segment !== file.segment) return source;
  const there = source.bytes - staged.offset;
  if (there < 0 || there >= staged.lines.length) return source;
  const rest = staged.lines.subarray(there);
  return {
    bytes: source.bytes + rest.length,
    read: (from, to) => {
      const tail = rest.subarray(Math.max(0, from - source.bytes), Math.max(0, to - source.bytes));
      return from >= source.bytes
        ? tail
        : Buffer.concat([source.read(from, Math.min(to, source.bytes)), tail]);
    },
  };
}

/** A living writer may be at work: what was read counts when its header is the same before and after. */
function peekStage(disk: Disk, directory: string): Staged | undefined {
  const path = join(directory, STAGE_FILE);
  if (disk.stat(path) === undefined) return undefined;
  try {
    return withFile(disk, disk.openRead(path), (fd) => {
      const header = () => readRange(disk, fd, { from: 0, to: STAGE_HEADER_BYTES });
      for (let attempt = 0; attempt < STAGE_READS_MAX; attempt += 1) {
        const before = header();
        const bytes = readRange(disk, fd, { from: 0, to: disk.size(fd) });
        if (before.equals(header())) return readStage(bytes);
      }
      return undefined;
    });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return undefined;
  }
}
