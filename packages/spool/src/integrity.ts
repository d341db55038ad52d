/**
 * The two lines that the spool itself writes into a segment.
 *
 * An integrity line follows each group of lines and proves them: the checksum is over all bytes since the line
 * before it (or the start of the segment). The end line closes a segment; its group is empty, and `chain` is the
 * checksum over the text of all integrity lines before it, so that a missing or changed one shows too.
 * Both are parsed to the letter: a flipped bit anywhere in them must not read as a valid line.
 */
import { hex8 } from './checksum.js';

export interface IntegrityLine {
  /** CRC-32 of the group's bytes. */
  readonly sum: number;
  readonly bytes: number;
  /** Lines of the group that are not header lines. */
  readonly records: number;
  readonly end?: SegmentEnd;
}

export interface SegmentEnd {
  readonly groups: number;
  /** Bytes of the segment before the end line. */
  readonly bytes: number;
  readonly records: number;
  readonly chain: number;
}

export const INTEGRITY_START = '{"sillok_sum":"';
export const HEADER_START = '{"sillok":';

const NUMBER = '(0|[1-9][0-9]{0,14})';
const GROUP_PATTERN = new RegExp(
  `^\\{"sillok_sum":"([0-9a-f]{8})","bytes":${NUMBER},"records":${NUMBER}(,"end":.*)?\\}$`,
);
const END_PATTERN = new RegExp(
  `^,"end":\\{"groups":${NUMBER},"bytes":${NUMBER},"records":${NUMBER},"chain":"([0-9a-f]{8})"\\}$`,
);

/** Without the newline. */
export function encodeIntegrity(line: IntegrityLine): string {
  const group = `${INTEGRITY_START}${hex8(line.sum)}","bytes":${line.bytes},"records":${line.records}`;
  if (line.end === undefined) return `${group}}`;
  const { groups, bytes, records, chain } = line.end;
  const counts = `"groups":${groups},"bytes":${bytes},"records":${records}`;
  return `${group},"end":{${counts},"chain":"${hex8(chain)}"}}`;
}

export function parseIntegrity(text: string): IntegrityLine | undefined {
  const match = GROUP_PATTERN.exec(text);
  if (match === null) return undefined;
  const [, sum, bytes, records, rest] = match;
  const group = { sum: Number.parseInt(String(sum), 16), bytes: Number(bytes), records: Number(records) };
  if (rest === undefined) return group;
  const end = parseEnd(rest);
  if (end === undefined || group.bytes !== 0 || group.records !== 0 || group.sum !== 0) return undefined;
  return { ...group, end };
}

function parseEnd(text: string): SegmentEnd | undefined {
  const match = END_PATTERN.exec(text);
  if (match === null) return undefined;
  const [, groups, bytes, records, chain] = match;
  return {
    groups: Number(groups),
    bytes: Number(bytes),
    records: Number(records),
    chain: Number.parseInt(String(chain), 16),
  };
}
