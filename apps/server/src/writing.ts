/**
 * The writer and what it tells others, and the comparison of the store with the queue when an engine starts.
 *
 * The tables are derived. An empty store is filled again; batches of which rows are missing are inserted again; with
 * broken parts, of which nobody can tell what was in them, a fresh table is filled beside the old one and takes its place.
 */
import type { Kind } from '@sillok/record';
import type { Store } from '@sillok/store';

import { createAside } from './aside.js';
import type { DataPaths } from './filenames.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { Records } from './records.js';
import { markWaiting } from './state/waiting.js';
import type { BatchContent } from './writer/content.js';
import { Journal } from './writer/journal.js';
import { Progress, type Intent } from './writer/progress.js';
import { Writer } from './writer/writer.js';

export interface Writing {
  /** The store answers (again): compare, then go on inserting. */
  attach(store: Store): Promise<void>;
  detach(): void;
  readonly progress: Progress;
  /** Rows of that day were removed on purpose. */
  forgetDay(kind: Kind, day: string): void;
  stop(): Promise<void>;
}

export interface WritingOptions {
  readonly paths: DataPaths;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly records: Records;
  readonly filesShared: boolean;
  onStuck(): void;
}

export function startWriting(options: WritingOptions): Writing {
  return new WritingRoom(options);
}

class WritingRoom implements Writing {
  readonly progress: Progress;
  readonly #options: WritingOptions;
  readonly #journal: Journal;
  readonly #writer: Writer;
  #finishRefill: (() => Promise<void>) | undefined;
  #isCompared = false;

  constructor(options: WritingOptions) {
    const { paths, log, metrics, records, filesShared, onStuck } = options;
    this.#options = options;
    this.progress = new Progress(paths.writer, log);
    this.#journal = new Journal(paths.journal);
    const inserted = metrics.counter('sillok_records_inserted_total', 'Records brought into the store');
    const poisoned = metrics.counter('sillok_records_poison_total', 'Records that the engine cannot read');
    this.#markWaiting();
    this.#writer = new Writer({
      reader: records.queue,
      progress: this.progress,
      inboxDirectory: paths.inbox,
      filesShared,
      log,
      metrics,
      onStuck,
      aside: createAside({ path: paths.poison, log, counter: poisoned }),
      onVisible: (positions) => records.visibility.advance(positions),
      onHalf: (batches) => {
        records.visibility.halfInserted = batches;
      },
      onInserted: (intent, content) => {
        inserted.add(content.records);
        this.#journal.add(journalEntry(intent, content));
      },
      onCaughtUp: async () => this.#finishRefill?.(),
    });
    records.queue.onSynced(() => this.#writer.notify());
  }

  async attach(store: Store): Promise<void> {
    await this.#compare(store);
    if (this.progress.refilling) this.#writer.attach(store, await this.#refill(store));
    else this.#writer.attach(store);
  }

  detach(): void {
    this.#writer.detach();
  }

  forgetDay(kind: Kind, day: string): void {
    this.#journal.forgetDay(kind, day);
  }

  stop(): Promise<void> {
    return this.#writer.stop();
  }

  #markWaiting(): void {
    const { visibility, queue } = this.#options.records;
    markWaiting({ visibility, directoryOf: (kind) => queue.directoryOf(kind) }, this.progress.visible);
  }

  #startAgain(): void {
    this.progress.reset();
    this.#journal.clear();
    this.#writer.restart();
    this.#options.records.visibility.reset();
    this.#markWaiting();
  }

  async #compare(store: Store): Promise<void> {
    const { log } = this.#options;
    if (!this.progress.hasVisible() || this.progress.refilling) return;
    const { rows } = await store.select({ sql: `SELECT count() FROM ${store.table}`, pool: 'system' });
    if (Number(rows[0]?.[0]) === 0) {
      log.warn('the store is empty; it is filled again from the queue');
      this.#startAgain();
      return;
    }
    if (this.#isCompared) return;
    this.#isCompared = true;
    const broken = await store.brokenParts();
    if (broken.length > 0) {
      const parts = broken.map(({ name }) => name);
      log.error('the store has broken parts; a fresh table is filled from the queue', { parts });
      this.progress.refilling = true;
      this.#startAgain();
      await this.progress.save();
      return;
    }
    const lost = await lostBatches(store, this.#journal);
    this.#writer.repair(lost);
    if (lost.length === 0) return;
    log.warn('the store has lost rows; their batches are inserted again', { batches: lost.length });
  }

  /** Begun anew after each restart of the engine: what an interrupted one left is dropped. */
  async #refill(store: Store): Promise<Store['insertChunk']> {
    const rebuild = await store.beginRebuild();
    if (this.progress.hasVisible()) this.#startAgain();
    this.#finishRefill = async () => {
      this.#finishRefill = undefined;
      await rebuild.finish();
      this.progress.refilling = false;
      await this.progress.save();
      this.#writer.attach(store);
      this.#options.log.info('the store was filled again from the queue');
    };
    return (chunk) => rebuild.insertChunk(chunk);
  }
}

function journalEntry({ id, stretches }: Intent, { records, timeFrom, timeTo }: BatchContent) {
  const days: readonly [string, string] = [timeFrom.slice(0, 10), timeTo.slice(0, 10)];
  return { id, records, stretches, days };
}

async function lostBatches(store: Store, journal: Journal): Promise<Intent[]> {
  const { entries } = journal;
  const [first, last] = [entries[0], entries[entries.length - 1]];
  if (first === undefined || last === undefined) return [];
  const counts = await store.countBatches(BigInt(first.id), BigInt(last.id));
  const lost = entries.filter(({ id, records }) => (counts.get(BigInt(id)) ?? 0) < records);
  return lost.map(({ id, stretches }) => ({ id, stretches }));
}
