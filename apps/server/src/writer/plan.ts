/**
 * Chooses what goes into the next batch, and builds the batch that an intent names. Reading the same stretches again
 * gives the same lines, so a retry after a crash is the same batch.
 */
import { KINDS, nsToTime, type Kind } from '@sillok/record';
import { comparePositions, SPOOL_START, type Damage, type SpoolPosition } from '@sillok/spool';
import type { ChunkHeader } from '@sillok/store';

import { CHUNK_BYTES_MAX, CHUNK_HEADERS_MAX, CHUNK_MIXED_BYTES_MAX } from '../limits.js';
import { readBatchGroups, type BatchGroup } from '../queue/read-batches.js';
import type { Stretch } from './progress.js';

export interface QueueReader {
  directoryOf(kind: Kind): string;
  /** Everything before it is on disk. */
  synced(kind: Kind): SpoolPosition;
}

export interface Plan {
  readonly stretches: readonly Stretch[];
  readonly bytes: number;
}

/**
 * What waits, up to the limits of one batch. Little of several classes goes together; much goes class by class, because
 * an insert into several partitions holds its rows in memory once more. Empty when nothing waits.
 */
export function planBatch(reader: QueueReader, visible: ReadonlyMap<Kind, SpoolPosition>): Plan {
  const waiting = KINDS.map((kind) => ({ kind, ...waitingOf(reader, { kind, from: visible.get(kind) ?? SPOOL_START }) }));
  const together = waiting.filter(({ stretch }) => stretch !== undefined);
  const bytes = together.reduce((sum, each) => sum + each.bytes, 0);
  const headers = together.reduce((sum, each) => sum + each.headers, 0);
  const isLittle = bytes <= CHUNK_MIXED_BYTES_MAX && headers <= CHUNK_HEADERS_MAX;
  const most = together.toSorted((a, b) => b.bytes - a.bytes).slice(0, 1);
  const chosen = isLittle ? together : most;
  return {
    stretches: chosen.flatMap(({ stretch }) => (stretch === undefined ? [] : [stretch])),
    bytes: chosen.reduce((sum, each) => sum + each.bytes, 0),
  };
}

interface ClassWaiting {
  readonly stretch: Stretch | undefined;
  readonly bytes: number;
  readonly headers: number;
}

function waitingOf(reader: QueueReader, { kind, from }: { kind: Kind; from: SpoolPosition }): ClassWaiting {
  const until = reader.synced(kind);
  let to: SpoolPosition | undefined;
  let bytes = 0;
  let headers = 0;
  if (comparePositions(from, until) >= 0) return { stretch: undefined, bytes, headers };
  for (const group of readBatchGroups({ directory: reader.directoryOf(kind), from, until })) {
    const isFull = bytes + group.lines.length > CHUNK_BYTES_MAX || headers + group.batches.length > CHUNK_HEADERS_MAX;
    if (bytes > 0 && isFull) break;
    bytes += group.lines.length;
    headers += group.batches.length;
    to = group.to;
  }
  return { stretch: to === undefined ? undefined : { kind, from, to }, bytes, headers };
}

export interface BatchContent {
  /** Whole lines, in the order of `headers`. */
  readonly parts: readonly Buffer[];
  readonly headers: readonly ChunkHeader[];
  readonly records: number;
  readonly timeFrom: string;
  readonly timeTo: string;
}

const NS_PER_US = 1000n;

export interface ContentOptions {
  readonly onDamage?: (kind: Kind, damage: Damage) => void;
}

export function readContent(reader: QueueReader, stretches: readonly Stretch[], options: ContentOptions = {}): BatchContent {
  const content = new ContentBuilder();
  for (const { kind, from, to } of stretches) {
    const directory = reader.directoryOf(kind);
    const onDamage = (damage: Damage) => options.onDamage?.(kind, damage);
    for (const group of readBatchGroups({ directory, from, until: to, onDamage })) content.add(group);
  }
  return content.build();
}

class ContentBuilder {
  readonly #parts: Buffer[] = [];
  readonly #headers: ChunkHeader[] = [];
  #rows = 0;
  #records = 0;
  #leastUs = Infinity;
  #mostUs = -Infinity;

  /** Batches only: the header line of a segment has nothing to say to the store. */
  add({ batches, lines, from }: BatchGroup): void {
    for (const { header, from: start, to: end } of batches) {
      if (header.count === 0) continue;
      const { project, class: kind, producer, boot, resource, observed_time, times } = header;
      this.#headers.push({ rowStart: this.#rows, project, class: kind, producer, boot, resource, observed_time });
      this.#rows += 1 + header.count;
      this.#records += header.count;
      this.#leastUs = Math.min(this.#leastUs, times?.[0] ?? Infinity);
      this.#mostUs = Math.max(this.#mostUs, times?.[1] ?? -Infinity);
      this.#parts.push(lines.subarray(start.offset - from.offset, end.offset - from.offset));
    }
  }

  /** Bounds are in whole microseconds; the upper one includes its last nanosecond. */
  build(): BatchContent {
    const isEmpty = this.#records === 0;
    const least = isEmpty ? 0n : BigInt(this.#leastUs) * NS_PER_US;
    const most = isEmpty ? 0n : BigInt(this.#mostUs) * NS_PER_US + NS_PER_US - 1n;
    return {
      parts: this.#parts,
      headers: this.#headers,
      records: this.#records,
      timeFrom: nsToTime(least),
      timeTo: nsToTime(most),
    };
  }
}
