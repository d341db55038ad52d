/** A real engine with a table of two projects, for the tests of the reading side. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '@sillok/engine';
import { encodeRecord, type FlatRecord } from '@sillok/record';
import { createStore, type Store } from '@sillok/store';

export interface TestStore {
  readonly store: Store;
  readonly directory: string;
  insert(batch: TestBatch): Promise<void>;
  stop(): Promise<void>;
}

export interface TestBatch {
  readonly project: string;
  readonly producer?: string;
  readonly boot?: string;
  readonly class?: string;
  readonly resource?: Readonly<Record<string, string | number | boolean>>;
  readonly records: readonly FlatRecord[];
}

export async function startTestStore(): Promise<TestStore> {
  const directory = mkdtempSync(join(tmpdir(), 'sillok-read-'));
  mkdirSync(join(directory, 'inbox'));
  const engine = await startEngine({
    dataDirectory: join(directory, 'engine'),
    inboxDirectory: join(directory, 'inbox'),
  });
  const store = createStore({
    url: engine.url,
    username: 'default',
    password: engine.secret,
    filesShared: true,
  });
  await store.migrate();
  let chunks = 0n;
  return {
    store,
    directory,
    async insert(batch) {
      chunks += 1n;
      await store.insertChunk(chunkOf(chunks, batch));
    },
    async stop() {
      await store.close();
      await engine.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function chunkOf(id: bigint, batch: TestBatch): Parameters<Store['insertChunk']>[0] {
  const header = {
    project: batch.project,
    class: batch.class ?? 'log',
    producer: batch.producer ?? 'orders-1',
    boot: batch.boot ?? 'boot-1',
    resource: batch.resource ?? { 'service.name': 'orders', 'host.name': 'h1' },
    observed_time: '2026-11-21T12:00:00.000000000Z',
  };
  const times = batch.records.map(({ time }) => time).sort();
  const lines = [
    JSON.stringify({ sillok: 1, ...header, encoding: 'flat' }),
    ...batch.records.map(encodeRecord),
  ];
  return {
    id,
    source: { lines: Buffer.from(lines.map((line) => `${line}\n`).join('')) },
    headers: [{ rowStart: 0, ...header }],
    records: batch.records.length,
    timeFrom: times[0] ?? '',
    timeTo: times.at(-1) ?? '',
    retry: false,
  };
}

/** One record; `minute` and `seq` place it on 21 November 2026. */
export function testRecord(seq: number, more: Partial<FlatRecord> = {}): FlatRecord {
  const two = (value: number): string => String(value % 60).padStart(2, '0');
  const time = `2026-11-21T10:${two(Math.floor(seq / 60))}:${two(seq)}.000000000Z`;
  return { seq, time, kind: 'log', level: 'info', message: `message ${seq}`, ...more };
}
