/**
 * Reads every byte of a spool and says what is provable, what is damaged and which sequence numbers are missing.
 * Changes nothing. `sillok verify`, `doctor` and `pour` stand on it.
 */
import { nodeDisk, type Disk } from './disk.js';
import { withFile } from './files.js';
import type { Damage } from './read.js';
import type { DamageReason } from './scan.js';
import { isSealed, listSegmentFiles } from './segments.js';
import type { DirectoryOptions, SegmentFileInfo, SegmentInfo } from './segments.js';
import { surveySegment, type Survey } from './survey.js';
import { openStagedSource } from './unstage.js';

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

interface Surveyed {
  readonly survey: Survey;
  readonly verified: VerifiedSegment;
}

export function verifySpool(options: DirectoryOptions): Verification {
  const disk = options.disk ?? nodeDisk;
  const files = listSegmentFiles(disk, options.directory);
  const surveyed = files.map((file) => surveyFile(disk, file, file === files.at(-1)));
  const segments = surveyed.map(({ verified }) => verified);
  const damaged = segments.flatMap((segment) => segment.damaged);
  return {
    ok: segments.every((segment) => segment.state !== 'damaged'),
    segments,
    records: segments.reduce((sum, segment) => sum + segment.records, 0),
    damagedBytes: damaged.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0),
    gaps: findGaps(surveyed),
  };
}

function surveyFile(disk: Disk, file: SegmentFileInfo, isNewest: boolean): Surveyed {
  const info = { ...file, sealed: isSealed(disk, file) };
  return withFile(disk, disk.openRead(file.path), (fd) => {
    const survey = surveySegment(openStagedSource(disk, fd, file));
    return { survey, verified: describe(info, survey, isNewest) };
  });
}

function describe(info: SegmentInfo, survey: Survey, isNewest: boolean): VerifiedSegment {
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

function findGaps(surveyed: readonly Surveyed[]): SeqGap[] {
  const gaps: SeqGap[] = [];
  let last: number | undefined;
  for (const { survey, verified } of surveyed) {
    for (const range of survey.seqs) {
      if (last !== undefined && range.first > last + 1) {
        gaps.push({ from: last + 1, to: range.first - 1, segment: verified.segment });
      }
      last = range.last;
    }
  }
  return gaps;
}
