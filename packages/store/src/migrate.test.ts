import { afterAll, beforeAll, expect, test } from 'vitest';
import { testChunk, testRecord } from './chunk.fixture.js';
import { createStoreClient, type Client } from './client.js';
import { COLUMNS } from './columns.js';
import { startTestEngine, type TestEngine } from './engine.fixture.js';
import { INDEXES } from './schema.js';
import { createStore, type Store } from './store.js';

const database = `migrate_test_${process.pid}`;
let engine: TestEngine;
let store: Store;
let client: Client;

beforeAll(async () => {
  engine = await startTestEngine();
  const { url, password, isShared } = engine;
  store = createStore({ url, password, database, filesShared: isShared });
  client = createStoreClient({ url, password });
  await store.migrate();
});
afterAll(async () => {
  await store.close();
  await client.close();
  await engine.stop();
});

async function names(table: string): Promise<string[]> {
  const where = `database = '${database}' AND table = 'records'`;
  const sql = `SELECT name FROM system.${table} WHERE ${where} ORDER BY name`;
  const { rows } = await store.select({ sql, pool: 'system' });
  return rows.map(([name]) => String(name));
}

function sorted(list: readonly { name: string }[]): string[] {
  return list.map(({ name }) => name).sort();
}

test('an older table gets the columns and indexes of this version, and keeps its rows', async () => {
  await store.insertChunk(
    testChunk({ id: 1n, batches: [{ records: [testRecord(1)] }], inbox: engine.inbox }),
  );
  const alter = (action: string): Promise<string> =>
    client.text({
      sql: `ALTER TABLE ${store.table} ${action}`,
      pool: 'system',
      settings: { mutations_sync: '1' },
    });
  await alter('DROP INDEX index_names');
  await alter('DROP INDEX index_http_route');
  await alter('ADD INDEX index_http_route `http.route` TYPE set(2) GRANULARITY 1');
  await alter('ADD INDEX index_of_old level TYPE minmax GRANULARITY 1');
  await alter('DROP COLUMN `db.query.text`');
  await store.migrate();
  expect(await names('columns')).toEqual(sorted(COLUMNS));
  expect(await names('data_skipping_indices')).toEqual(sorted(INDEXES));
  const { rows } = await store.select({
    sql: `SELECT type_full FROM system.data_skipping_indices
      WHERE database = '${database}' AND name = 'index_http_route'`,
    pool: 'system',
  });
  expect(rows).toEqual([['bloom_filter(0.01)']]);
  expect(await store.countBatches(1n, 1n)).toEqual(new Map([[1n, 1]]));
});

test('the DDL of a cluster has replicated and distributed tables', () => {
  const cluster = createStore({ url: 'http://127.0.0.1:1', cluster: 'main', filesShared: false });
  const [first, local, distributed] = cluster.ddl();
  expect(first).toBe(`CREATE DATABASE IF NOT EXISTS \`sillok\` ON CLUSTER 'main'`);
  expect(local).toContain(`ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')`);
  expect(distributed).toContain(`Distributed('main', 'sillok', 'records_local', cityHash64(producer, boot))`);
});

test('the engine accepts every statement of a cluster as one statement', async () => {
  const cluster = createStore({ url: 'http://127.0.0.1:1', cluster: 'main', filesShared: false });
  for (const statement of cluster.ddl()) expect(await store.formatQuery(statement)).toContain('main');
});
