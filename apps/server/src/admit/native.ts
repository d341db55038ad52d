/**
 * Admission of native batches: whose producer it is, what was here before, what contradicts it, and the rest into the
 * queue. `accepted_through: N` means that each sent `seq` up to N is stored, was known, or is listed as rejected.
 */
import { KINDS, type Kind, type ReadHeader } from '@sillok/record';

import { producerOfOtherProject, tooManyGaps } from '../errors.js';
import type { ExpiredDays } from '../expired.js';
import type { Ledger } from '../ledger/ledger.js';
import { packRuns, stretchesOf } from '../ledger/stretches.js';
import { LEDGER_STRETCHES_MAX, REJECTED_LISTED_MAX } from '../limits.js';
import type { Metrics } from '../metrics.js';
import type { GivenUp } from '../queue/header.js';
import type { NativeBatch, NativeVerdict, Rejection } from '../seams.js';
import type { ClassBlock, Committer } from './commit.js';
import type { Conflicts } from './conflicts.js';
import { droppedOf } from './dropped.js';
import type { FirstTouch } from './first-touch.js';
import { readBatch, type ReadBatch, type RefusedLine } from './read-batch.js';

export interface NativeAdmissionOptions {
  readonly ledger: Ledger;
  readonly committer: Committer;
  readonly conflicts: Conflicts;
  readonly metrics: Metrics;
  readonly firstTouch: FirstTouch;
  readonly expired: ExpiredDays;
}

const MICROS_PER_MILLI = 1000;

interface Sorted {
  /** Indexes of the lines that are new, in the order sent. Undefined: all of them. */
  readonly fresh: readonly number[] | undefined;
  readonly known: number;
  /** Of the known ones. */
  readonly expired: number;
  readonly conflicts: readonly Rejection[];
}

export function createNativeAdmission(options: NativeAdmissionOptions) {
  const { ledger, committer, firstTouch, metrics } = options;
  const stored = metrics.counter('sillok_records_accepted_total', 'Records taken into the queue', {
    protocol: 'native',
  });
  const known = metrics.counter('sillok_records_known_total', 'Records that were here before');
  const refused = metrics.counter('sillok_records_rejected_total', 'Records not taken', {
    protocol: 'native',
  });

  return async function admitNative(given: NativeBatch): Promise<NativeVerdict> {
    const { project, body, touch } = given;
    const touchOf = ({ encoding }: ReadHeader) => {
      const first = firstTouch({ project, isRedacted: encoding === 'flat' });
      return touch === undefined ? first : touch(first);
    };
    const batch = readBatch(body, touchOf);
    const { producer, boot, resource } = batch.header;
    const owner = ledger.ownerOf(producer);
    if (owner !== undefined && owner !== project) throw producerOfOtherProject(producer);

    const stretches = ledger.find({ project, producer, boot })?.stored.size ?? 0;
    if (stretches > LEDGER_STRETCHES_MAX) throw tooManyGaps(producer, LEDGER_STRETCHES_MAX);

    const sorted = sortLines(batch, { ...options, project });
    const refusedLines = withoutTaken(batch);
    const blocks = blocksOf(batch, sorted.fresh);
    const rejected = reasonsOf(batch, refusedLines);
    const dropped = droppedOf(batch);
    if (blocks.length + rejected.length + dropped.length > 0) {
      const whole = sorted.fresh === undefined ? { stretches: stretchesOf(batch.seqs, batch.timesUs) } : {};
      const touched = batch.touch === undefined ? {} : { touched: batch.touch.name };
      const own = { project, producer, boot, resource, ...touched };
      await committer.commit({ ...own, blocks, rejected, dropped, ...whole });
    }
    if (sorted.known > 0) await committer.settle();

    const all = [...refusedLines, ...sorted.conflicts];
    stored.add(batch.seqs.length - sorted.known - sorted.conflicts.length);
    known.add(sorted.known);
    refused.add(all.length);
    return {
      accepted_through: highest(batch, all),
      rejected: all.slice(0, REJECTED_LISTED_MAX),
      known: sorted.known,
      ...(sorted.expired > 0 && { expired: sorted.expired }),
    };
  };
}

/** The usual batch is all new and rising: told from its ends, without a look at each line. */
function sortLines(
  batch: ReadBatch,
  { ledger, conflicts, expired, project }: NativeAdmissionOptions & { project: string },
): Sorted {
  const { seqs, header } = batch;
  const entry = ledger.find({ project, producer: header.producer, boot: header.boot });
  const [least, most] = [minimum(seqs), maximum(seqs)];
  const isNew = entry === undefined || !entry.stored.touches(least, most);
  if (isNew && isRising(seqs)) return { fresh: undefined, known: 0, expired: 0, conflicts: [] };

  const fresh: number[] = [];
  const resent: number[] = [];
  const firstOf = new Map<number, number>();
  seqs.forEach((seq, index) => {
    if (firstOf.has(seq) || entry?.stored.has(seq) === true) resent.push(index);
    else {
      firstOf.set(seq, index);
      fresh.push(index);
    }
  });
  const found = conflicts.compare({ project, batch, resent, firstOf });
  const known = resent.length - found.length;
  // A record that has gone cannot be compared, so none of these is among the conflicts.
  const gone = resent.filter((index) => isExpired(batch, index, expired));
  return { fresh, known, expired: Math.min(known, gone.length), conflicts: found };
}

function isExpired({ kinds, timesUs }: ReadBatch, index: number, expired: ExpiredDays): boolean {
  return expired.has(KINDS[kinds[index] ?? 0] ?? 'log', timesUs[index] ?? 0);
}

/** One block per class. When all lines are new and of one class, the block is the body itself. */
function blocksOf(batch: ReadBatch, fresh: readonly number[] | undefined): ClassBlock[] {
  const kinds = new Set(batch.kinds);
  const indexes = fresh ?? [...batch.seqs.keys()];
  if (indexes.length === 0) return [];
  return [...kinds].flatMap((kindIndex) => {
    const own = kinds.size === 1 ? indexes : indexes.filter((index) => batch.kinds[index] === kindIndex);
    return own.length === 0 ? [] : [blockOf(batch, { kind: KINDS[kindIndex] ?? 'log', indexes: own })];
  });
}

function blockOf(
  batch: ReadBatch,
  { kind, indexes }: { kind: Kind; indexes: readonly number[] },
): ClassBlock {
  const isAll = indexes.length === batch.seqs.length;
  return {
    kind,
    seqs: isAll ? batch.seqs : indexes.map((index) => batch.seqs[index] ?? 0),
    timesUs: isAll ? batch.timesUs : indexes.map((index) => batch.timesUs[index] ?? 0),
    pieces: piecesOf(batch, indexes),
  };
}

/** Lines that stand side by side in the body are one piece. */
function piecesOf(batch: ReadBatch, indexes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let start = -1;
  let end = -1;
  const flush = () => {
    if (start >= 0) pieces.push(batch.body.subarray(start, end));
    start = -1;
    end = -1;
  };
  for (const index of indexes) {
    const rewritten = batch.rewritten.get(index);
    if (rewritten !== undefined) {
      flush();
      pieces.push(rewritten);
      continue;
    }
    if (batch.starts[index] !== end) {
      flush();
      start = batch.starts[index] ?? 0;
    }
    end = batch.ends[index] ?? 0;
  }
  flush();
  return pieces;
}

/** A number guessed for a line that cannot be read is taken back when another line has it. */
function withoutTaken(batch: ReadBatch): RefusedLine[] {
  if (batch.refused.length === 0) return [];
  const taken = new Set(batch.seqs);
  return batch.refused.map((line) => (taken.has(line.seq) ? { ...line, seq: 0 } : line));
}

/** Their times are unknown; that of the last good record is near enough to tell where a gap lies. */
function reasonsOf({ timesUs }: ReadBatch, refused: readonly RefusedLine[]): GivenUp[] {
  const us = timesUs[timesUs.length - 1] ?? Date.now() * MICROS_PER_MILLI;
  const byCode = new Map<string, number[]>();
  for (const { seq, code } of refused) {
    const seqs = byCode.get(code) ?? [];
    if (seq > 0) seqs.push(seq);
    byCode.set(code, seqs);
  }
  const told = [...byCode].filter(([, seqs]) => seqs.length > 0);
  return told.map(([why, seqs]) => ({ why, seqs: packRuns(stretchesOf(seqs, [])), us }));
}

function highest(batch: ReadBatch, rejected: readonly Rejection[]): number {
  return rejected.reduce((most, { seq }) => Math.max(most, seq), maximum(batch.seqs));
}

function isRising(seqs: readonly number[]): boolean {
  for (let index = 1; index < seqs.length; index += 1)
    if ((seqs[index] ?? 0) <= (seqs[index - 1] ?? 0)) return false;
  return true;
}

function minimum(numbers: readonly number[]): number {
  let least = Infinity;
  for (const number of numbers) if (number < least) least = number;
  return least;
}

function maximum(numbers: readonly number[]): number {
  let most = 0;
  for (const number of numbers) if (number > most) most = number;
  return most;
}
