/**
 * Callers and callees of one endpoint, two levels, over access records alone: the statements of `GET /api/impact` against
 * `SELECT count()` over the same records, and how the cost grows. Records are made in the engine: traces of ten requests in
 * a tree, 50 services, 500 endpoints. One endpoint asked about is in two of a hundred traces, the other in every one.
 *
 *   node bench/impact.mjs                  1, 4 and 16 million access records
 *   node bench/impact.mjs --short          100,000 and 400,000
 *   --rounds N                             of which the median is shown (5)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient } from '@clickhouse/client';
import { startEngine } from '@sillok/engine';
import { compileEndpointNames, compileHopCount, compileImpact, compileVersionNames } from '@sillok/query';
import { createStore } from '@sillok/store';

const short = process.argv.includes('--short');
const given = process.argv.indexOf('--rounds');
const rounds = given < 0 ? 5 : Number(process.argv[given + 1]);
const sizes = short ? [100_000, 400_000] : [1_000_000, 4_000_000, 16_000_000];
const PER_TRACE = 10;
const INSERT_ROWS = 1_000_000;
const START_NS = 1_763_712_000_000_000_000n;

const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-'));
const engine = await startEngine({ dataDirectory: join(folder, 'engine') });
const store = createStore({
  url: engine.url,
  username: 'default',
  password: engine.secret,
  filesShared: true,
});
await store.migrate();
const client = createClient({ url: engine.url, username: 'default', password: engine.secret });

const id = (expression) => `lower(hex(sipHash64(${expression})))`;
const trace = `intDiv(number, ${PER_TRACE})`;
const place = `number % ${PER_TRACE}`;
/** The first request of a trace is the gateway's, of one endpoint; request i is called by request (i - 1) / 2. */
const endpoint = `if(${place} = 0, 0, 1 + cityHash64(${trace}, ${place}) % 499)`;
const columns = {
  project: `'bench'`,
  class: `'access'`,
  time: `fromUnixTimestamp64Nano(toInt64(${START_NS} + number * 1000000), 'UTC')`,
  producer: `concat('service-', toString(e % 50))`,
  boot: `'b'`,
  seq: 'number',
  kind: `'access'`,
  level: `'info'`,
  message: `concat('GET /r', toString(e), ' 200')`,
  trace_id: `concat(${id(trace)}, ${id(`${trace} + 1000000000`)})`,
  span_id: id(`(${trace}, toUInt64(${place}))`),
  parent_span_id: `if(${place} = 0, '', ${id(`(${trace}, toUInt64(intDiv(${place} - 1, 2)))`)})`,
  'service.name': `concat('service-', toString(e % 50))`,
  'service.version': `'1.0.0'`,
  duration_ms: '5',
  'http.request.method': `'GET'`,
  'http.route': `concat('/r', toString(e))`,
  'http.response.status_code': '200',
  batch: 'number',
};

async function fill(from, to) {
  const names = Object.keys(columns).map((name) => `\`${name}\``);
  for (let at = from; at < to; at += INSERT_ROWS) {
    const count = Math.min(INSERT_ROWS, to - at);
    const rows = `SELECT number, ${endpoint} AS e FROM numbers(${at}, ${count})`;
    await client.command({
      query: `INSERT INTO ${store.table} (${names.join(', ')}) SELECT ${Object.values(columns).join(', ')} FROM (${rows})`,
    });
  }
}

async function timed(work) {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const run = (statement, settings = {}) =>
  store.select({
    ...statement,
    settings,
    pool: 'search',
    limits: { memoryBytes: 402_653_184, timeoutMs: 120_000 },
  });

async function answer(asked, total) {
  const common = { project: 'bench', table: store.table, nowNs: 0n, slice: {} };
  const spill = { max_bytes_before_external_group_by: '134217728' };
  const impact = compileImpact({
    ...common,
    endpoint: asked,
    depth: 2,
    every: 1,
    traceNodes: 3000,
    rows: 20_000,
  });
  await run(compileHopCount(common));
  const [found] = await Promise.all([
    run(impact, spill),
    run(compileEndpointNames({ ...common, rows: 8000 })),
    run(compileVersionNames({ ...common, rows: 4000 })),
  ]);
  if (found.rows.length < 2) throw new Error(`nothing found among ${total}`);
  return found.rows.length;
}

const rare = { service: 'service-7', route: '/r57', method: 'GET' };
const everywhere = { service: 'service-0', route: '/r0', method: 'GET' };
const print = (cells) => process.stdout.write(`${cells.map((cell) => String(cell).padStart(14)).join('')}\n`);
print(['records', 'count() ms', 'rare ms', 'µs/record', 'everywhere ms', 'µs/record']);
let filled = 0;
for (const size of sizes) {
  await fill(filled, size);
  filled = size;
  const line = { count: [], rare: [], everywhere: [] };
  const rows = { sql: `SELECT count() FROM ${store.table} WHERE kind = 'access' AND project = 'bench'` };
  for (let round = 0; round < rounds; round += 1) {
    line.count.push((await timed(() => run(rows))).ms);
    line.rare.push((await timed(() => answer(rare, size))).ms);
    line.everywhere.push((await timed(() => answer(everywhere, size))).ms);
  }
  const [count, few, all] = [median(line.count), median(line.rare), median(line.everywhere)];
  print([
    size,
    count.toFixed(1),
    few.toFixed(0),
    ((few * 1000) / size).toFixed(3),
    all.toFixed(0),
    ((all * 1000) / size).toFixed(3),
  ]);
}
await client.close();
await store.close();
await engine.stop();
rmSync(folder, { recursive: true, force: true });
