/**
 * The line in front of each batch in the queue: everything about the batch that the ledger, the writer and the live tail
 * need, so that a start reads headers only and jumps over the records (`bytes`).
 */
import type { Kind, SegmentHeader } from '@sillok/record';

/** Packed numbers: `[first, length, skip, length, …]`, see ledger/stretches.ts. */
export type Runs = readonly number[];

export interface GivenUp {
  /** Code of a rejection or reason of a drop. */
  readonly why: string;
  readonly seqs: Runs;
  /** About when: microseconds since 1970. */
  readonly us: number;
}

export interface QueueHeader extends SegmentHeader {
  readonly encoding: 'flat';
  readonly project: string;
  /** Retention class: the kind of all its records. */
  readonly class: Kind;
  /** Strictly rising over all batches of one server: the order in which it took them. */
  readonly observed_time: string;
  /** Records and bytes (newlines included) that follow. */
  readonly count: number;
  readonly bytes: number;
  readonly seqs: Runs;
  /** Earliest and latest time of the records, microseconds since 1970. Absent without records. */
  readonly times?: readonly [number, number];
  readonly rejected?: readonly GivenUp[];
  readonly dropped?: readonly GivenUp[];
  /** Hash of a foreign request: a repeat of it adds nothing. */
  readonly content?: string;
  /** Set for records that had no identity of their own. */
  readonly protocol?: string;
  /** What was done to native records on the way in (rules, redaction): others cannot be compared with them. */
  readonly touched?: string;
}

/** The names come first, so that a person who opens the segment sees whose batch it is. */
export function encodeQueueHeader(header: QueueHeader): string {
  return JSON.stringify(header);
}

/**
 * Lines of a segment are ours, verified by their integrity lines: they are parsed and trusted. Undefined for lines of
 * another form (the header of the segment itself).
 */
export function tryQueueHeader(line: string): QueueHeader | undefined {
  if (!line.startsWith('{"sillok":1,') || !line.includes('"project":')) return undefined;
  // Written by encodeQueueHeader and covered by a checksum.
  return JSON.parse(line) as QueueHeader;
}
