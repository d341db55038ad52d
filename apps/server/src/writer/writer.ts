/**
 * Brings the queue into the store: freeze a batch, insert it, count it, go on. Ingest never waits for this.
 *
 *  - Each record once: a batch keeps its id over all attempts and crashes, and a retry inserts only what the store does
 *    not have of it (`insertChunk` of @sillok/store).
 *  - Fresh when idle, large when behind: with little waiting a batch goes after `INSERT_INTERVAL_MS`, under load batches
 *    grow to `CHUNK_BYTES_MAX` by themselves, because the insert before them takes that long.
 *  - An engine that is away costs nothing but freshness.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Kind } from '@sillok/record';
import type { SpoolPosition } from '@sillok/spool';
import { StoreError, type Store } from '@sillok/store';

import { INSERT_INTERVAL_MS, INSERT_RETRY_MS_MAX, INSERT_RETRY_MS_MIN } from '../limits.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { contentOfPieces, readContent, type BatchContent } from './content.js';
import { planBatch, type PlannedStretch, type QueueReader } from './plan.js';
import type { Intent, Progress } from './progress.js';

export interface WriterOptions {
  readonly reader: QueueReader;
  readonly progress: Progress;
  readonly inboxDirectory: string;
  readonly filesShared: boolean;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called after each batch. */
  onVisible(positions: ReadonlyMap<Kind, SpoolPosition>): void;
  onInserted(intent: Intent, content: BatchContent): void;
  /** An insert does not end, whatever is tried: replace the engine. */
  onStuck(): void;
}

export class Writer {
  readonly #options: WriterOptions;
  #store: Store | undefined;
  #stopping = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  /** An earlier attempt at the intent may have stored part of it. */
  #isRetry: boolean;
  #failures = 0;
  /** Of the intent, kept over its attempts. */
  #content: BatchContent | undefined;
  /** The engine ran out of memory over this batch. */
  #isGentle = false;
  #lastInsertMs = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#isRetry = options.progress.intent !== undefined;
    rmSync(options.inboxDirectory, { recursive: true, force: true });
    mkdirSync(options.inboxDirectory, { recursive: true });
  }

  /** The store answers from now on (again). */
  attach(store: Store): void {
    this.#store = store;
    this.#failures = 0;
    this.#running ??= this.#run();
    this.notify();
  }

  detach(): void {
    this.#store = undefined;
  }

  /** Something was fsynced. */
  notify(): void {
    this.#wake?.();
  }

  /** Ends after the insert that is under way, at most. What it does not finish, the next start does. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.notify();
    await this.#running;
    await this.#options.progress.save();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const store = this.#store;
      if (store === undefined) {
        await this.#sleep();
        continue;
      }
      try {
        if (!(await this.#step(store))) await this.#sleep();
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  /** One batch. False when nothing waits. */
  async #step(store: Store): Promise<boolean> {
    const { progress, reader } = this.#options;
    let intent = progress.intent;
    if (intent === undefined) {
      await this.#pace();
      const planned = planBatch(reader, progress.visible);
      if (planned.length === 0) return false;
      intent = await progress.freeze(planned.map(({ kind, from, to }) => ({ kind, from, to })));
      this.#isRetry = false;
      this.#content = contentOf(planned);
    }
    this.#lastInsertMs = performance.now();
    const content = (this.#content ??= this.#readAgain(intent));
    await this.#insert(store, { intent, content });
    progress.finish(intent);
    this.#content = undefined;
    this.#failures = 0;
    this.#isRetry = false;
    this.#isGentle = false;
    this.#options.onInserted(intent, content);
    this.#options.onVisible(progress.visible);
    return true;
  }

  #readAgain({ stretches }: Intent): BatchContent {
    const { reader, log } = this.#options;
    return readContent(reader, stretches, (kind, damage) => {
      log.error('a stretch of the queue is damaged; its records cannot be inserted', { kind, ...damage });
    });
  }

  async #insert(store: Store, { intent, content }: { intent: Intent; content: BatchContent }): Promise<void> {
    const { filesShared, inboxDirectory } = this.#options;
    const { headers, records, timeFrom, timeTo, inPlace } = content;
    if (records === 0) return;
    const known = { id: BigInt(intent.id), headers, records, timeFrom, timeTo };
    const chunk = { ...known, retry: this.#isRetry, gentle: this.#isGentle };
    const copy = join(inboxDirectory, `${intent.id}.ndjson`);
    if (filesShared && inPlace === undefined) await content.copyTo(copy);
    const source = filesShared ? { file: inPlace ?? copy } : { lines: await content.lines() };
    this.#isRetry = true;
    try {
      await store.insertChunk({ ...chunk, source });
    } finally {
      if (filesShared && inPlace === undefined) await rm(copy, { force: true });
    }
  }

  async #recover(error: unknown): Promise<void> {
    const { log, metrics, onStuck } = this.#options;
    this.#failures += 1;
    metrics.counter('sillok_insert_failures_total', 'Attempts to insert a batch that failed').add();
    const code = error instanceof StoreError ? error.code : 'unknown';
    log.warn('an insert failed; it is tried again, records are safe in the queue', { code, error });
    if (code === 'insert_still_running') onStuck();
    if (code === 'limit_exceeded') this.#isGentle = true;
    const delayMs = Math.min(INSERT_RETRY_MS_MAX, INSERT_RETRY_MS_MIN * 2 ** Math.min(this.#failures, 10));
    await this.#sleep(delayMs);
  }

  /** Small batches wait for company: each makes parts in the store. */
  async #pace(): Promise<void> {
    const waitMs = this.#lastInsertMs + INSERT_INTERVAL_MS - performance.now();
    if (waitMs > 0 && !this.#stopping) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  #sleep(timeoutMs?: number): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(done, timeoutMs);
      const self = this;
      function done(): void {
        clearTimeout(timer);
        self.#wake = undefined;
        resolve();
      }
      this.#wake = done;
    });
  }
}

/** Known from the walk, unless one of the stretches could not be walked. */
function contentOf(planned: readonly PlannedStretch[]): BatchContent | undefined {
  const pieces = planned.map((stretch) => stretch.pieces);
  return pieces.every((each) => each !== undefined) ? contentOfPieces(pieces.flat()) : undefined;
}
