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
  const { paths, log, metrics, records, filesShared, onStuck } = options;
  const { queue, visibility } = records;
  const waiting = { visibility, directoryOf: queue.directoryOf.bind(queue) };
  const progress = new Progress(paths.writer, log);
  const journal = new Journal(paths.journal);
  const inserted = metrics.counter('sillok_records_inserted_total', 'Records brought into the store');
  const poisoned = metrics.counter('sillok_records_poison_total', 'Records kept aside: the engine cannot read them');
  let finishRefill: (() => Promise<void>) | undefined;
  let isCompared = false;
  markWaiting(waiting, progress.visible);

  const writer = new Writer({
    reader: queue,
    progress,
    inboxDirectory: paths.inbox,
    filesShared,
    log,
    metrics,
    onStuck,
    aside: createAside({ path: paths.poison, log, counter: poisoned }),
    onVisible: (positions) => visibility.advance(positions),
    onInserted: (intent, content) => {
      inserted.add(content.records);
      journal.add(journalEntry(intent, content));
    },
    onCaughtUp: async () => finishRefill?.(),
  });
  queue.onSynced(() => writer.notify());

  function startAgain(): void {
    progress.reset();
    journal.clear();
    writer.restart();
    visibility.reset();
    markWaiting(waiting, progress.visible);
  }

  async function compare(store: Store): Promise<void> {
    if (!progress.hasVisible() || progress.refilling) return;
    const { rows } = await store.select({ sql: `SELECT count() FROM ${store.table}`, pool: 'system' });
    if (Number(rows[0]?.[0]) === 0) {
      log.warn('the store is empty; it is filled again from the queue');
      startAgain();
      return;
    }
    if (isCompared) return;
    isCompared = true;
    const broken = await store.brokenParts();
    if (broken.length > 0) {
      log.error('the store has broken parts; a fresh table is filled from the queue', { parts: broken.map(({ name }) => name) });
      progress.refilling = true;
      startAgain();
      await progress.save();
      return;
    }
    const lost = await lostBatches(store, journal);
    if (lost.length > 0) log.warn('the store has lost rows; their batches are inserted again', { batches: lost.length });
    writer.repair(lost);
  }

  /** Begun anew after each restart of the engine: what an interrupted one left is dropped. */
  async function refill(store: Store): Promise<Store['insertChunk']> {
    const rebuild = await store.beginRebuild();
    if (progress.hasVisible()) startAgain();
    finishRefill = async () => {
      finishRefill = undefined;
      await rebuild.finish();
      progress.refilling = false;
      await progress.save();
      writer.attach(store);
      log.info('the store was filled again from the queue');
    };
    return (chunk) => rebuild.insertChunk(chunk);
  }

  return {
    progress,
    async attach(store) {
      await compare(store);
      if (progress.refilling) writer.attach(store, await refill(store));
      else writer.attach(store);
    },
    detach: () => writer.detach(),
    forgetDay: (kind, day) => journal.forgetDay(kind, day),
    stop: () => writer.stop(),
  };
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
