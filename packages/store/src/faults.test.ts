import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomRecords } from './random.fixture.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testChunk, testRecord } from './chunk.fixture.js';
import type { Chunk } from './chunk.js';
import { createStoreClient } from './client.js';
import { startTestEngine, type TestEngine } from './engine.fixture.js';
import { StoreError } from './errors.js';
import { insertChunk, statementId } from './insert.js';
import { createStore, type Store } from './store.js';

const database = `faults_test_${process.pid}`;
const RECORDS = 5_000;
let engine: TestEngine;
let store: Store;

beforeAll(async () => {
  engine = await startTestEngine();
  const { url, password, isShared } = engine;
  store = createStore({ url, password, database, filesShared: isShared });
  await store.migrate();
});
afterAll(async () => {
  await store.close();
  await engine.stop();
});

/** Big enough that an insert takes a while; spread over days, so that it is not one atomic part. */
function bigChunk(id: bigint, retry = false): Chunk {
  const records = createRandomRecords(RECORDS, { days: 20 });
  const batches = [{ records }];
  return { ...testChunk({ id, batches, inbox: engine.inbox }), retry };
}

async function rowsOf(id: bigint): Promise<[count: number, distinct: number]> {
  const sql = `SELECT count(), uniqExact(producer, boot, seq) FROM ${store.table} WHERE batch = ${id}`;
  const { rows } = await store.select({ sql, pool: 'system' });
  const [row] = rows;
  return [Number(row?.[0]), Number(row?.[1])];
}

describe.skipIf(process.env['SILLOK_CLICKHOUSE_URL'] !== undefined)('our own engine', () => {
  test('an engine killed in the middle of an insert loses and doubles nothing', async () => {
    let interrupted = 0;
    for (let round = 0; round < 3; round++) {
      const id = BigInt(100 + round);
      const chunk = bigChunk(id);
      const attempt = store.insertChunk(chunk).then(
        () => undefined,
        (error: unknown) => error,
      );
      await untilInserting(id);
      engine = await engine.restart();
      if ((await attempt) !== undefined) interrupted++;
      store.moveTo({ url: engine.url, password: engine.password });
      await store.insertChunk({ ...chunk, retry: true });
      expect(await rowsOf(id)).toEqual([RECORDS, RECORDS]);
    }
    expect(interrupted).toBeGreaterThan(0);
  });

  test('greedy readers run into their own limits, never the writer', async () => {
    const gone = new AbortController();
    const greedy = `SELECT length(groupArray(repeat(toString(number), 20))) FROM numbers(2000000)`;
    const reader = async (): Promise<void> => {
      while (!gone.signal.aborted) {
        const query = store.select({ sql: greedy, pool: 'search', signal: gone.signal });
        await query.catch((error: unknown) => expect(error).toBeInstanceOf(StoreError));
      }
    };
    const readers = Array.from({ length: 4 }, reader);
    for (const id of [601n, 602n, 603n]) await store.insertChunk(bigChunk(id));
    gone.abort();
    await Promise.all(readers);
    expect(await rowsOf(603n)).toEqual([RECORDS, RECORDS]);
  });

  /** Rows of the batch begin to be visible, or the insert has ended. */
  async function untilInserting(id: bigint): Promise<void> {
    for (;;) {
      const isInsert = `query LIKE '%toUInt64(${id})%' AND query NOT LIKE '%system.%'`;
      const sql = `SELECT count() FROM system.processes WHERE ${isInsert}`;
      const { rows } = await store.select({ sql, pool: 'system' });
      if (rows[0]?.[0] !== 0 || (await rowsOf(id))[0] > 0) return;
    }
  }

  test('a damaged part, which the engine sets aside without a word, is reported and its batch comes back', async () => {
    const chunk = testChunk({
      id: 500n,
      batches: [{ records: [testRecord(1, { time: '2026-03-03T00:00:00.000000000Z' })] }],
      inbox: engine.inbox,
    });
    await store.insertChunk(chunk);
    const { rows } = await store.select({
      sql: `SELECT path FROM system.parts
        WHERE active AND database = '${database}' AND partition LIKE '%20260303%'`,
      pool: 'system',
    });
    const path = String(rows[0]?.[0]);
    const data = readdirSync(path).find((name) => name.startsWith('data.'));
    truncateSync(join(path, data ?? ''), statSync(join(path, data ?? '')).size - 1);
    engine = await engine.restart();
    store.moveTo({ url: engine.url, password: engine.password });
    expect(await rowsOf(500n)).toEqual([0, 0]);
    expect((await store.brokenParts()).length).toBe(1);
    expect(await store.countBatches(500n, 500n)).toEqual(new Map());
    expect(await store.insertChunk({ ...chunk, retry: true })).toEqual({ inserted: 1, present: 1 });
  });
});

test('an insert that takes too long is killed before its error is told, and the retry is exact', async () => {
  const client = createStoreClient(engine);
  const deps = { client, table: store.table, filesShared: engine.isShared, cluster: false };
  const chunk = bigChunk(200n);
  const failed = await insertChunk({ ...deps, timeoutMs: 5 }, chunk).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failed).toMatchObject({ code: 'engine_unreachable' });
  expect(await store.kill(statementId(chunk))).toBe(true);
  await insertChunk(deps, { ...chunk, retry: true });
  expect(await rowsOf(200n)).toEqual([RECORDS, RECORDS]);
  await client.close();
});

test('two attempts at once: one is refused, nothing is doubled', async () => {
  const chunk = bigChunk(300n);
  const attempts = await Promise.allSettled([store.insertChunk(chunk), store.insertChunk(chunk)]);
  expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await rowsOf(300n)).toEqual([RECORDS, RECORDS]);
});

test('a cancelled SELECT is told as such and is gone', async () => {
  const gone = new AbortController();
  const sql = 'SELECT sum(sipHash64(number)) FROM numbers(100000000000)';
  const query = store.select({ sql, pool: 'user', queryId: 'cancelled-1', signal: gone.signal });
  gone.abort();
  await expect(query).rejects.toMatchObject({ code: 'cancelled' });
  expect(await store.kill('cancelled-1')).toBe(true);
});

test('limits are told apart from other errors', async () => {
  const sql = 'SELECT sum(sipHash64(number)) FROM numbers(100000000000)';
  const limited = store.select({ sql, pool: 'user', limits: { timeoutMs: 100 } });
  await expect(limited).rejects.toMatchObject({ code: 'limit_exceeded', engineCode: 159 });
});

test('an engine that is away is told as such', async () => {
  const away = createStore({ url: 'http://127.0.0.1:1', filesShared: false });
  expect(await away.ping()).toBe(false);
  await expect(away.select({ sql: 'SELECT 1', pool: 'system' })).rejects.toMatchObject({
    code: 'engine_unreachable',
  });
  await away.close();
});

test('64-bit integers keep every digit, and safe ones are numbers', async () => {
  const sql =
    'SELECT toUInt64(18446744073709551615), toInt64(-9007199254740991), toUInt64(7), CAST(5 AS Nullable(UInt64))';
  const { rows } = await store.select({ sql, pool: 'search' });
  expect(rows).toEqual([['18446744073709551615', -9007199254740991, 7, 5]]);
});
