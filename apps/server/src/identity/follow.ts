/**
 * The links of all projects, folded from the queue: what was acknowledged is here with the next look-up, and everything
 * here can be made again from the records.
 *
 * Only the stream of events is read, and of it only batches in which the name of such a record stands: that is a search
 * over bytes, so a flood of browser events costs reading it once more. What has expired from the queue stays in the file
 * of links.
 */
import { existsSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { decodeRecord } from '@sillok/record';
import { comparePositions, SPOOL_START, type SpoolPosition } from '@sillok/spool';

import { replaceFile } from '../durable-file.js';
import type { Log } from '../log.js';
import type { Counter } from '../metrics.js';
import type { Queue } from '../queue/queue.js';
import { readBatchGroups, type ReadBatchBlock } from '../queue/read-batches.js';
import { FOLLOW_INTERVAL_MS, HASHES_MAX, INDEXES_MAX, SAVE_INTERVAL_MS } from './limits.js';
import { PersonGraph } from './person-graph.js';

export interface FollowOptions {
  readonly path: string;
  readonly queue: Pick<Queue, 'directoryOf' | 'synced'>;
  readonly log: Log;
  /** Pseudonyms and indexes for which there was no room. */
  readonly refused: Counter;
}

const NEEDLE = Buffer.from('"event.name":"identity.');

export class LinkFollower {
  readonly #options: FollowOptions;
  readonly #graphs = new Map<string, PersonGraph>();
  readonly #timers: NodeJS.Timeout[] = [];
  #left = { hashes: HASHES_MAX, indexes: INDEXES_MAX };
  #position: SpoolPosition = SPOOL_START;
  #running: Promise<void> | undefined;
  #isChanged = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#load();
    const guarded = (work: () => Promise<void>) => () => {
      work().catch((error: unknown) =>
        options.log.error('links of people could not be followed; the records themselves are safe', {
          error,
        }),
      );
    };
    this.#timers.push(
      setInterval(
        guarded(() => this.catchUp()),
        FOLLOW_INTERVAL_MS,
      ),
    );
    this.#timers.push(
      setInterval(
        guarded(() => this.save()),
        SAVE_INTERVAL_MS,
      ),
    );
    for (const timer of this.#timers) timer.unref();
  }

  graph(project: string): PersonGraph {
    let graph = this.#graphs.get(project);
    if (graph === undefined) {
      graph = new PersonGraph({
        takeHash: () => this.#take('hashes'),
        takeIndex: () => this.#take('indexes'),
      });
      this.#graphs.set(project, graph);
    }
    return graph;
  }

  /** Takes in what was fsynced since. */
  async catchUp(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    const until = this.#options.queue.synced('event');
    if (comparePositions(this.#position, until) >= 0) return;
    this.#running = this.#follow(until).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async save(): Promise<void> {
    await this.catchUp();
    if (!this.#isChanged) return;
    this.#isChanged = false;
    await replaceFile(this.#options.path, this.#lines());
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.save();
  }

  async #follow(until: SpoolPosition): Promise<void> {
    const { queue, log } = this.#options;
    const directory = queue.directoryOf('event');
    const onDamage = (damage: object) =>
      log.error('the queue of events is damaged; links in that stretch are not known', { ...damage });
    for (const group of readBatchGroups({ directory, from: this.#position, until, onDamage })) {
      for (const batch of group.batches) this.#fold(batch);
      this.#position = group.to;
      // A start after a long stop has much to read, and requests must not wait for it.
      await nextTurn();
    }
    this.#position = until;
  }

  #fold({ header, records }: ReadBatchBlock): void {
    if (!records.includes(NEEDLE) || isFromBrowser(header)) return;
    const graph = this.graph(header.project);
    for (const line of records.toString('utf8').split('\n')) {
      if (!line.includes('"event.name":"identity.')) continue;
      const record = decodeRecord(line);
      const name = record['event.name'];
      if (name !== 'identity.link' && name !== 'identity.index') continue;
      graph.fold(record);
      this.#isChanged = true;
    }
  }

  #take(what: 'hashes' | 'indexes'): boolean {
    if (this.#left[what] === 0) {
      this.#options.refused.add(1);
      return false;
    }
    this.#left[what] -= 1;
    return true;
  }

  *#lines(): Generator<string> {
    yield `${JSON.stringify({ sillok_links: 1, position: this.#position })}\n`;
    for (const [project, graph] of this.#graphs) {
      for (const line of graph.lines()) yield `${JSON.stringify([project, ...line])}\n`;
    }
  }

  /** A file that cannot be read is no loss: the queue is read from its beginning. */
  #load(): void {
    const { path, log } = this.#options;
    if (!existsSync(path)) return;
    try {
      const [head = '', ...lines] = readFileSync(path, 'utf8').split('\n');
      const { sillok_links, position }: { sillok_links?: unknown; position?: SpoolPosition } =
        JSON.parse(head);
      if (sillok_links !== 1 || position === undefined) throw new Error('it is another file');
      for (const line of lines) {
        if (line === '') continue;
        const [project, ...rest]: string[] = JSON.parse(line);
        if (project !== undefined) this.graph(project).take(rest);
      }
      this.#position = position;
    } catch (error) {
      log.warn('the file of links is not whole: links are read from the queue again', { path, error });
      this.#graphs.clear();
      this.#left = { hashes: HASHES_MAX, indexes: INDEXES_MAX };
      this.#position = SPOOL_START;
    }
  }
}

/** Anybody can send events with a browser's key: what they say about people is not believed. */
function isFromBrowser({ resource, protocol }: ReadBatchBlock['header']): boolean {
  return protocol === 'browser' || resource['telemetry.sdk.name'] === 'sillok-browser';
}
