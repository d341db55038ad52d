/**
 * Reading a spool in order: group after group, segment after segment, from any position.
 *
 * Damaged stretches are passed over (told to `onDamage`) and reading goes on at the next intact group. Lines
 * after the last integrity line come with `verified: false`, as far as parsing proves them. A reader beside a live
 * writer gives `until: writer.synced` and does not see them. Segments may be compressed or removed meanwhile.
 */
import { nodeDisk, type Disk } from './disk.js';
import { hasCode } from './errors.js';
import { HEADER_BYTES_MAX, READ_BYTES_DEFAULT } from './limits.js';
import { SPOOL_START, type SpoolPosition } from './position.js';
import { isHeader, scanSegment, type DamageReason, type ScanEvent } from './scan.js';
import { listSegmentFiles, type DirectoryOptions, type SegmentFileInfo } from './segments.js';
import { limitSource, openSource, type ByteSource } from './source.js';
import { proveTail } from './tail.js';
import { openStagedSource } from './unstage.js';

export interface Damage {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
  readonly reason: DamageReason;
}

export interface ReadOptions extends DirectoryOptions {
  readonly from?: SpoolPosition | undefined;
  /** Nothing at or after this is read. */
  readonly until?: SpoolPosition | undefined;
  /** A larger group is handed out in pieces, cut at line ends. */
  readonly bytesMax?: number | undefined;
  /** How much is read from the file at once. */
  readonly windowBytes?: number | undefined;
  readonly onDamage?: ((damage: Damage) => void) | undefined;
}

export interface Group {
  readonly from: SpoolPosition;
  /** Where to go on; after a whole group that is behind its integrity line. */
  readonly to: SpoolPosition;
  /** Whole lines, header lines of the segment and of batches included, integrity lines not. */
  readonly lines: Buffer;
  readonly verified: boolean;
}

const NEWLINE = 10;

export function* readGroups(options: ReadOptions): Generator<Group> {
  const disk = options.disk ?? nodeDisk;
  const from = options.from ?? SPOOL_START;
  for (const file of listSegmentFiles(disk, options.directory)) {
    if (file.segment < from.segment) continue;
    if (options.until !== undefined && file.segment > options.until.segment) return;
    yield* readSegment({ disk, file, from: file.segment === from.segment ? from.offset : 0 }, options);
  }
}

interface SegmentRead {
  readonly disk: Disk;
  readonly file: SegmentFileInfo;
  readonly from: number;
}

function* readSegment(read: SegmentRead, options: ReadOptions): Generator<Group> {
  const { disk } = read;
  const segment = read.file.segment;
  const opened = openSegmentFile(disk, options.directory, read.file);
  if (opened === undefined) return;
  try {
    const whole = openStagedSource(disk, opened.fd, { ...opened.file, windowBytes: options.windowBytes });
    const until = options.until?.segment === segment ? options.until.offset : whole.bytes;
    const source = limitSource(whole, until);
    const bytesMax = options.bytesMax ?? READ_BYTES_DEFAULT;
    for (const event of scanSegment(source, read.from)) {
      if (event.type === 'damage')
        options.onDamage?.({ segment, from: event.from, to: event.to, reason: event.reason });
      const piece = linesOf(source, event, read.from);
      if (piece !== undefined) yield* cutAtLines(piece, { segment, bytesMax });
    }
  } finally {
    disk.close(opened.fd);
  }
}

interface OpenedFile {
  readonly fd: number;
  readonly file: SegmentFileInfo;
}

/** Between listing and opening, a segment may have been compressed (then it has another name) or removed. */
function openSegmentFile(disk: Disk, directory: string, file: SegmentFileInfo): OpenedFile | undefined {
  try {
    return { fd: disk.openRead(file.path), file };
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const now = listSegmentFiles(disk, directory).find((each) => each.segment === file.segment);
  return now === undefined ? undefined : { fd: disk.openRead(now.path), file: now };
}

interface Piece {
  readonly lines: Buffer;
  readonly from: number;
  readonly to: number;
  readonly verified: boolean;
}

function linesOf(source: ByteSource, event: ScanEvent, from: number): Piece | undefined {
  if (event.type === 'group') {
    const skipped = Math.max(0, from - event.from);
    const lines = event.lines.subarray(skipped);
    return lines.length === 0
      ? undefined
      : { lines, from: event.from + skipped, to: event.to, verified: true };
  }
  if (event.type !== 'tail') return undefined;
  const bytes = source.read(event.from, event.to);
  const lines = bytes.subarray(0, proveTail(bytes, undefined).bytes);
  if (lines.length === 0) return undefined;
  return { lines, from: event.from, to: event.from + lines.length, verified: false };
}

function* cutAtLines(piece: Piece, limits: { segment: number; bytesMax: number }): Generator<Group> {
  const { segment, bytesMax } = limits;
  const { lines, verified } = piece;
  let start = 0;
  while (start < lines.length) {
    const end = endOfLines(lines, start, bytesMax);
    const to = end === lines.length ? piece.to : piece.from + end;
    yield {
      from: { segment, offset: piece.from + start },
      to: { segment, offset: to },
      lines: lines.subarray(start, end),
      verified,
    };
    start = end;
  }
}

/** The end of the last whole line within `bytesMax`, or of the first line when that alone is longer. */
function endOfLines(lines: Buffer, start: number, bytesMax: number): number {
  if (lines.length - start <= bytesMax) return lines.length;
  const last = lines.lastIndexOf(NEWLINE, start + bytesMax - 1);
  if (last >= start) return last + 1;
  return lines.indexOf(NEWLINE, start + bytesMax) + 1 || lines.length;
}

/** The first header line that can be read, without its newline: who writes this spool. */
export function readHeaderLine(options: DirectoryOptions): string | undefined {
  const disk = options.disk ?? nodeDisk;
  for (const file of listSegmentFiles(disk, options.directory)) {
    const line = headerOf(disk, file);
    if (line !== undefined) return line;
  }
  return undefined;
}

function headerOf(disk: Disk, file: SegmentFileInfo): string | undefined {
  const fd = disk.openRead(file.path);
  try {
    const start = openSource(disk, fd, file).read(0, HEADER_BYTES_MAX);
    const length = start.indexOf(NEWLINE);
    return length > 0 && isHeader(start, 0) ? start.toString('utf8', 0, length) : undefined;
  } finally {
    disk.close(fd);
  }
}
