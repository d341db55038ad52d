/** The segments of a folder: which there are, and how one is removed. */
import { dirname, join } from 'node:path';
import { nodeDisk, type Disk } from './disk.js';
import { segmentBusyError } from './errors.js';
import { COMPRESSED_SUFFIX, distrustFile, parseSegmentFile, segmentFile } from './filenames.js';
import { withFile } from './files.js';
import { readEnd } from './scan.js';
import { openSource } from './source.js';

export interface SegmentInfo {
  readonly segment: number;
  readonly path: string;
  /** On disk; of a compressed segment that is less than its text. */
  readonly bytes: number;
  /** Closed by an end line: nothing is written to it any more. */
  readonly sealed: boolean;
  readonly compressed: boolean;
}

export type SegmentFileInfo = Omit<SegmentInfo, 'sealed'> & { readonly modifiedMs: number };

export interface DirectoryOptions {
  readonly directory: string;
  readonly disk?: Disk | undefined;
}

/** In rising order. Reads the last bytes of each file to see whether it is sealed. */
export function listSegments(options: DirectoryOptions): SegmentInfo[] {
  const disk = options.disk ?? nodeDisk;
  return listSegmentFiles(disk, options.directory).map((file) => ({ ...file, sealed: isSealed(disk, file) }));
}

/** The same without opening the files. A segment that is there in both forms counts in its plain one. */
export function listSegmentFiles(disk: Disk, directory: string): SegmentFileInfo[] {
  const found = new Map<number, SegmentFileInfo>();
  for (const name of disk.list(directory)) {
    const parsed = parseSegmentFile(name);
    if (parsed === undefined || (parsed.compressed && found.has(parsed.segment))) continue;
    const path = join(directory, name);
    const stat = disk.stat(path);
    if (stat !== undefined) found.set(parsed.segment, { ...parsed, ...stat, path });
  }
  return [...found.values()].toSorted((a, b) => a.segment - b.segment);
}

export function isSealed(disk: Disk, file: { path: string; compressed: boolean }): boolean {
  // Only sealed segments are compressed.
  if (file.compressed) return true;
  return withFile(disk, disk.openRead(file.path), (fd) => readEnd(openSource(disk, fd, file)) !== undefined);
}

/**
 * Removes a segment in whatever form it is. Needs no free space. The newest segment of a folder is refused: it is
 * the one being written, and its number keeps positions unique.
 */
export function removeSegment(options: DirectoryOptions & { readonly segment: number }): boolean {
  const disk = options.disk ?? nodeDisk;
  const files = listSegmentFiles(disk, options.directory);
  const file = files.find((candidate) => candidate.segment === options.segment);
  if (file === undefined) return false;
  if (file === files.at(-1)) throw segmentBusyError(file.path);
  const plain = join(options.directory, segmentFile(options.segment));
  for (const path of [
    plain,
    plain + COMPRESSED_SUFFIX,
    join(options.directory, distrustFile(options.segment)),
  ]) {
    if (disk.stat(path) !== undefined) disk.unlink(path);
  }
  disk.syncDirectoryNow(dirname(file.path));
  return true;
}
