/**
 * The queue as batches: proven groups of a stream, each cut into its batches by their headers. Everything that reads the
 * queue (writer, ledger at start, live readers that reconnect) reads it through here.
 */
import { readGroups, type ReadOptions, type SpoolPosition } from '@sillok/spool';

import { GROUP_READ_BYTES_MAX } from '../limits.js';
import { tryQueueHeader, type QueueHeader } from './header.js';

export interface ReadBatchBlock {
  readonly header: QueueHeader;
  /** Of the header line, and of the end of its last record. */
  readonly from: SpoolPosition;
  readonly to: SpoolPosition;
  /** Whole record lines. */
  readonly records: Buffer;
}

export interface BatchGroup {
  readonly from: SpoolPosition;
  /** Where to go on: behind the integrity line. */
  readonly to: SpoolPosition;
  /** Lines of the group as they stand: header lines of the segment and of batches, and records. */
  readonly lines: Buffer;
  readonly batches: readonly ReadBatchBlock[];
}

export interface ReadBatchesOptions extends Omit<ReadOptions, 'bytesMax'> {
  /** Also what no integrity line speaks of yet: written, but not fsynced. */
  readonly unproven?: boolean;
}

const NEWLINE = 0x0a;

export function* readBatchGroups({
  unproven = false,
  ...options
}: ReadBatchesOptions): Generator<BatchGroup> {
  for (const group of readGroups({ ...options, bytesMax: GROUP_READ_BYTES_MAX })) {
    if (!group.verified && !unproven) continue;
    const { from, to, lines } = group;
    yield { from, to, lines, batches: cutIntoBatches(lines, from) };
  }
}

export function* readBatches(options: ReadBatchesOptions): Generator<ReadBatchBlock> {
  for (const group of readBatchGroups(options)) yield* group.batches;
}

/** A header says how many bytes follow, so records are not looked at. */
function cutIntoBatches(lines: Buffer, from: SpoolPosition): ReadBatchBlock[] {
  const batches: ReadBatchBlock[] = [];
  for (let start = 0; start < lines.length;) {
    const newline = lines.indexOf(NEWLINE, start);
    const end = newline < 0 ? lines.length : newline + 1;
    const header = tryQueueHeader(lines.toString('utf8', start, end - 1));
    const recordsEnd = end + (header?.bytes ?? 0);
    if (header !== undefined && recordsEnd <= lines.length) {
      const at = (offset: number): SpoolPosition => ({ segment: from.segment, offset: from.offset + offset });
      batches.push({ header, from: at(start), to: at(recordsEnd), records: lines.subarray(end, recordsEnd) });
    }
    start = header === undefined ? end : recordsEnd;
  }
  return batches;
}
