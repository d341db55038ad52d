/**
 * Finds what is provable in the bytes of one segment. Everything that reads a spool goes through here, so a
 * reader, the recovery and `verify` cannot disagree about what is intact.
 *
 * An integrity line at offset E that speaks of N bytes claims the group [E-N, E). It is believed only if the
 * checksum of exactly these bytes is right and they do not reach back into an earlier group. So a damaged
 * stretch costs its own group at most: the next intact one proves where it begins by itself.
 */
import { crc32 } from './checksum.js';
import {
  HEADER_START,
  INTEGRITY_START,
  parseIntegrity,
  type IntegrityLine,
  type SegmentEnd,
} from './integrity.js';
import { INTEGRITY_LINE_BYTES_MAX } from './limits.js';
import { indexOfBytes, type ByteSource } from './source.js';

export type DamageReason = 'checksum' | 'integrity-line' | 'end-line' | 'torn' | 'batch-cut' | 'unproven';

export type ScanEvent =
  /** A proven group: its lines are [from, bodyEnd), its integrity line ends at `to`. */
  | { type: 'group'; from: number; bodyEnd: number; to: number; lines: Buffer; line: IntegrityLine }
  | { type: 'damage'; from: number; to: number; reason: DamageReason }
  | { type: 'end'; from: number; to: number; end: SegmentEnd }
  /** Bytes after the last proven group that no integrity line speaks of (yet). */
  | { type: 'tail'; from: number; to: number };

const INTEGRITY_BYTES = Buffer.from(INTEGRITY_START);
const HEADER_BYTES = Buffer.from(HEADER_START);
const NEWLINE = 10;

interface FoundLine {
  readonly from: number;
  /** After the newline; undefined when there is none (torn). */
  readonly to: number | undefined;
  readonly line: IntegrityLine | undefined;
}

/**
 * From `from`, which is an end of a line: either of a group or inside one, when a reader stopped there. The first
 * group may then begin before `from`; it is proven whole and reported from its own beginning.
 */
export function* scanSegment(source: ByteSource, from: number): Generator<ScanEvent> {
  let position = from;
  let floor = 0;
  let doubt: { to: number; reason: DamageReason } | undefined;
  for (const found of integrityLines(source, from)) {
    const event = judge(source, found, floor);
    if (event.type === 'damage') {
      doubt = { to: event.to, reason: event.reason };
      continue;
    }
    if (event.from > position) {
      yield { type: 'damage', from: position, to: event.from, reason: doubt?.reason ?? 'integrity-line' };
    }
    yield event;
    position = event.to;
    floor = event.to;
    doubt = undefined;
  }
  if (doubt !== undefined) {
    yield { type: 'damage', from: position, to: doubt.to, reason: doubt.reason };
    position = doubt.to;
  }
  if (position < source.bytes) yield { type: 'tail', from: position, to: source.bytes };
}

type Judged = Extract<ScanEvent, { type: 'group' | 'damage' | 'end' }>;

function judge(source: ByteSource, found: FoundLine, floor: number): Judged {
  const { from, line } = found;
  const to = found.to ?? source.bytes;
  if (line === undefined) return { type: 'damage', from, to, reason: 'integrity-line' };
  if (line.end !== undefined) return { type: 'end', from, to, end: line.end };
  const start = from - line.bytes;
  if (start < floor) return { type: 'damage', from, to, reason: 'integrity-line' };
  const lines = source.read(start, from);
  if (crc32(lines) !== line.sum) return { type: 'damage', from, to, reason: 'checksum' };
  return { type: 'group', from: start, bodyEnd: from, to, lines, line };
}

/** Everything that begins a line the way an integrity line does; a last one without its newline is left out. */
function* integrityLines(source: ByteSource, from: number): Generator<FoundLine> {
  let at = indexOfBytes(source, INTEGRITY_BYTES, from);
  while (at >= 0) {
    const startsLine = at === 0 || source.read(at - 1, at)[0] === NEWLINE;
    const text = source.read(at, at + INTEGRITY_LINE_BYTES_MAX);
    const length = text.indexOf(NEWLINE);
    if (startsLine && length >= 0) {
      const line = parseIntegrity(text.toString('latin1', 0, length));
      yield { from: at, to: at + length + 1, line };
    }
    at = indexOfBytes(source, INTEGRITY_BYTES, at + 1);
  }
}

/** The end line, when it is the last line of the segment. */
export function readEnd(source: ByteSource): { end: SegmentEnd; from: number } | undefined {
  const from = Math.max(0, source.bytes - INTEGRITY_LINE_BYTES_MAX);
  const text = source.read(from, source.bytes);
  if (text.at(-1) !== NEWLINE) return undefined;
  const start = text.lastIndexOf(NEWLINE, text.length - 2) + 1;
  const end = parseIntegrity(text.toString('latin1', start, text.length - 1))?.end;
  if (end === undefined || end.bytes !== from + start) return undefined;
  return { end, from: from + start };
}

/** How many lines are records, not headers. */
export function countRecords(lines: Buffer): number {
  let records = 0;
  let start = 0;
  while (start < lines.length) {
    const newline = lines.indexOf(NEWLINE, start);
    const end = newline < 0 ? lines.length : newline;
    if (!isHeader(lines, start)) records += 1;
    start = end + 1;
  }
  return records;
}

export function isHeader(lines: Buffer, start: number): boolean {
  const end = start + HEADER_BYTES.length;
  return end <= lines.length && lines.compare(HEADER_BYTES, 0, HEADER_BYTES.length, start, end) === 0;
}
