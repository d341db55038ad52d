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
import { setTimeout as delay } from 'node:timers/promises';

import type { Kind } from '@sillok/record';
import type { SpoolPosition } from '@sillok/spool';
import { StoreError, type Store } from '@sillok/store';

import type { Aside } from '../aside.js';
import { INSERT_INTERVAL_MS, INSERT_RETRY_MS_MAX, INSERT_RETRY_MS_MIN, STOP_TIMEOUT_MS } from '../limits.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { contentOfPieces, readContent, type BatchContent } from './content.js';
import { planBatch, type PlannedStretch, type QueueReader } from './plan.js';
import { withoutPoison } from './poison.js';
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
  /** Of these the store may have a part. */
  onHalf(batches: readonly string[]): void;
  onInserted(intent: Intent, content: BatchContent): void;
  readonly aside: Aside;
  /** Everything that waited is in the store. Called each time the writer has caught up. */
  onCaughtUp(): Promise<void>;
  /** An insert does not end, whatever is tried: replace the engine. */
  onStuck(): void;
}

export class Writer {
  readonly #options: WriterOptions;
  #store: Store | undefined;
  /** Batches that the store has lost: inserted again, whatever of them is missing, before anything else. */
  #repairs: Intent[] = [];
  #insertChunk: Store['insertChunk'] | undefined;
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
  #backoff = new AbortController();

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#isRetry = options.progress.intent !== undefined;
    rmSync(options.inboxDirectory, { recursive: true, force: true });
    mkdirSync(options.inboxDirectory, { recursive: true });
  }

  /** The store answers from now on (again). `insertChunk`: into another table, while the store is filled anew. */
  attach(store: Store, insertChunk: Store['insertChunk'] = (chunk) => store.insertChunk(chunk)): void {
    this.#store = store;
    this.#insertChunk = insertChunk;
    this.#failures = 0;
    this.#backoff.abort();
    this.#running ??= this.#run();
    this.notify();
  }

  detach(): void {
    this.#store = undefined;
  }

  repair(batches: readonly Intent[]): void {
    this.#repairs.push(...batches);
  }

  /** The intent is void: everything is inserted again. */
  restart(): void {
    this.#options.onHalf([]);
    this.#content = undefined;
    this.#isRetry = false;
    this.#repairs = [];
  }

  /** Something was fsynced. */
  notify(): void {
    this.#wake?.();
  }

  /** Waits for the insert that is under way, but not for an engine that is stuck: the next start completes its batch. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#backoff.abort();
    this.notify();
    const timeout = new AbortController();
    const given = delay(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined);
    await Promise.race([this.#running, given]);
    timeout.abort();
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
        if (await this.#step(store)) continue;
        await this.#options.onCaughtUp();
        await this.#sleep();
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  /** One batch. False when nothing waits. */
  async #step(store: Store): Promise<boolean> {
    const { progress, reader } = this.#options;
    if (this.#repairs.length > 0) return this.#repairNext(store);
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
    // An attempt of an earlier life of this process.
    if (this.#isRetry) this.#options.onHalf([String(intent.id)]);
    this.#content ??= this.#readAgain(intent);
    await this.#insert(store, intent);
    const content = this.#content;
    const ms = Math.round(performance.now() - this.#lastInsertMs);
    this.#options.log.debug('a batch is in the store', {
      records: content.records,
      ms,
      batches: content.headers.length,
    });
    progress.finish(intent);
    this.#options.onHalf([]);
    this.#succeeded();
    this.#options.onInserted(intent, content);
    this.#options.onVisible(progress.visible);
    return true;
  }

  async #repairNext(store: Store): Promise<boolean> {
    const [intent] = this.#repairs;
    if (intent === undefined) return false;
    this.#content = this.#readAgain(intent);
    this.#isRetry = true;
    await this.#insert(store, intent);
    this.#repairs.shift();
    this.#succeeded();
    this.#isRetry = this.#options.progress.intent !== undefined;
    return true;
  }

  #succeeded(): void {
    this.#content = undefined;
    this.#failures = 0;
    this.#isRetry = false;
    this.#isGentle = false;
  }

  #readAgain({ stretches }: Intent): BatchContent {
    const { reader, log } = this.#options;
    return readContent(reader, stretches, (kind, damage) => {
      log.error('a stretch of the queue is damaged; its records cannot be inserted', { kind, ...damage });
    });
  }

  /** With records that the engine cannot read taken out, when there are any. */
  async #insert(store: Store, intent: Intent): Promise<void> {
    try {
      await this.#attempt(intent);
    } catch (error) {
      const isPoisoned =
        error instanceof StoreError && error.code === 'bad_record' && this.#content !== undefined;
      if (!isPoisoned || this.#content === undefined) throw error;
      this.#content = await withoutPoison(store, this.#content, this.#options.aside);
      await this.#attempt(intent);
    }
  }

  async #attempt(intent: Intent): Promise<void> {
    const { filesShared, inboxDirectory } = this.#options;
    const content = this.#content;
    if (content === undefined || content.records === 0) return;
    const { headers, records, timeFrom, timeTo, inPlace } = content;
    const known = { id: BigInt(intent.id), headers, records, timeFrom, timeTo };
    const chunk = { ...known, retry: this.#isRetry, gentle: this.#isGentle };
    const copy = join(inboxDirectory, `${intent.id}.ndjson`);
    if (filesShared && inPlace === undefined) await content.copyTo(copy);
    const source = filesShared ? { file: inPlace ?? copy } : { lines: await content.lines() };
    this.#isRetry = true;
    try {
      await this.#insertChunk?.({ ...chunk, source });
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'rows_surplus') throw error;
      // More rows than records: nothing that is tried again makes them fewer. Told, and passed.
      this.#options.log.error('the store has more rows of a batch than it should', {
        batch: intent.id,
        error,
      });
    } finally {
      if (filesShared && inPlace === undefined) await rm(copy, { force: true });
    }
  }

  async #recover(error: unknown): Promise<void> {
    const { log, metrics, onStuck, onHalf, progress } = this.#options;
    this.#failures += 1;
    if (this.#isRetry && progress.intent !== undefined) onHalf([String(progress.intent.id)]);
    metrics.counter('sillok_insert_failures_total', 'Attempts to insert a batch that failed').add();
    const code = error instanceof StoreError ? error.code : 'unknown';
    log.warn('an insert failed; it is tried again, records are safe in the queue', { code, error });
    if (code === 'insert_still_running') onStuck();
    if (code === 'limit_exceeded') this.#isGentle = true;
    const delayMs = Math.min(INSERT_RETRY_MS_MAX, INSERT_RETRY_MS_MIN * 2 ** Math.min(this.#failures, 10));
    // Not woken by each fsync: under load that would be no pause at all.
    this.#backoff = new AbortController();
    await delay(delayMs, undefined, { signal: this.#backoff.signal }).catch(() => undefined);
  }

  /** Small batches wait for company: each makes parts in the store. */
  async #pace(): Promise<void> {
    const waitMs = this.#lastInsertMs + INSERT_INTERVAL_MS - performance.now();
    if (waitMs > 0 && !this.#stopping) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  /** Until something was fsynced, the store is back, or the writer is to stop. */
  #sleep(): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** Known from the walk, unless one of the stretches could not be walked. */
function contentOf(planned: readonly PlannedStretch[]): BatchContent | undefined {
  const pieces = planned.map((stretch) => stretch.pieces);
  return pieces.every((each) => each !== undefined) ? contentOfPieces(pieces.flat()) : undefined;
}
