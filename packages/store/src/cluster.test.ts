/**
 * Everything that the store says to a cluster, executed by a real engine that is a cluster of one node: Distributed tables, what
 * is inserted and read through them, migration, rebuild, retention. Two things need a keeper, which an engine inside a process
 * does not have: ON CLUSTER, which is cut off, and Replicated tables, which become plain ones. Both are parsed by the engine first.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testChunk, testRecord } from './chunk.fixture.js';
import { startTestEngine, type TestEngine } from './engine.fixture.js';
import { createStore, type Store } from './store.js';

const CLUSTER = 'main';
const isOwn = process.env['SILLOK_CLICKHOUSE_URL'] === undefined;
/** What stands in for a port: this node is the one that is meant, so nothing is connected to. */
const NODE = `<clickhouse><tcp_port>9000</tcp_port><remote_servers><${CLUSTER}><shard><replica>
  <host>127.0.0.1</host><port>9000</port></replica></shard></${CLUSTER}></remote_servers></clickhouse>`;

/** A cluster is asked with `cluster(…)`, which our engine grants to nobody. */
const RIGHTS = `<clickhouse><users><default>
  <grants replace="1"><query>GRANT ALL ON *.*</query></grants>
</default></users></clickhouse>`;

let engine: TestEngine;
let plain: Store;
let store: Store;
/** Every statement that names the cluster, as the store sent it. */
const said: string[] = [];

const keeper = createServer((asked, answer) => {
  void bodyOf(asked).then((body) => {
    const { method, url, headers } = asked;
    const { host: _, 'content-length': __, 'transfer-encoding': ___, ...kept } = headers;
    const passed = request(new URL(url ?? '/', engine.url), { method, headers: kept }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.end(withoutKeeper(body));
  });
});

async function bodyOf(asked: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  // A request without an encoding: Buffers.
  for await (const piece of asked) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function withoutKeeper(sql: string): string {
  if (sql.includes(' ON CLUSTER ')) said.push(sql);
  return sql
    .replaceAll(` ON CLUSTER '${CLUSTER}'`, '')
    .replace(/Replicated((?:Replacing)?MergeTree)\('[^']*', '[^']*'(?:, )?/, '$1(');
}

beforeAll(async () => {
  if (!isOwn) return;
  engine = await startTestEngine();
  // The engine merges what lies in these folders into its own configuration.
  const folder = join(engine.inbox, '..', 'engine');
  for (const [name, text] of Object.entries({ 'engine.d': NODE, 'engine-users.d': RIGHTS })) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'test.xml'), text);
  }
  engine = await engine.restart();
  keeper.listen(0, '127.0.0.1');
  await once(keeper, 'listening');
  // It listens on TCP, so it has an address with a port.
  const { port } = keeper.address() as AddressInfo;
  const { password } = engine;
  plain = createStore({ url: engine.url, password, filesShared: false });
  store = createStore({ url: `http://127.0.0.1:${port}`, password, cluster: CLUSTER, filesShared: false });
  await store.migrate();
});
afterAll(async () => {
  if (!isOwn) return;
  await store.close();
  await plain.close();
  keeper.closeAllConnections();
  keeper.close();
  await engine.stop();
});

async function ask(sql: string): Promise<unknown[][]> {
  return (await store.select({ sql, pool: 'system' })).rows;
}

function chunkOf(id: bigint, from: number, to: number): Parameters<Store['insertChunk']>[0] {
  const records = Array.from({ length: to - from + 1 }, (_unused, index) => testRecord(from + index));
  return testChunk({ id, batches: [{ records }] });
}

describe.runIf(isOwn)('a cluster of one node', () => {
  test('what is inserted into the Distributed table is on the shard when the insert answers, and a retry adds nothing', async () => {
    const engines = await ask(
      `SELECT name, engine FROM system.tables WHERE database = 'sillok' AND name LIKE 'records%' ORDER BY name`,
    );
    expect(engines).toEqual([
      ['records', 'Distributed'],
      ['records_local', 'MergeTree'],
    ]);
    const chunk = chunkOf(1n, 1, 100);
    expect(await store.insertChunk(chunk)).toEqual({ inserted: 100, present: 100 });
    expect(await ask('SELECT count() FROM sillok.records_local')).toEqual([[100]]);
    expect(await store.insertChunk({ ...chunk, retry: true })).toEqual({ inserted: 0, present: 100 });
    expect(await store.countBatches(1n, 1n)).toEqual(new Map([[1n, 100]]));
  });

  test('a filter on the table that readers name holds on the shards', async () => {
    await store.insertChunk(chunkOf(2n, 201, 210));
    const counted = store.select({
      sql: `SELECT batch, count() FROM ${store.table} GROUP BY batch ORDER BY batch`,
      pool: 'search',
      settings: { additional_table_filters: `{'sillok.records':'batch NOT IN (toUInt64(\\'2\\'))'}` },
    });
    expect((await counted).rows).toEqual([[1, 100]]);
  });

  test('the table is migrated, measured, rebuilt twice and loses a day as one that stands alone', async () => {
    await store.migrate();
    expect((await store.diskUsage()).rows).toBe(110);
    expect((await store.partitions()).map(({ class: name, day }) => [name, day])).toEqual([
      ['log', '2026-11-21'],
    ]);
    expect(await store.brokenParts()).toEqual([]);
    for (const [id, count] of [
      [3n, 30],
      [4n, 40],
    ] as const) {
      const rebuild = await store.beginRebuild();
      await rebuild.insertChunk(chunkOf(id, 1, count));
      expect(await rebuild.rows()).toBe(count);
      await rebuild.finish();
      expect(await ask(`SELECT count() FROM ${store.table}`)).toEqual([[count]]);
    }
    await store.dropDay('log', '2026-11-21');
    expect(await ask(`SELECT count() FROM ${store.table}`)).toEqual([[0]]);
  });

  test('every statement for all nodes is one that the engine’s parser reads, with its cluster', async () => {
    const verbs = new Set(said.map((sql) => sql.split(' ').slice(0, 2).join(' ')));
    for (const verb of ['CREATE DATABASE', 'CREATE TABLE', 'ALTER TABLE', 'DROP TABLE', 'EXCHANGE TABLES'])
      expect(verbs).toContain(verb);
    for (const sql of new Set(said))
      expect(await plain.formatQuery(sql)).toMatch(/ON CLUSTER (main|'main'|`main`)/);
    expect(said.some((sql) => sql.includes('ReplicatedMergeTree'))).toBe(true);
    expect(said.some((sql) => sql.includes('ReplicatedReplacingMergeTree'))).toBe(true);
  });
});
