/** The writer and what it tells others: visibility, metrics; and the comparison with the store when an engine starts. */
import type { Store } from '@sillok/store';

import type { DataPaths } from './filenames.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { Records } from './records.js';
import { markWaiting } from './state/waiting.js';
import { Progress } from './writer/progress.js';
import { Writer } from './writer/writer.js';

export interface Writing {
  /** The store answers (again): compare, then go on inserting. */
  attach(store: Store): Promise<void>;
  detach(): void;
  readonly progress: Progress;
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
  markWaiting(waiting, progress.visible);
  const inserted = metrics.counter('sillok_records_inserted_total', 'Records brought into the store');
  const writer = new Writer({
    reader: queue,
    progress,
    inboxDirectory: paths.inbox,
    filesShared,
    log,
    metrics,
    onStuck,
    onVisible: (positions) => visibility.advance(positions),
    onInserted: (_intent, { records: count }) => inserted.add(count),
  });
  queue.onSynced(() => writer.notify());

  /** The tables are derived: an empty one while there are records in the queue means that it has to be filled again. */
  async function compare(store: Store): Promise<void> {
    const { rows } = await store.select({ sql: `SELECT count() FROM ${store.table}`, pool: 'system' });
    const isEmpty = Number(rows[0]?.[0]) === 0;
    if (!isEmpty || !progress.hasVisible()) return;
    log.warn('the store is empty; it is filled again from the queue');
    progress.reset();
    visibility.reset();
    markWaiting(waiting, progress.visible);
  }

  return {
    progress,
    async attach(store) {
      await compare(store);
      writer.attach(store);
    },
    detach: () => writer.detach(),
    stop: () => writer.stop(),
  };
}
