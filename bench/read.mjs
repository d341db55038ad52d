/**
 * Reading over HTTP: pages of search against `SELECT 1` through the same client (and, beside it, the one of the bare engine
 * through the store's own HTTP client), and counting against the bare engine with the best query that can be written by hand.
 * Interleaved rounds, medians.
 *
 *   node bench/read.mjs                    10,000,000 records over one day, 15 rounds
 *   node bench/read.mjs --short            200,000 records, 5 rounds
 *   --records N  --rounds N  --data DIR    DIR is kept, and used again if it is filled
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { presetConfig, startServer } from '@sillok/server';

import { fill } from './lib/fill.mjs';

const short = process.argv.includes('--short');
const option = (name, preset) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? preset : process.argv[index + 1];
};
const records = Number(option('records', short ? 200_000 : 10_000_000));
const rounds = Number(option('rounds', short ? 5 : 15));
const keptFolder = option('data', undefined);
const day = Date.UTC(2026, 10, 20);
const range = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };

const folder = keptFolder ?? mkdtempSync(join(tmpdir(), 'sillok-bench-'));
const isFilled = keptFolder !== undefined && existsSync(join(folder, 'queue'));
mkdirSync(folder, { recursive: true });
const server = await startServer(
  presetConfig({ port: 0, dataDirectory: folder, logLevel: 'error', ballastBytes: 0 }),
);
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

function call({ method = 'GET', path, body, headers = {} }) {
  return new Promise((resolve, reject) => {
    const options = { method, agent, headers: { authorization: `Bearer ${server.devKey}`, ...headers } };
    const sent = request(server.url + path, options, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        if (response.statusCode === 429)
          setTimeout(() => call({ method, path, body, headers }).then(resolve, reject), 200);
        else if (response.statusCode !== 200)
          reject(new Error(`${path}: ${response.statusCode} ${text.slice(0, 500)}`));
        else resolve(JSON.parse(text));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const packed = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
const search = (query) => call({ path: `/api/search?${new URLSearchParams(query)}` });
const sql = (query) =>
  call({
    method: 'POST',
    path: '/api/sql',
    body: JSON.stringify({ query }),
    headers: { 'content-type': 'application/json' },
  });

async function fillAll() {
  const post = (body) => call({ method: 'POST', path: '/v1/records', body, headers: packed });
  await fill({ records, startMs: day, perSecond: records / 86_400, post });
  while ((await search({ limit: 1 })).freshness.lag_ms > 0)
    await new Promise((resolve) => setTimeout(resolve, 200));
}

async function untilReady() {
  for (;;) {
    if ((await fetch(`${server.url}/readyz`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

/** Rounds of all contestants in turn, so that what else the machine does meets all of them. */
async function measure(contestants) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const start = performance.now();
      await run();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

function report(name, ms, { against, limit, note = '' }) {
  const ratio = ms / against;
  const verdict = ratio <= limit ? 'ok' : 'MISSED';
  console.log(
    `${name.padEnd(34)} ${ms.toFixed(1).padStart(9)} ms  ${ratio.toFixed(2).padStart(6)}×  (at most ${limit}×) ${verdict}${note}`,
  );
}

const table = () => server.deps.store().table;
const bare = (text) => server.deps.store().select({ sql: text, pool: 'search' });
const inDay = () =>
  `FROM ${table()} WHERE project = 'default' AND time >= '2026-11-20 00:00:00' AND time < '2026-11-21 00:00:00'`;

try {
  await untilReady();
  const began = performance.now();
  if (!isFilled) await fillAll();
  console.log(
    `${records} records, ${isFilled ? 'there already' : `sent and visible after ${((performance.now() - began) / 1000).toFixed(0)} s`}`,
  );

  const some = (await search({ limit: 1, from: '2026-11-20T12:00:00Z', order: 'asc' })).records[0];
  const first = await search({ limit: 100, q: 'kind:access' });
  const pages = {
    'SELECT 1': () => sql('SELECT 1'),
    'SELECT 1, bare engine': () => bare('SELECT 1'),
    'last 100': () => search({ limit: 100 }),
    'last 100 errors': () => search({ limit: 100, q: 'level:error' }),
    'trace lookup': () => search({ limit: 100, q: `trace_id:${some.trace_id}` }),
    'cursor page': () => search({ limit: 100, q: 'kind:access', cursor: first.next }),
    'rare word': () => search({ limit: 100, q: 'zanzibarite' }),
    'Hangul inside a word': () => search({ limit: 100, q: '한낱말' }),
  };
  const found = await pages['rare word']();
  console.log(
    `trace ${(await pages['trace lookup']()).records.length}, rare word ${found.records.length}, Hangul ${(await pages['Hangul inside a word']()).records.length} records found`,
  );
  const medians = await measure(pages);
  const { 'SELECT 1': one, 'SELECT 1, bare engine': bareOne, ...rest } = medians;
  console.log(
    `SELECT 1 through the server: ${one.toFixed(2)} ms; at the engine alone: ${bareOne.toFixed(2)} ms`,
  );
  for (const [name, ms] of Object.entries(rest)) {
    const limit = name === 'rare word' || name.startsWith('Hangul') ? 20 : 10;
    report(name, ms, { against: one, limit, note: `, ${(ms / bareOne).toFixed(1)}× the bare engine's` });
  }

  const counting = {
    'count per minute of a day': [
      () => search({ ...range, q: '| stats count() by bin(1m)' }),
      () => bare(`SELECT toStartOfMinute(time) AS m, count() ${inDay()} GROUP BY m ORDER BY m`),
    ],
    'top 10 routes': [
      () => search({ ...range, q: '| stats count() by http.route | limit 10' }),
      () => bare(`SELECT \`http.route\` AS r, count() AS n ${inDay()} GROUP BY r ORDER BY n DESC LIMIT 10`),
    ],
    'top 10 by a mapped attribute': [
      () => search({ ...range, q: '| stats count() by member.tier | limit 10' }),
      () =>
        bare(
          `SELECT attributes['member.tier'] AS r, count() AS n ${inDay()} GROUP BY r ORDER BY n DESC LIMIT 10`,
        ),
    ],
    'p99 by service': [
      () => search({ ...range, q: '| stats p99(duration_ms) by service.name' }),
      () => bare(`SELECT \`service.name\` AS s, quantile(0.99)(duration_ms) ${inDay()} GROUP BY s`),
    ],
    'top 10 routes in SQL': [
      () =>
        sql(
          `SELECT attributes['http.route'] AS r, count() AS n FROM records WHERE time >= '2026-11-20' AND time < '2026-11-21' GROUP BY r ORDER BY n DESC LIMIT 10`,
        ),
      () => bare(`SELECT \`http.route\` AS r, count() AS n ${inDay()} GROUP BY r ORDER BY n DESC LIMIT 10`),
    ],
  };
  const pairs = Object.entries(counting).flatMap(([name, [ours, engine]]) => [
    [name, ours],
    [`${name}, bare`, engine],
  ]);
  const counted = await measure(Object.fromEntries(pairs));
  for (const name of Object.keys(counting))
    report(name, counted[name], { against: counted[`${name}, bare`], limit: 1.2 });
} finally {
  await server.close();
  agent.destroy();
  if (keptFolder === undefined) rmSync(folder, { recursive: true, force: true });
}
