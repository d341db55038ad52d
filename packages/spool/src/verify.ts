/**
 * Reads every byte of a spool and says what is provable, what is damaged and which sequence numbers are missing.
 * Changes nothing. `sillok verify`, `doctor` and `pour` stand on it.
 */
import { nodeDisk } from './disk.js';
import { withFile } from './files.js';
import { HEADER_START } from './integrity.js';
import { readGroups, type Damage } from './read.js';
import type { DamageReason } from './scan.js';
import { listSegmentFiles, isSealed, type DirectoryOptions, type SegmentInfo } from './segments.js';
import { openSource } from './source.js';
import { surveySegment, type Survey } from './survey.js';
import { firstSeq, lastSeq } from './tail.js';

export interface VerifiedSegment extends SegmentInfo {
  /**
   * `intact`: proven from the first byte to the end line. `open`: not closed; its writer lives, or died and the
   * folder was not recovered yet. `damaged`: some bytes are not what was written, or the end is missing.
   */
  readonly state: 'intact' | 'open' | 'damaged';
  readonly groups: number;
  readonly records: number;
  /** Of these, how many are proven by parsing only. */
  readonly tailRecords: number;
  readonly damaged: readonly Damage[];
}

/**
 * Sequence numbers that are in no intact line, both inclusive, of a spool with one writer. Damage leaves such gaps,
 * but so do segments that retention removed and records that a full disk has cost.
 */
export interface SeqGap {
  readonly from: number;
  readonly to: number;
  /** The segment in which the record after the gap stands. */
  readonly segment: number;
}

export interface Verification {
  /** No segment is damaged. */
  readonly ok: boolean;
  readonly segments: readonly VerifiedSegment[];
  readonly records: number;
  readonly damagedBytes: number;
  readonly gaps: readonly SeqGap[];
}

export function verifySpool(options: DirectoryOptions): Verification {
  const disk = options.disk ?? nodeDisk;
  const files = listSegmentFiles(disk, options.directory);
  const newest = files.at(-1)?.segment;
  const segments = files.map((file) => {
    const info = { ...file, sealed: isSealed(disk, file) };
    return withFile(disk, disk.openRead(file.path), (fd) =>
      verified(info, surveySegment(openSource(disk, fd, file)), file.segment === newest),
    );
  });
  const gaps = findGaps(options);
  const damaged = segments.flatMap((segment) => segment.damaged);
  return {
    ok: segments.every((segment) => segment.state !== 'damaged'),
    segments,
    records: segments.reduce((sum, segment) => sum + segment.records, 0),
    damagedBytes: damaged.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0),
    gaps,
  };
}

function verified(info: SegmentInfo, survey: Survey, isNewest: boolean): VerifiedSegment {
  const { segment, path, bytes, sealed, compressed } = info;
  const { groups, records, tailRecords } = survey;
  const damaged = survey.damaged.map((stretch) => ({ segment, ...stretch }));
  const isClosed = survey.end !== undefined;
  const isOpen =
    isNewest && !compressed && !isClosed && damaged.every((stretch) => TORN.includes(stretch.reason));
  const state = isOpen ? 'open' : isClosed && damaged.length === 0 ? 'intact' : 'damaged';
  return { segment, path, bytes, sealed, compressed, state, groups, records, tailRecords, damaged };
}

/** What a crash leaves at the end of the segment that was being written; recovery cuts it off. */
const TORN: readonly DamageReason[] = ['torn', 'unproven', 'batch-cut'];

const BATCH_START = Buffer.from(`\n${HEADER_START}`);

function findGaps(options: DirectoryOptions): SeqGap[] {
  const gaps: SeqGap[] = [];
  let last: number | undefined;
  for (const group of readGroups(options)) {
    // Header lines inside a group: batches of several producers, whose numbers are the ledger's business.
    if (group.lines.includes(BATCH_START)) return [];
    const first = firstSeq(group.lines);
    if (first === undefined) continue;
    const segment = group.from.segment;
    if (last !== undefined && first > last + 1) gaps.push({ from: last + 1, to: first - 1, segment });
    last = lastSeq(group.lines);
  }
  return gaps;
}
