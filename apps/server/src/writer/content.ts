/**
 * A batch of the writer as the store takes it: where its lines are, and whose they are.
 *
 * A fresh batch is known from the walk that planned it. After a restart, or where the walk met something odd, the same
 * stretches are read group by group with their checksums, which gives the same records.
 */
import { open } from 'node:fs/promises';

import { nsToTime, type Kind } from '@sillok/record';
import { comparePositions, type Damage } from '@sillok/spool';
import type { ChunkHeader } from '@sillok/store';

import { COPY_BUFFER_BYTES } from '../limits.js';
import type { QueueHeader } from '../queue/header.js';
import { readBatchGroups } from '../queue/read-batches.js';
import { eachLine, isRecord } from './lines.js';
import type { Piece, QueueReader } from './plan.js';
import type { Stretch } from './progress.js';

export interface BatchContent {
  readonly headers: readonly ChunkHeader[];
  readonly records: number;
  /** Records per class. */
  readonly counts: ReadonlyMap<Kind, number>;
  readonly timeFrom: string;
  readonly timeTo: string;
  /** A segment that the engine may read where it lies. */
  readonly inPlace: string | undefined;
  /** Writes the lines to a file. */
  copyTo(path: string): Promise<void>;
  lines(): Promise<Buffer>;
}

export function contentOfPieces(pieces: readonly Piece[]): BatchContent {
  const summary = new Summary();
  let rows = 0;
  for (const piece of pieces) {
    for (const { header, row } of piece.batches) summary.add(header, rows + row);
    rows += piece.rows;
  }
  const [only] = pieces;
  return {
    ...summary.build(),
    inPlace: pieces.length === 1 && only?.isWhole === true ? only.path : undefined,
    copyTo: (path) => copyPieces(pieces, path),
    lines: () => readPieces(pieces),
  };
}

/** The same batch from lines at hand, without some of them. Lines that are not records are never left out. */
export function contentOfLines(
  content: BatchContent,
  given: { lines: Buffer; without: ReadonlySet<number> },
): BatchContent {
  const parts: Buffer[] = [];
  const removedBefore: number[] = [];
  let removed = 0;
  eachLine(given.lines, (line, row) => {
    removedBefore.push(removed);
    if (given.without.has(row) && isRecord(line)) removed += 1;
    else parts.push(line, NEWLINE_BYTES);
  });
  const headers = content.headers.map((header) => ({
    ...header,
    rowStart: header.rowStart - (removedBefore[header.rowStart] ?? 0),
  }));
  return {
    ...content,
    headers,
    records: content.records - removed,
    inPlace: undefined,
    lines: async () => Buffer.concat(parts),
    copyTo: (path) => writeParts([Buffer.concat(parts)], path),
  };
}

const NEWLINE_BYTES = Buffer.from('\n');

export type OnDamage = (kind: Kind, damage: Damage) => void;

/** The proven way. Throws nothing for damage: what cannot be proven is left out and told. */
export function readContent(
  reader: QueueReader,
  stretches: readonly Stretch[],
  onDamage: OnDamage,
): BatchContent {
  const summary = new Summary();
  const parts: Buffer[] = [];
  let rows = 0;
  for (const { kind, from, to } of stretches) {
    const read = {
      directory: reader.directoryOf(kind),
      from,
      onDamage: (damage: Damage) => onDamage(kind, damage),
    };
    for (const { batches, lines, from: start } of readBatchGroups(read)) {
      if (comparePositions(start, to) >= 0) break;
      for (const batch of batches.filter((each) => comparePositions(each.from, to) < 0)) {
        summary.add(batch.header, rows);
        rows += 1 + batch.header.count;
        parts.push(lines.subarray(batch.from.offset - start.offset, batch.to.offset - start.offset));
      }
    }
  }
  const lines = async () => Buffer.concat(parts);
  return { ...summary.build(), inPlace: undefined, lines, copyTo: (path) => writeParts(parts, path) };
}

const NS_PER_US = 1000n;

class Summary {
  readonly #headers: ChunkHeader[] = [];
  readonly #counts = new Map<Kind, number>();
  #records = 0;
  #leastUs = Infinity;
  #mostUs = -Infinity;

  add(header: QueueHeader, rowStart: number): void {
    const { project, class: kind, producer, boot, resource, observed_time, times, count } = header;
    if (count === 0) return;
    this.#headers.push({ rowStart, project, class: kind, producer, boot, resource, observed_time });
    this.#records += count;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
    this.#leastUs = Math.min(this.#leastUs, times?.[0] ?? Infinity);
    this.#mostUs = Math.max(this.#mostUs, times?.[1] ?? -Infinity);
  }

  /** Bounds are in whole microseconds; the upper one includes its last nanosecond. */
  build() {
    const isEmpty = this.#records === 0;
    const least = isEmpty ? 0n : BigInt(this.#leastUs) * NS_PER_US;
    const most = isEmpty ? 0n : BigInt(this.#mostUs) * NS_PER_US + NS_PER_US - 1n;
    return {
      headers: this.#headers,
      records: this.#records,
      counts: this.#counts,
      timeFrom: nsToTime(least),
      timeTo: nsToTime(most),
    };
  }
}

async function copyPieces(pieces: readonly Piece[], path: string): Promise<void> {
  const target = await open(path, 'w');
  const buffer = Buffer.allocUnsafe(COPY_BUFFER_BYTES);
  try {
    for (const piece of pieces) {
      await eachRange(piece, buffer, async (bytes) => {
        await target.write(bytes);
      });
    }
  } finally {
    await target.close();
  }
}

async function readPieces(pieces: readonly Piece[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(COPY_BUFFER_BYTES);
  for (const piece of pieces) {
    await eachRange(piece, buffer, async (bytes) => {
      parts.push(Buffer.from(bytes));
    });
  }
  return Buffer.concat(parts);
}

async function eachRange(
  { path, from, to }: Piece,
  buffer: Buffer,
  use: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const source = await open(path, 'r');
  try {
    for (let at = from; at < to;) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, to - at), at);
      if (bytesRead === 0) throw new Error(`${path} ended at ${at}, before ${to}`);
      await use(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await source.close();
  }
}

async function writeParts(parts: readonly Buffer[], path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const part of parts) await file.write(part);
  } finally {
    await file.close();
  }
}
