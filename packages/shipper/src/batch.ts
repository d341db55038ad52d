/**
 * The next batch of a spool: whole record lines from a position on, up to a number of records and of bytes.
 * Knows where each line ends, because a server may accept only the first part of what it was sent.
 */
import {
  HEADER_START,
  readGroups,
  type Damage,
  type Disk,
  type Group,
  type SpoolPosition,
} from '@sillok/spool';

export interface BatchOptions {
  readonly directory: string;
  readonly from: SpoolPosition;
  readonly until?: SpoolPosition | undefined;
  /** Leave out lines that no integrity line proves yet: their writer lives in another process. */
  readonly verifiedOnly: boolean;
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly disk: Disk;
  readonly onDamage?: ((damage: Damage) => void) | undefined;
}

export interface BatchLine {
  readonly seq: number;
  readonly line: Buffer;
  /** Where reading goes on behind this line. */
  readonly end: SpoolPosition;
}

export interface Batch {
  readonly lines: readonly BatchLine[];
  /** Where the next batch begins. */
  readonly to: SpoolPosition;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** A limit was reached: there is probably more. */
  readonly isFull: boolean;
}

const NEWLINE = 10;

/** Undefined when there is nothing to send; `to` then tells how far that was read. */
export function nextBatch(options: BatchOptions): Batch | undefined {
  const { directory, from, until, bytesMax, disk, onDamage } = options;
  const lines: BatchLine[] = [];
  let to = from;
  let bytes = 0;
  for (const group of readGroups({ directory, from, until, bytesMax, disk, onDamage })) {
    if (options.verifiedOnly && !group.verified) break;
    for (const line of linesOf(group)) {
      const isOver = lines.length >= options.recordsMax || bytes + line.line.length + 1 > bytesMax;
      if (isOver && lines.length > 0) return finish(lines, to, true);
      to = line.end;
      if (line.seq === 0) continue;
      lines.push(line);
      bytes += line.line.length + 1;
    }
  }
  return lines.length === 0 ? undefined : finish(lines, to, false);
}

function finish(lines: readonly BatchLine[], to: SpoolPosition, isFull: boolean): Batch {
  return { lines, to, isFull, firstSeq: lines[0]?.seq ?? 0, lastSeq: lines.at(-1)?.seq ?? 0 };
}

/** Lines without a seq (headers) come with 0. The last line of a whole group ends behind its integrity line. */
function* linesOf(group: Group): Generator<BatchLine> {
  const { lines } = group;
  let start = 0;
  while (start < lines.length) {
    const newline = lines.indexOf(NEWLINE, start);
    const line = lines.subarray(start, newline);
    start = newline + 1;
    const end = { segment: group.from.segment, offset: group.from.offset + start };
    yield { seq: seqOf(line), line, end: start === lines.length ? group.to : end };
  }
}

const SEQ_START = '{"seq":';
/** The longest safe integer has 16 digits. */
const SEQ_END = SEQ_START.length + 17;

/** Our encoder writes `seq` first; other writers may not. */
function seqOf(line: Buffer): number {
  const start = line.toString('latin1', 0, SEQ_END);
  if (start.startsWith(SEQ_START)) return Number.parseInt(start.slice(SEQ_START.length), 10) || 0;
  if (start.startsWith(HEADER_START)) return 0;
  return parsedSeq(line);
}

function parsedSeq(line: Buffer): number {
  try {
    const record: unknown = JSON.parse(line.toString('utf8'));
    const seq = typeof record === 'object' && record !== null && 'seq' in record ? record.seq : 0;
    return typeof seq === 'number' ? seq : 0;
  } catch {
    return 0;
  }
}
