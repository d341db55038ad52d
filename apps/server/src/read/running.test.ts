/** What every statement of a reader gets, whoever compiled it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../log.js';
import { startTestStore, testRecord, type TestStore } from './engine.fixture.js';
import { createRunning } from './running.js';

let made: TestStore;
let half: readonly string[] = [];

beforeAll(async () => {
  made = await startTestStore();
  for (const project of ['a', 'b'])
    for (const from of [1, 101])
      await made.insert({
        project,
        boot: `boot-${from}`,
        records: Array.from({ length: 100 }, (_unused, index) => testRecord(from + index)),
      });
});
afterAll(() => made.stop());

function running() {
  const state = { halfInserted: () => half };
  return createRunning({ store: () => made.store, state, log: createLog('silent') });
}

test('parts are not read ahead of the row that comes next, unless the statement says so', async () => {
  const sql = `SELECT toString(getSetting('read_in_order_use_buffering'))`;
  const { rows } = await running().run({ sql }, { project: 'a' });
  expect(rows).toEqual([['false']]);
  const own = await running().run({ sql, settings: { read_in_order_use_buffering: '1' } }, { project: 'a' });
  expect(own.rows).toEqual([['true']]);
});

test('the wall and the halves of batches hold together, for statements that name neither', async () => {
  const sql = `SELECT project, batch, count() FROM ${made.store.table} GROUP BY 1, 2 ORDER BY 1, 2`;
  const ask = async (wall?: string): Promise<unknown[][]> =>
    (await running().run({ sql, ...(wall !== undefined && { wall }) }, { project: 'a' })).rows;
  expect(await ask()).toEqual([
    ['a', 1, 100],
    ['a', 2, 100],
    ['b', 3, 100],
    ['b', 4, 100],
  ]);
  half = ['2', '4'];
  expect(await ask()).toEqual([
    ['a', 1, 100],
    ['b', 3, 100],
  ]);
  expect(await ask(`project = 'a'`)).toEqual([['a', 1, 100]]);
  half = [];
  expect(await ask(`project = 'a'`)).toHaveLength(2);
});
