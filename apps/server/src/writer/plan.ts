/**
 * Chooses what goes into the next batch: stretches of the queue, up to the limits of one insert.
 *
 * Little of several classes goes together; much goes class by class, because an insert into several partitions holds its
 * rows in memory once more. A whole sealed segment is preferred: the engine reads it where it lies.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { KINDS, type Kind } from '@sillok/record';
import { comparePositions, listSegments, segmentFile, SPOOL_START, type SpoolPosition } from '@sillok/spool';

import { COMPRESSED_SUFFIX } from '../filenames.js';
import { CHUNK_BYTES_MAX, CHUNK_HEADERS_MAX, CHUNK_MIXED_BYTES_MAX } from '../limits.js';
import type { QueueHeader } from '../queue/header.js';
import { walkSegment } from '../queue/walk.js';
import type { Stretch } from './progress.js';

export interface QueueReader {
  directoryOf(kind: Kind): string;
  /** Everything before it is on disk. */
  synced(kind: Kind): SpoolPosition;
}

/** Bytes of one segment, and the batches in them. */
export interface Piece {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** All lines in it: headers, records, integrity lines. */
  readonly rows: number;
  /** `row` counts lines from the start of the piece. */
  readonly batches: readonly { readonly header: QueueHeader; readonly row: number }[];
  /** It is the whole of a segment to which nothing is added any more. */
  readonly isWhole: boolean;
}

export interface PlannedStretch extends Stretch {
  /** Undefined: it could not be walked, and has to be read the proven way. */
  readonly pieces: readonly Piece[] | undefined;
  readonly bytes: number;
  readonly headers: number;
}

/** Empty when nothing waits. */
export function planBatch(reader: QueueReader, visible: ReadonlyMap<Kind, SpoolPosition>): PlannedStretch[] {
  const waiting = KINDS.flatMap((kind) => {
    const stretch = planClass(reader, kind, visible.get(kind) ?? SPOOL_START);
    return stretch === undefined ? [] : [stretch];
  });
  const bytes = waiting.reduce((sum, each) => sum + each.bytes, 0);
  const headers = waiting.reduce((sum, each) => sum + each.headers, 0);
  if (bytes <= CHUNK_MIXED_BYTES_MAX && headers <= CHUNK_HEADERS_MAX) return waiting;
  return waiting.toSorted((a, b) => b.bytes - a.bytes).slice(0, 1);
}

function planClass(reader: QueueReader, kind: Kind, from: SpoolPosition): PlannedStretch | undefined {
  const synced = reader.synced(kind);
  const directory = reader.directoryOf(kind);
  const pieces: Piece[] = [];
  const sum = { bytes: 0, headers: 0 };
  let to = from;
  for (let at = startOf(directory, from, synced); at !== undefined; at = startOf(directory, to, synced)) {
    if (pieces.length > 0 && isLargeAndSealed(directory, at, synced)) break;
    const budget = { bytes: CHUNK_BYTES_MAX - sum.bytes, headers: CHUNK_HEADERS_MAX - sum.headers };
    const piece = planPiece({ directory, at, synced, budget, isFirst: pieces.length === 0 });
    if (piece === undefined)
      return pieces.length > 0 ? { kind, from, to, pieces, ...sum } : proven(kind, { from, at, synced });
    to = { segment: at.segment, offset: piece.to };
    if (piece.batches.length > 0) pieces.push(piece);
    sum.bytes += piece.batches.length > 0 ? piece.to - piece.from : 0;
    sum.headers += piece.batches.length;
    if (piece.to < piece.until || (pieces.length === 1 && piece.isWhole)) break;
  }
  return pieces.length === 0 ? undefined : { kind, from, to, pieces, ...sum };
}

/** Compressed, or not as this process writes it: to the end of the segment, with proof. Counts as a full insert. */
function proven(
  kind: Kind,
  { from, at, synced }: { from: SpoolPosition; at: SpoolPosition; synced: SpoolPosition },
): PlannedStretch {
  const to = at.segment < synced.segment ? { segment: at.segment + 1, offset: 0 } : synced;
  return { kind, from, to, pieces: undefined, bytes: CHUNK_BYTES_MAX, headers: 1 };
}

/** Where reading goes on: here, or at the start of the next segment that there is. Undefined: nothing waits. */
function startOf(directory: string, at: SpoolPosition, synced: SpoolPosition): SpoolPosition | undefined {
  if (comparePositions(at, synced) >= 0) return undefined;
  if (at.segment === synced.segment || plainBytes(directory, at.segment) > at.offset) return at;
  const isStart = at.offset === 0 && isThere(directory, at.segment);
  if (isStart) return at;
  let segment = at.segment + 1;
  if (!isThere(directory, segment)) segment = firstSegmentAfter(directory, at.segment);
  const next = { segment, offset: 0 };
  return comparePositions(next, synced) < 0 ? next : undefined;
}

/** It is worth an insert of its own, because the engine reads it where it lies. */
function isLargeAndSealed(directory: string, at: SpoolPosition, synced: SpoolPosition): boolean {
  return (
    at.offset === 0 && at.segment < synced.segment && plainBytes(directory, at.segment) > CHUNK_BYTES_MAX / 2
  );
}

function isThere(directory: string, segment: number): boolean {
  return (
    plainBytes(directory, segment) > 0 ||
    existsSync(join(directory, segmentFile(segment) + COMPRESSED_SUFFIX))
  );
}

function firstSegmentAfter(directory: string, segment: number): number {
  return (
    listSegments({ directory }).find((each) => each.segment > segment)?.segment ?? Number.MAX_SAFE_INTEGER
  );
}

/** 0 when there is no plain file of it. */
function plainBytes(directory: string, segment: number): number {
  return statSync(join(directory, segmentFile(segment)), { throwIfNoEntry: false })?.size ?? 0;
}

interface PiecePlan {
  readonly directory: string;
  readonly at: SpoolPosition;
  readonly synced: SpoolPosition;
  readonly budget: { readonly bytes: number; readonly headers: number };
  /** At least one batch is taken, however large. */
  readonly isFirst: boolean;
}

function planPiece({
  directory,
  at,
  synced,
  budget,
  isFirst,
}: PiecePlan): (Piece & { until: number }) | undefined {
  const path = join(directory, segmentFile(at.segment));
  const isSealed = at.segment < synced.segment;
  const until = isSealed ? plainBytes(directory, at.segment) : synced.offset;
  if (until === 0) return undefined;
  const batches: { header: QueueHeader; row: number }[] = [];
  const walked = walkSegment({ path, from: at.offset, until }, ({ header, row, end }) => {
    const fits = end - at.offset <= budget.bytes && batches.length < budget.headers;
    if (!fits && !(isFirst && batches.length === 0)) return false;
    batches.push({ header, row });
    return true;
  });
  if (walked === undefined) return undefined;
  const isWhole = isSealed && at.offset === 0 && walked.end === until;
  return { path, from: at.offset, to: walked.end, until, rows: walked.rows, batches, isWhole };
}
