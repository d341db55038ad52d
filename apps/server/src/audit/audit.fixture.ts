/** An audit log in a folder of its own: the real queue, trees and checkpoints, without HTTP and without an engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClock } from '@sillok/record';

import { dataPaths } from '../filenames.js';
import { createLog } from '../log.js';
import type { QueueHeader } from '../queue/header.js';
import { Queue } from '../queue/queue.js';
import { readBatches } from '../queue/read-batches.js';
import { AuditLog } from './audit-log.js';
import { Checkpoints } from './checkpoints.js';

export interface Entry {
  readonly project: string;
  readonly producer: string;
  readonly line: string;
}

export function auditLine(seq: number, more: Readonly<Record<string, string>> = {}): string {
  const time = `2026-11-21T10:00:00.${String(seq).padStart(9, '0')}Z`;
  const attributes = { 'audit.id': `id-${seq}`, 'audit.outcome': 'committed', ...more };
  return JSON.stringify({ seq, time, kind: 'audit', level: 'info', message: `change ${seq}`, attributes });
}

export class AuditFolder {
  readonly root: string;
  readonly #clock = createClock();
  #queue: Queue | undefined;
  #log: AuditLog | undefined;

  constructor(root: string = mkdtempSync(join(tmpdir(), 'sillok-audit-'))) {
    this.root = root;
  }

  get log(): AuditLog {
    this.#log ??= new AuditLog({
      directory: dataPaths(this.root).proof,
      queue: this.queue,
      log: createLog('silent'),
    });
    return this.#log;
  }

  get queue(): Queue {
    this.#queue ??= new Queue({
      directory: dataPaths(this.root).queue,
      boot: 'server',
      onFailure: (error) => {
        throw error;
      },
      tryFreeSpace: () => false,
    });
    return this.#queue;
  }

  get checkpoints(): Checkpoints {
    return new Checkpoints({
      directory: dataPaths(this.root).proof,
      auditLog: this.log,
      exportFile: '',
      log: createLog('silent'),
    });
  }

  /** Consecutive entries of one producer travel as one batch. */
  async add(entries: readonly Entry[]): Promise<void> {
    let batch: Entry[] = [];
    const flush = (): void => {
      const [first] = batch;
      if (first !== undefined) this.#append(first, batch);
      batch = [];
    };
    for (const entry of entries) {
      const last = batch.at(-1);
      if (last !== undefined && (last.producer !== entry.producer || last.project !== entry.project)) flush();
      batch.push(entry);
    }
    flush();
    await this.queue.sync(['audit']);
  }

  entries(): Entry[] {
    const directory = this.queue.directoryOf('audit');
    return [...readBatches({ directory })].flatMap(({ header, records }) =>
      records
        .toString('utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => ({ project: header.project, producer: header.producer, line })),
    );
  }

  /** What somebody does who has the disk: other records, with checksums that fit. The kept hashes may stay. */
  async rewrite(entries: readonly Entry[], keep: { readonly hashes: boolean }): Promise<void> {
    await this.close();
    const { queue, proof } = dataPaths(this.root);
    rmSync(queue, { recursive: true, force: true });
    if (!keep.hashes) rmSync(join(proof, 'state.json'), { force: true });
    await this.add(entries);
    if (!keep.hashes) this.log.catchUp();
    await this.close();
  }

  async close(): Promise<void> {
    this.#log?.close();
    this.#log = undefined;
    await this.#queue?.close();
    this.#queue = undefined;
  }

  async dispose(): Promise<void> {
    await this.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  #append({ project, producer }: Entry, batch: readonly Entry[]): void {
    const pieces = batch.map(({ line }) => Buffer.from(`${line}\n`));
    const header: QueueHeader = {
      sillok: 1,
      producer,
      boot: 'b1',
      resource: {},
      encoding: 'flat',
      project,
      class: 'audit',
      observed_time: this.#clock.now(),
      count: pieces.length,
      bytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
      seqs: [1, pieces.length],
    };
    this.queue.append(header, pieces);
  }
}
