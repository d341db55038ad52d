/** Everything that recovery and `verify` want to know about one segment, from one scan of it. */
import { crc32 } from './checksum.js';
import { HEADER_START, encodeIntegrity, type SegmentEnd } from './integrity.js';
import { countRecords, scanSegment, type DamageReason, type ScanEvent } from './scan.js';
import type { ByteSource } from './source.js';
import { firstSeq, lastSeq, proveTail } from './tail.js';

export interface Survey {
  readonly groups: number;
  /** Records in intact groups and in the proven tail. */
  readonly records: number;
  /** Checksum over the integrity lines. */
  readonly chain: number;
  readonly damaged: readonly { readonly from: number; readonly to: number; readonly reason: DamageReason }[];
  /** Lines that are proven by parsing only. */
  readonly tail: Buffer;
  readonly tailRecords: number;
  /** Where the provable part of the segment ends: the next line belongs here. */
  readonly provenBytes: number;
  readonly end: SegmentEnd | undefined;
  /** First and last seq of each intact group and of the tail; empty where batches of several producers mix. */
  readonly seqs: readonly SeqRange[];
}

export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

interface Progress {
  groups: number;
  records: number;
  chain: number;
  damaged: { from: number; to: number; reason: DamageReason }[];
  provenBytes: number;
  end: SegmentEnd | undefined;
  last: Buffer | undefined;
  tail: Buffer;
  tailRecords: number;
  seqs: SeqRange[];
}

export function surveySegment(source: ByteSource): Survey {
  const progress: Progress = {
    groups: 0,
    records: 0,
    chain: 0,
    damaged: [],
    provenBytes: 0,
    end: undefined,
    last: undefined,
    tail: Buffer.alloc(0),
    tailRecords: 0,
    seqs: [],
  };
  for (const event of scanSegment(source, 0)) take(progress, source, event);
  return progress;
}

function take(progress: Progress, source: ByteSource, event: ScanEvent): void {
  switch (event.type) {
    case 'group':
      takeGroup(progress, event);
      break;
    case 'damage':
      progress.damaged.push({ from: event.from, to: event.to, reason: event.reason });
      // What comes after a damaged stretch does not count on from what was before it.
      progress.last = undefined;
      break;
    case 'end':
      takeEnd(progress, event);
      break;
    case 'tail':
      takeTail(progress, source.read(event.from, event.to), event.from);
  }
}

function takeGroup(progress: Progress, event: Extract<ScanEvent, { type: 'group' }>): void {
  const records = countRecords(event.lines);
  progress.groups += 1;
  progress.records += records;
  progress.chain = crc32(Buffer.from(`${encodeIntegrity(event.line)}\n`), progress.chain);
  progress.last = event.lines;
  takeSeqs(progress, event.lines);
  progress.provenBytes = event.to;
  // The bytes are proven; only the count in the integrity line is wrong.
  if (records === event.line.records) return;
  progress.damaged.push({ from: event.bodyEnd, to: event.to, reason: 'integrity-line' });
}

function takeEnd(progress: Progress, event: Extract<ScanEvent, { type: 'end' }>): void {
  const { end } = event;
  const isRight =
    end.groups === progress.groups &&
    end.records === progress.records &&
    end.bytes === event.from &&
    end.chain === progress.chain;
  // With damage in front of it the counts differ anyhow, and the damage is listed already.
  if (!isRight && progress.damaged.length === 0) {
    progress.damaged.push({ from: event.from, to: event.to, reason: 'end-line' });
  }
  progress.provenBytes = event.to;
  progress.end = end;
}

function takeTail(progress: Progress, bytes: Buffer, from: number): void {
  const proven = proveTail(bytes, progress.last);
  progress.tail = bytes.subarray(0, proven.bytes);
  progress.tailRecords = proven.records;
  takeSeqs(progress, progress.tail);
  progress.records += proven.records;
  progress.end = undefined;
  const provenTo = from + proven.bytes;
  if (proven.bytes > 0) progress.provenBytes = provenTo;
  if (proven.bytes === bytes.length) return;
  progress.damaged.push({ from: provenTo, to: from + bytes.length, reason: proven.reason });
}

const BATCH_START = Buffer.from(`\n${HEADER_START}`);

/** A header line inside a group begins a batch: its numbers are the business of the server's ledger. */
function takeSeqs(progress: Progress, lines: Buffer): void {
  const first = firstSeq(lines);
  const last = lastSeq(lines);
  if (first === undefined || last === undefined || lines.includes(BATCH_START)) return;
  progress.seqs.push({ first, last });
}
