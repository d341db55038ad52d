/**
 * Follows the queue batch by batch, each exactly once, also over restarts: it knows where it was in every class, reads again
 * from there at the start, and keeps what is admitted meanwhile until it has caught up.
 */
import { setImmediate } from 'node:timers/promises';

import { SPOOL_START } from '@sillok/spool';

import { isBehind } from '../read/live/event-id.js';
import type { AdmittedBatch, QueuePosition, RecordState } from '../seams.js';
import { CATCH_UP_PENDING_MAX } from './limits.js';

export interface FollowerOptions {
  readonly state: Pick<RecordState, 'onAdmitted' | 'admittedSince'>;
  /** Null: nothing was looked at yet. */
  readonly last: QueuePosition | null;
  /** What was taken before this time does not concern us; undefined: whatever is in the queue now does not. */
  readonly since: string | undefined;
  readonly seen: readonly QueuePosition[];
  readonly take: (batch: AdmittedBatch) => void;
}

/** So many batches are looked at before others get a turn. */
const BATCHES_PER_TURN = 50;

export class QueueFollower {
  readonly #options: FollowerOptions;
  readonly #seen = new Map<string, QueuePosition>();
  #last: QueuePosition | null;
  #pending: AdmittedBatch[] | undefined;
  #isPendingLost = false;
  #stop: (() => void) | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#last = options.last;
    for (const position of options.seen) this.#seen.set(position.class, position);
  }

  get last(): QueuePosition | null {
    return this.#last;
  }

  get seen(): readonly QueuePosition[] {
    return [...this.#seen.values()];
  }

  /** Resolves when it has caught up. What comes while it reads is kept, so nothing is passed over. */
  async start(): Promise<void> {
    this.#pending = [];
    this.#stop = this.#options.state.onAdmitted((batch) => this.#admitted(batch));
    do {
      this.#isPendingLost = false;
      this.#pending = [];
      await this.#readAgain();
    } while (this.#isPendingLost && this.#stop !== undefined);
    const pending = this.#pending;
    this.#pending = undefined;
    for (const batch of pending) this.#take(batch);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #admitted(batch: AdmittedBatch): void {
    if (this.#pending === undefined) this.#take(batch);
    else if (this.#pending.length < CATCH_UP_PENDING_MAX) this.#pending.push(batch);
    else this.#isPendingLost = true;
  }

  async #readAgain(): Promise<void> {
    const { state, since } = this.#options;
    const from = this.#last ?? (since === undefined ? undefined : { class: 'log', ...SPOOL_START });
    if (from === undefined) return;
    let count = 0;
    for await (const batch of state.admittedSince(from)) {
      if (this.#stop === undefined) return;
      if (since === undefined || batch.observed_time >= since) this.#take(batch);
      count += 1;
      if (count % BATCHES_PER_TURN === 0) await setImmediate();
    }
  }

  #take(batch: AdmittedBatch): void {
    const { position } = batch;
    const seen = this.#seen.get(position.class);
    if (seen !== undefined && !isBehind(position, seen)) return;
    this.#options.take(batch);
    const { class: kind, segment, offset } = position;
    this.#seen.set(kind, { class: kind, segment, offset });
    this.#last = { class: kind, segment, offset };
  }
}
