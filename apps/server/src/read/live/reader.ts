/**
 * One reader of the live tail: its filter, its place, and what to do when it is slow.
 *
 * A reader that cannot keep up never holds up anything: what does not fit into its bounded buffer is counted, and told
 * as `skipped` as soon as there is room. While it catches up from the queue after a reconnect nothing is skipped,
 * because the queue can wait; what is admitted meanwhile is only remembered, batch by batch.
 */
import type { Row } from '@sillok/query';
import type { AdmittedBatch, QueuePosition } from '../../seams.js';
import { LIVE_BUFFER_BYTES_MAX, LIVE_PENDING_BATCHES_MAX, LIVE_WRITE_BYTES } from '../limits.js';
import { formatEventId, isBehind, type EventId } from './event-id.js';
import { eventData } from './event-text.js';

/** Where the events go: the socket of an answer. */
export interface LiveSink {
  write(text: string): void;
  /** Bytes written and not yet taken by the other side. */
  readonly waitingBytes: number;
  /** Resolves when the other side has taken everything, or is gone. */
  drained(): Promise<void>;
  readonly isClosed: boolean;
}

export interface LiveReaderOptions {
  readonly project: string;
  readonly matches: (row: Row) => boolean;
  readonly sink: LiveSink;
}

export class LiveReader {
  readonly project: string;
  readonly #matches: (row: Row) => boolean;
  readonly #sink: LiveSink;
  /** Last place that was looked at, per class: what a resumed stream must not repeat. */
  readonly #seen = new Map<string, QueuePosition>();
  #lastId = '';
  #sentId = '';
  /** Events of the batch that is being shown, written together: a write of its own for each would cost ten times as much. */
  #ready: string[] = [];
  #readyBytes = 0;
  #skipped = 0;
  #isWatchingDrain = false;
  /** Batches admitted while catching up; undefined when the reader is live. */
  #pending: AdmittedBatch[] | undefined;
  #isPendingLost = false;

  constructor({ project, matches, sink }: LiveReaderOptions) {
    this.project = project;
    this.#matches = matches;
    this.#sink = sink;
  }

  /** A batch that was just admitted. */
  admitted(batch: AdmittedBatch): void {
    if (this.#pending === undefined) this.#show(batch, -1);
    else if (this.#pending.length < LIVE_PENDING_BATCHES_MAX) this.#pending.push(batch);
    else this.#isPendingLost = true;
  }

  /** Gives what was admitted after `id`, from the queue, then goes live without a gap and without a repeat. */
  async catchUp(
    id: EventId,
    since: (position: QueuePosition) => AsyncIterable<AdmittedBatch>,
  ): Promise<void> {
    this.#pending = [];
    let from = id;
    do {
      this.#isPendingLost = false;
      this.#pending = [];
      from = await this.#follow(from, since);
    } while (this.#isPendingLost && !this.#sink.isClosed);
    const pending = this.#pending;
    this.#pending = undefined;
    for (const batch of pending) if (!this.#isSeen(batch)) this.#show(batch, -1);
  }

  async #follow(
    from: EventId,
    since: (position: QueuePosition) => AsyncIterable<AdmittedBatch>,
  ): Promise<EventId> {
    let last = from;
    for await (const batch of since(from.position)) {
      if (this.#sink.isClosed) return last;
      const isFirst = samePlace(batch.position, last.position);
      if (!isFirst && this.#isSeen(batch)) continue;
      this.#show(batch, isFirst ? last.index : -1);
      last = { position: batch.position, index: batch.records.length - 1 };
      if (this.#sink.waitingBytes > LIVE_BUFFER_BYTES_MAX / 2) await this.#sink.drained();
    }
    return last;
  }

  #isSeen({ position }: AdmittedBatch): boolean {
    const seen = this.#seen.get(position.class);
    return seen !== undefined && !isBehind(position, seen);
  }

  /** The records behind `afterIndex` that match. */
  #show(batch: AdmittedBatch, afterIndex: number): void {
    this.#seen.set(batch.position.class, batch.position);
    const context = batch.project === this.project ? contextOf(batch) : undefined;
    if (context === undefined) return;
    const { records, position } = batch;
    for (let index = afterIndex + 1; index < records.length; index += 1) {
      const record = records[index];
      this.#lastId = formatEventId({ position, index });
      if (record !== undefined && this.#matches({ record, context })) this.#send({ record, context });
    }
    this.#flush();
  }

  #send(row: Row): void {
    if (this.#readyBytes > LIVE_WRITE_BYTES) this.#flush();
    if (this.#sink.waitingBytes > LIVE_BUFFER_BYTES_MAX) {
      this.#skipped += 1;
      this.#tellWhenDrained();
      return;
    }
    this.#tellSkipped();
    const text = `id: ${this.#lastId}\n${eventData(row)}`;
    this.#ready.push(text);
    this.#readyBytes += text.length;
    this.#sentId = this.#lastId;
  }

  #flush(): void {
    if (this.#ready.length === 0) return;
    const text = this.#ready.join('');
    this.#ready = [];
    this.#readyBytes = 0;
    this.#sink.write(text);
  }

  #tellSkipped(): void {
    if (this.#skipped === 0) return;
    const skipped = this.#skipped;
    this.#skipped = 0;
    this.#flush();
    this.#sink.write(`event: skipped\nid: ${this.#lastId}\ndata: {"skipped":${skipped}}\n\n`);
  }

  #tellWhenDrained(): void {
    if (this.#isWatchingDrain) return;
    this.#isWatchingDrain = true;
    void this.#sink.drained().then(() => {
      this.#isWatchingDrain = false;
      if (!this.#sink.isClosed) this.#tellSkipped();
    });
  }

  /** Keeps the connection alive, and moves the place to resume from past records that did not match. */
  heartbeat(): void {
    if (this.#sink.waitingBytes > 0) return;
    const moves = this.#lastId !== '' && this.#lastId !== this.#sentId;
    this.#sentId = this.#lastId;
    this.#sink.write(moves ? `id: ${this.#lastId}\n\n` : ': alive\n\n');
  }
}

function contextOf({ project, producer, boot, observed_time, resource }: AdmittedBatch): Row['context'] {
  return { project, producer, boot, observed_time, resource };
}

function samePlace(left: QueuePosition, right: QueuePosition): boolean {
  return left.class === right.class && left.segment === right.segment && left.offset === right.offset;
}
