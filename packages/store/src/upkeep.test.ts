import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testChunk, testRecord } from './chunk.fixture.js';
import { startTestEngine, type TestEngine } from './engine.fixture.js';
import { createStore, type Store } from './store.js';

let engine: TestEngine;
let store: Store;

beforeAll(async () => {
  engine = await startTestEngine();
  const { url, password, isShared } = engine;
  store = createStore({ url, password, database: `upkeep_test_${process.pid}`, filesShared: isShared });
  await store.migrate();
});
afterAll(async () => {
  await store.close();
  await engine.stop();
});

test('partitions, disk usage and retention go by class and day', async () => {
  const batches = [
    { records: [testRecord(1), testRecord(2, { time: '2026-11-22T00:00:00.000000000Z' })] },
    { header: { class: "it's" }, records: [testRecord(1, { time: '2026-11-22T00:00:00.000000000Z' })] },
  ];
  await store.insertChunk(testChunk({ id: 1n, batches, inbox: engine.inbox }));
  const names = (list: { class: string; day: string; rows: number }[]): string[] =>
    list.map(({ class: name, day, rows }) => `${name} ${day} ${rows}`).sort();
  expect(names(await store.partitions())).toEqual([
    "it's 2026-11-22 1",
    'log 2026-11-21 1',
    'log 2026-11-22 1',
  ]);
  const usage = await store.diskUsage();
  expect(usage.rows).toBe(3);
  expect(usage.byClass.map(({ class: name, rows }) => [name, rows])).toEqual([
    ["it's", 1],
    ['log', 2],
  ]);
  expect(usage.free).toBeGreaterThan(0);
  await store.dropDay("it's", '2026-11-22');
  expect(names(await store.partitions())).toEqual(['log 2026-11-21 1', 'log 2026-11-22 1']);
  expect(await store.countBatches(0n, 9n)).toEqual(new Map([[1n, 2]]));
});

test('a rebuild answers with the old rows until it is finished', async () => {
  const rebuild = await store.beginRebuild();
  await rebuild.insertChunk(
    testChunk({ id: 77n, batches: [{ records: [testRecord(5)] }], inbox: engine.inbox }),
  );
  expect(await rebuild.rows()).toBe(1);
  expect((await store.countBatches(77n, 77n)).size).toBe(0);
  await rebuild.finish();
  expect(await store.countBatches(0n, 99n)).toEqual(new Map([[77n, 1]]));
});

test('poison is found line by line, and only poison', async () => {
  const chunk = testChunk({
    id: 9n,
    batches: [{ records: Array.from({ length: 500 }, (_, i) => testRecord(i + 1)) }],
  });
  const lines = Buffer.from('lines' in chunk.source ? chunk.source.lines : '')
    .toString()
    .split('\n');
  lines[17] = '{"seq":17,"time":"2299-99-01T00:00:00.000000000Z","kind":"log"}';
  lines[300] = '{"seq":300,"time":"2026-11-21T10:00:00.000000000Z","http.response.status_code":"x"}';
  lines[301] = '{"seq":301,"time":"2026-11-21T10:00';
  const found = await store.findPoison(Buffer.from(lines.join('\n')));
  expect(found.map(({ line }) => line)).toEqual([17, 300, 301]);
});

describe('the parser, for the guard', () => {
  test('normalises one statement', async () => {
    expect(await store.formatQuery(`select 1 -- ; drop table x\n, '\\t;' /* x */`)).toBe(`SELECT 1, '\\t;'`);
  });

  test.each(['SELECT 1; SELECT 2', 'SELECT', 'SELECT 1; '.repeat(2)])('refuses %s', async (sql) => {
    await expect(store.formatQuery(sql)).rejects.toMatchObject({ code: 'engine_refused' });
  });

  test('shows the tree and executes nothing', async () => {
    expect(await store.explainAst('SELECT throwIf(1)')).toContain('Function throwIf');
    await expect(store.explainAst('SELECT 1; SELECT 2')).rejects.toMatchObject({ engineCode: 62 });
  });
});
