/**
 * The live feed: batches after their fsync, in the order in which the server took them. Records are decoded only when a
 * listener looks at them, once for all listeners; without listeners nothing is done at all.
 */
import { decodeRecord, KINDS, type FlatRecord, type Kind } from '@sillok/record';
import { listSegments, SPOOL_START, type SpoolPosition } from '@sillok/spool';

import { REPLAY_SEGMENTS } from '../limits.js';
import type { QueueHeader } from '../queue/header.js';
import type { Queue } from '../queue/queue.js';
import { readBatches, type ReadBatchBlock } from '../queue/read-batches.js';
import type { AdmittedBatch, QueuePosition } from '../seams.js';

type Listener = (batch: AdmittedBatch) => void;

export class LiveFeed {
  readonly #queue: Queue;
  readonly #listeners = new Set<Listener>();

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `lines`: the record lines of the block. */
  publish(header: QueueHeader, { from, lines }: { from: SpoolPosition; lines: readonly Buffer[] }): void {
    if (this.#listeners.size === 0 || header.count === 0) return;
    const batch = admittedBatch(header, { from, lines });
    for (const listener of this.#listeners) listener(batch);
  }

  /** Merges the classes by the order in which batches were taken, up to what is on disk now. */
  async *since(position: QueuePosition): AsyncIterable<AdmittedBatch> {
    const kind = KINDS.find((each) => each === position.class);
    if (kind === undefined) return;
    const first = this.#firstAt(kind, position);
    const time = first?.header.observed_time ?? '';
    const streams = KINDS.map((each) => this.#read(each, { kind, position, time }));
    const heads = streams.map((stream) => stream.next().value);
    for (;;) {
      const index = earliest(heads);
      const head = heads[index];
      if (head === undefined) return;
      yield admittedBatch(head.header, { from: head.from, lines: [head.records] });
      heads[index] = streams[index]?.next().value;
    }
  }

  #firstAt(kind: Kind, from: SpoolPosition): ReadBatchBlock | undefined {
    const [first] = readBatches({
      directory: this.#queue.directoryOf(kind),
      from,
      until: this.#queue.synced(kind),
    });
    return first;
  }

  *#read(
    kind: Kind,
    start: { kind: Kind; position: SpoolPosition; time: string },
  ): Generator<ReadBatchBlock, undefined> {
    const directory = this.#queue.directoryOf(kind);
    const earliestSegment = this.#queue.synced(kind).segment - REPLAY_SEGMENTS + 1;
    const asked = kind === start.kind ? start.position : this.#segmentBefore(kind, start.time);
    const from = asked.segment < earliestSegment ? { segment: earliestSegment, offset: 0 } : asked;
    for (const batch of readBatches({ directory, from, until: this.#queue.synced(kind) })) {
      if (batch.header.count > 0 && batch.header.observed_time >= start.time) yield batch;
    }
    return undefined;
  }

  /** Start of the latest segment whose first batch was taken before `time`. */
  #segmentBefore(kind: Kind, time: string): SpoolPosition {
    const directory = this.#queue.directoryOf(kind);
    for (const { segment } of listSegments({ directory }).slice(-REPLAY_SEGMENTS).reverse()) {
      const [first] = readBatches({
        directory,
        from: { segment, offset: 0 },
        until: this.#queue.synced(kind),
      });
      if (first !== undefined && first.from.segment === segment && first.header.observed_time <= time) {
        return { segment, offset: 0 };
      }
    }
    return SPOOL_START;
  }
}

function earliest(heads: readonly (ReadBatchBlock | undefined)[]): number {
  let best = -1;
  heads.forEach((head, index) => {
    const bestHead = heads[best];
    if (head === undefined) return;
    if (bestHead === undefined || head.header.observed_time < bestHead.header.observed_time) best = index;
  });
  return best;
}

function admittedBatch(
  header: QueueHeader,
  at: { from: SpoolPosition; lines: readonly Buffer[] },
): AdmittedBatch {
  let records: readonly FlatRecord[] | undefined;
  return {
    project: header.project,
    producer: header.producer,
    boot: header.boot,
    resource: header.resource,
    observed_time: header.observed_time,
    position: { class: header.class, segment: at.from.segment, offset: at.from.offset },
    lines: at.lines,
    get records() {
      records ??= decodeLines(at.lines);
      return records;
    },
  };
}

function decodeLines(lines: readonly Buffer[]): FlatRecord[] {
  const text = Buffer.concat(lines).toString('utf8');
  return text.split('\n').filter(Boolean).map(decodeRecord);
}
