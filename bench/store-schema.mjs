/**
 * The store alone: insert speed, memory, disk by column and index, latency against `SELECT 1` through the same client,
 * and every index against the answer without it.
 *
 *   node bench/store-schema.mjs                       1,000,000 records
 *   node bench/store-schema.mjs --short               100,000
 *   --records N  --rounds N  --data DIR               DIR is kept, and used again if it is filled
 *   --variants                                        also: what each index and table setting costs at insert
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEngine } from '@sillok/engine';
import { compileSearch, compileStats, parseQuery } from '@sillok/query';
import { createStore } from '@sillok/store';

import { createChunks } from './realistic-lines.mjs';
import { costOfVariants } from './lib/store-variants.mjs';

const isShort = process.argv.includes('--short');
const option = (name, preset) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? preset : process.argv[index + 1];
};
const records = Number(option('records', isShort ? 100_000 : 1_000_000));
const rounds = Number(option('rounds', isShort ? 3 : 11));
const keptFolder = option('data', undefined);
const folder = keptFolder ?? mkdtempSync(join(tmpdir(), 'sillok-store-schema-'));
const isFilled = keptFolder !== undefined && existsSync(join(folder, 'engine'));
mkdirSync(folder, { recursive: true });

const print = (text) => process.stdout.write(`${text}\n`);
const MIB = 1024 * 1024;

const engine = await startEngine({ dataDirectory: join(folder, 'engine') });
const store = createStore({ url: engine.url, password: engine.secret, filesShared: true });
const rowsOf = async (sql) => (await store.select({ sql, pool: 'system' })).rows;

function memory() {
  const status = readFileSync(`/proc/${engine.pid}/status`, 'utf8');
  const kib = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return { resident: kib('VmRSS') / 1024, anonymous: kib('RssAnon') / 1024 };
}

function cpuSeconds() {
  const fields = readFileSync(`/proc/${engine.pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

async function fill() {
  const file = join(folder, 'chunk.ndjson');
  const peak = memory();
  const timer = setInterval(() => {
    const now = memory();
    peak.resident = Math.max(peak.resident, now.resident);
    peak.anonymous = Math.max(peak.anonymous, now.anonymous);
  }, 20);
  let seconds = 0;
  let cpu = 0;
  let bytes = 0;
  let id = 0n;
  for (const { text, headers, records: count, recordBytes, timeFrom, timeTo } of createChunks({ records })) {
    writeFileSync(file, text);
    const [started, cpuBefore] = [performance.now(), cpuSeconds()];
    await store.insertChunk({
      id: ++id,
      source: { file },
      headers,
      records: count,
      timeFrom,
      timeTo,
      retry: false,
    });
    seconds += (performance.now() - started) / 1000;
    cpu += cpuSeconds() - cpuBefore;
    bytes += recordBytes;
  }
  const started = performance.now();
  const cpuBefore = cpuSeconds();
  while (Number((await rowsOf('SELECT count() FROM system.merges'))[0][0]) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  clearInterval(timer);
  rmSync(file);
  writeFileSync(join(folder, 'bytes'), String(bytes));
  print(`lines                 ${records} of ${Math.round(bytes / records)} bytes in ${id} chunks`);
  print(
    `insert                ${Math.round(records / seconds)} rows/s, ${((cpu / records) * 1e6).toFixed(2)} µs of CPU per row, merges under way included`,
  );
  print(
    `merges afterwards     ${((performance.now() - started) / 1000).toFixed(1)} s, ${(((cpuSeconds() - cpuBefore) / records) * 1e6).toFixed(2)} µs of CPU per row`,
  );
  print(
    `peak memory           ${Math.round(peak.resident)} MiB resident, ${Math.round(peak.anonymous)} anonymous`,
  );
}

async function disk() {
  const bytes = Number(readFileSync(join(folder, 'bytes'), 'utf8'));
  const [[stored, rows, parts]] = await rowsOf(
    `SELECT sum(bytes_on_disk), sum(rows), count() FROM system.parts WHERE active AND database = 'sillok'`,
  );
  print(
    `disk                  ${(stored / rows).toFixed(1)} bytes per row in ${parts} parts: ${(stored / bytes).toFixed(3)} of the NDJSON (goal 0.16)`,
  );
  for (const [what, table, where] of [
    ['columns', 'columns', `table = 'records'`],
    ['indexes', 'data_skipping_indices', `table = 'records'`],
  ]) {
    const list = await rowsOf(`SELECT name, data_compressed_bytes FROM system.${table}
      WHERE database = 'sillok' AND ${where} AND data_compressed_bytes > 0 ORDER BY 2 DESC`);
    const text = list.map(([name, size]) => [name, size / rows]).filter(([, size]) => size >= 0.1);
    print(`  ${what}: ${text.map(([name, size]) => `${name} ${size.toFixed(1)}`).join(', ')}`);
  }
}

/** [name, search text, options, goal as a multiple of SELECT 1] */
function cases({ trace, span, user, word, middle }) {
  const day = { from: '2026-11-21T00:00:00.000000000Z', to: '2026-11-22T00:00:00.000000000Z' };
  return [
    ['trace lookup', `trace_id:${trace}`, { order: 'asc' }, 10],
    ['last 100', '', {}, 10],
    ['last 100 errors', 'level:error', {}, 10],
    ['cursor page', '', { cursor: middle }, 10],
    ['rare word', 'zanzibarite', {}, 20],
    ['Hangul inside a word', '낱말찾', {}, 20],
    ['word that is in none', 'nosuchwordatall', {}, undefined],
    ['bare id', trace, { order: 'asc' }, undefined],
    ['span', `span_id:${span}`, {}, undefined],
    ['user', `user_hash:${user}`, {}, undefined],
    ['attribute = number', 'order.id:123456', {}, undefined],
    ['attribute = text', `request.id:"${word}"`, {}, undefined],
    ['path', 'url.path:/orders/123456', {}, undefined],
    ['Hangul and level', 'level:error 비밀번호', {}, undefined],
    ['count per minute', '| stats count() by bin(1m)', day, undefined],
    ['top 10 by attribute', '| stats count() by region | sort -count() | limit 10', day, undefined],
    ['p99 by service', '| stats p99(duration_ms) by service.name', day, undefined],
  ].map(([name, text, options, goal]) => ({ name, goal, ...compile(text, options) }));
}

function compile(text, options) {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.errors)}`);
  const scope = { project: 'default', table: store.table, limit: 100, ...options };
  const isStats = parsed.query.stages.some(({ type }) => type === 'stats');
  return isStats ? compileStats(parsed.query, scope) : compileSearch(parsed.query, scope);
}

async function sampleRow() {
  const [[middle]] = await rowsOf(
    `SELECT toString(quantileDeterministic(toUnixTimestamp64Nano(time), seq)) FROM ${store.table}`,
  );
  const sql = `SELECT trace_id, span_id, user_hash, attributes['request.id'], toString(time), producer, boot, seq FROM ${store.table}
    WHERE toUnixTimestamp64Nano(time) >= ${Math.trunc(Number(middle))} AND kind = 'log' LIMIT 1`;
  const [[trace, span, user, word, time, producer, boot, seq]] = await rowsOf(sql);
  return { trace, span, user, word, middle: { time: `${time.replace(' ', 'T')}Z`, producer, boot, seq } };
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

async function latencies() {
  const all = [{ name: 'SELECT 1', sql: 'SELECT 1' }, ...cases(await sampleRow())];
  const measured = new Map(all.map(({ name }) => [name, []]));
  const last = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const { name, sql, params } of all) {
      const started = performance.now();
      last.set(
        name,
        await store.select({ sql, pool: 'search', ...(params === undefined ? {} : { params }) }),
      );
      measured.get(name).push(performance.now() - started);
    }
  }
  const base = median(measured.get('SELECT 1'));
  print('\nquery                      median    × SELECT 1   goal   rows read      MB read');
  for (const { name, goal } of all) {
    const time = median(measured.get(name));
    const { rows_read: rows, bytes_read: bytes } = last.get(name).statistics;
    const cells = [
      `${time.toFixed(2)} ms`,
      (time / base).toFixed(1),
      goal ?? '',
      rows,
      (bytes / 1e6).toFixed(2),
    ];
    print(`${name.padEnd(22)} ${cells.map((cell) => String(cell).padStart(11)).join(' ')}`);
  }
  return all.slice(1);
}

/** An index may only leave out what does not match. */
async function indexesAreRight(all) {
  let wrong = 0;
  // Approximate quantiles sample, so they differ from run to run.
  const exact = all.filter(({ sql }) => !/quantile/i.test(sql));
  for (const { name, sql, params } of exact) {
    const run = (settings) =>
      store.select({ sql, params, pool: 'search', settings, limits: { timeoutMs: 600_000 } });
    const [used, unused] = [await run({}), await run({ use_skip_indexes: '0' })];
    if (JSON.stringify(used.rows) === JSON.stringify(unused.rows)) continue;
    wrong++;
    print(`WRONG with indexes: ${name}: ${used.rows.length} rows, without ${unused.rows.length}`);
  }
  print(`\nanswers with and without indexes: ${exact.length - wrong} of ${exact.length} equal`);
  if (wrong > 0) process.exitCode = 1;
}

try {
  await store.migrate();
  if (!isFilled) await fill();
  await disk();
  await indexesAreRight(await latencies());
  if (process.argv.includes('--variants'))
    await costOfVariants({ folder, print, records: Math.min(records, 300_000) });
  print(
    `\nengine now            ${Math.round(memory().resident)} MiB resident (${(process.memoryUsage.rss() / MIB).toFixed(0)} in this process)`,
  );
} finally {
  await store.close();
  await engine.stop();
  if (keptFolder === undefined) rmSync(folder, { recursive: true, force: true });
}
