/**
 * Callers and callees of one endpoint, two levels, over access records alone: `GET /api/impact` against `SELECT count()` over
 * the same records through the same server, and how the cost grows. Records are made in the engine: traces of ten requests
 * in a tree, 50 services, 500 endpoints. One endpoint asked about is in two of a hundred traces, the other in every one (of
 * which the server then takes every n-th).
 *
 *   node bench/impact.mjs                  1, 4 and 16 million access records
 *   node bench/impact.mjs --short          100,000 and 400,000
 *   --rounds N                             of which the median is shown (5)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient as createEngineClient } from '@clickhouse/client';
import { createClient } from '@sillok/api';
import { startEngine } from '@sillok/engine';
import { presetConfig, startServer } from '@sillok/server';
import { createStore } from '@sillok/store';

const short = process.argv.includes('--short');
const given = process.argv.indexOf('--rounds');
const rounds = given < 0 ? 5 : Number(process.argv[given + 1]);
const sizes = short ? [100_000, 400_000] : [1_000_000, 4_000_000, 16_000_000];
const PER_TRACE = 10;
const INSERT_ROWS = 100_000;
/** Records of now, a millisecond apart: older ones would expire while they are measured. */
const START_NS = BigInt(Date.now() - 6 * 3_600_000) * 1_000_000n;

const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-'));

const id = (expression) => `lower(hex(sipHash64(${expression})))`;
const trace = `intDiv(number, ${PER_TRACE})`;
const place = `number % ${PER_TRACE}`;
/** The first request of a trace is the gateway's, of one endpoint; request i is called by request (i - 1) / 2. */
const endpoint = `if(${place} = 0, 0, 1 + cityHash64(${trace}, ${place}) % 499)`;
const columns = {
  project: `'default'`,
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

/** Straight into the engine's folder, while the server is down. */
async function fill(from, to) {
  const engine = await startEngine({
    dataDirectory: join(folder, 'engine'),
    inboxDirectory: join(folder, 'inbox'),
  });
  const login = { url: engine.url, username: 'default', password: engine.secret };
  const store = createStore({ ...login, filesShared: true });
  await store.migrate();
  const client = createEngineClient(login);
  const names = Object.keys(columns).map((name) => `\`${name}\``);
  for (let start = from; start < to; start += INSERT_ROWS) {
    const count = Math.min(INSERT_ROWS, to - start);
    const rows = `SELECT number, ${endpoint} AS e FROM numbers(${start}, ${count})`;
    const values = Object.values(columns).join(', ');
    await client.command({
      query: `INSERT INTO ${store.table} (${names.join(', ')}) SELECT ${values} FROM (${rows})`,
    });
  }
  await client.close();
  await store.close();
  await engine.stop();
}

async function measure(size) {
  const server = await startServer(
    presetConfig({ port: 0, dataDirectory: folder, logLevel: 'error', ballastBytes: 0 }),
  );
  const client = createClient({ url: server.url, key: server.devKey });
  while (!(await client.ready()).ready) await new Promise((resolve) => setTimeout(resolve, 100));
  const rare = { service: 'service-7', route: '/r57', depth: 2 };
  const everywhere = { service: 'service-0', route: '/r0', depth: 2 };
  const times = { count: [], rare: [], everywhere: [] };
  let sample = 1;
  for (let round = 0; round < rounds; round += 1) {
    times.count.push(
      await timed(() => client.sql({ query: `SELECT count() FROM records WHERE kind = 'access'` })),
    );
    times.rare.push(await timed(() => found(client, rare)));
    times.everywhere.push(await timed(async () => (sample = (await found(client, everywhere)).sample)));
  }
  await server.close();
  const [count, few, all] = [median(times.count), median(times.rare), median(times.everywhere)];
  const perRecord = (ms) => ((ms * 1000) / size).toFixed(3);
  print([
    size,
    count.toFixed(0),
    few.toFixed(0),
    perRecord(few),
    all.toFixed(0),
    perRecord(all),
    sample.toFixed(3),
  ]);
}

async function found(client, asked) {
  const answer = await client.impact(asked);
  if (answer.callers.length + answer.callees.length === 0) throw new Error('nothing was found');
  return answer;
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const print = (cells) => process.stdout.write(`${cells.map((cell) => String(cell).padStart(14)).join('')}\n`);

print(['records', 'count() ms', 'rare ms', 'µs/record', 'everywhere ms', 'µs/record', 'its sample']);
let filled = 0;
for (const size of sizes) {
  await fill(filled, size);
  filled = size;
  await measure(size);
}
rmSync(folder, { recursive: true, force: true });
