/**
 * One search language, two evaluators: random records and random searches, and what JavaScript matches must be what
 * the real engine finds, with its skip indexes and without them, in the same order, and the rows must come back as
 * the records that went in.
 *
 * Short by default; `SILLOK_FUZZ_SECONDS=600` runs longer, `SILLOK_FUZZ_SEED=…` repeats a run.
 */
import { compareKeys, compileMatcher, compileSearch, decodeRow, keyOf, parseQuery } from '@sillok/query';
import type { Query, Row } from '@sillok/query';
import { afterAll, expect, test } from 'vitest';
import { TestEngine } from '../packages/query/src/fixtures/engine.js';
import { createRandom, randomRows, type Random } from './lib/fuzz-records.js';
import { randomSearch } from './lib/fuzz-searches.js';

const seconds = Number(process.env['SILLOK_FUZZ_SECONDS'] ?? 15);
const seed = Number(process.env['SILLOK_FUZZ_SEED'] ?? Date.now() % 1_000_000_007);
const RECORDS = 400;
const SEARCHES_PER_TABLE = 150;
const NOW_NS = 1_795_255_200_000_000_000n;

const engine = new TestEngine();
afterAll(() => engine.close());

function engineSeqs(query: Query, settings: string): number[] {
  const { sql, params } = compileSearch(query, {
    project: 'shop',
    limit: 10_000,
    order: 'asc',
    nowNs: NOW_NS,
  });
  return engine.select(`SELECT seq FROM (${sql})`, params, settings).rows.map((row) => Number(row[0]));
}

function checkSearch(text: string, rows: readonly Row[]): boolean {
  const parsed = parseQuery(text);
  if (!parsed.ok) return false;
  const expected = rows.filter(compileMatcher(parsed.query, { nowNs: NOW_NS })).map((row) => row.record.seq);
  const context = `seed ${seed}, search: ${JSON.stringify(text)}`;
  expect(engineSeqs(parsed.query, ''), context).toEqual(expected);
  expect(engineSeqs(parsed.query, 'use_skip_indexes = 0'), `${context}, without indexes`).toEqual(expected);
  return expected.length > 0 && expected.length < rows.length;
}

function fillTable(random: Random): Row[] {
  engine.run('DROP TABLE IF EXISTS records SYNC');
  engine.createTable('records');
  const rows = randomRows(random, RECORDS);
  engine.insert('records', rows);
  return rows.sort((left, right) => compareKeys(keyOf(left), keyOf(right)));
}

function checkRows(rows: readonly Row[]): void {
  const parsed = parseQuery('');
  if (!parsed.ok) throw new Error('the empty search is valid');
  const { sql, params } = compileSearch(parsed.query, { project: 'shop', limit: 10_000, order: 'asc' });
  expect(engine.select(sql, params).rows.map(decodeRow), `seed ${seed}`).toEqual(rows);
}

test('JavaScript and the engine find the same records', { timeout: (seconds + 120) * 1000 }, () => {
  const random = createRandom(seed);
  const end = performance.now() + seconds * 1000;
  let searches = 0;
  let telling = 0;
  while (performance.now() < end) {
    const rows = fillTable(random);
    checkRows(rows);
    for (let count = 0; count < SEARCHES_PER_TABLE && performance.now() < end; count += 1) {
      searches += 1;
      if (checkSearch(randomSearch(random, rows), rows)) telling += 1;
    }
  }
  console.log(`seed ${seed}: ${searches} searches, ${telling} found some records and not others`);
  expect(telling).toBeGreaterThan(searches / 10);
});
