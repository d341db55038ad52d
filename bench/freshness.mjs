/**
 * Freshness: from the answer "acknowledged" until a search with `after=` that record answers, at a steady 5,000 records
 * per second. The limit is 1 s at the 99th percentile.
 *
 *   node bench/freshness.mjs          60 s
 *   node bench/freshness.mjs --short  8 s
 *   --rate N  --seconds N             another load
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createTraffic } from './realistic-lines.mjs';

const short = process.argv.includes('--short');
const option = (name, preset) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? preset : Number(process.argv[index + 1]);
};
const rate = option('rate', 5000);
const seconds = option('seconds', short ? 8 : 60);
const batchRecords = 100;
/** One batch in ten asks: the questions themselves must not be the load. */
const measuredEvery = 10;
const limitMs = 1000;
const serverMain = join(dirname(fileURLToPath(import.meta.url)), '..', 'apps', 'server', 'dist', 'serve.js');

const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-'));
// A process of its own, so that this one's work does not stand in the server's way of answering.
const child = spawn(process.execPath, [serverMain, '--port', '0', '--data', folder], {
  stdio: ['ignore', 'pipe', process.env.DEBUG ? 'inherit' : 'ignore'],
});
const url = await new Promise((resolve) => {
  let output = '';
  child.stdout.on('data', (bytes) => {
    output += bytes;
    const found = /at (http:\/\/[^/]+)/.exec(output);
    if (found) resolve(found[1]);
  });
});
const key = readFileSync(join(folder, 'dev-key'), 'utf8').trim();
const agent = new Agent({ keepAlive: true });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      { method, agent, headers: { authorization: `Bearer ${key}` } },
      (response) => {
        let text = '';
        response.on('data', (bytes) => (text += bytes));
        response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

while (!JSON.parse(await call('GET', '/readyz').catch(() => '{}')).ready)
  await new Promise((r) => setTimeout(r, 100));

const traffic = createTraffic();
const producer = 'fresh-1';
const resource = { 'service.name': 'fresh', 'host.name': 'h1' };
const header = JSON.stringify({ sillok: 1, producer, boot: 'b1', resource, encoding: 'flat' });
const latencies = [];
const waiting = [];
let seq = 0;

async function sendOne(isMeasured) {
  const lines = [header];
  for (let i = 0; i < batchRecords; i += 1) {
    const { record } = traffic.next();
    seq += 1;
    record.seq = seq;
    const now = BigInt(Date.now()) * 1_000_000n + BigInt(i);
    record.time = `${new Date(Number(now / 1_000_000n)).toISOString().slice(0, -1)}${String(i).padStart(6, '0')}Z`;
    lines.push(JSON.stringify(record));
  }
  const last = seq;
  await call('POST', '/v1/records', `${lines.join('\n')}\n`);
  if (!isMeasured) return;
  const acknowledged = performance.now();
  const token = Buffer.from(JSON.stringify({ project: 'default', producer, boot: 'b1', seq: last })).toString(
    'base64url',
  );
  await call('GET', `/api/search?limit=1&after=${token}`);
  latencies.push(performance.now() - acknowledged);
}

const everyMs = (batchRecords / rate) * 1000;
const batches = Math.round((rate * seconds) / batchRecords);
const started = performance.now();
for (let i = 0; i < batches; i += 1) {
  const due = started + i * everyMs;
  const pause = due - performance.now();
  if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  waiting.push(sendOne(i % measuredEvery === 0));
}
await Promise.all(waiting);
const took = (performance.now() - started) / 1000;
latencies.sort((a, b) => a - b);
const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
const line = (name, ms) =>
  `  ${name.padEnd(6)} ${ms.toFixed(0).padStart(6)} ms   ${(ms / limitMs).toFixed(2)}× of the limit of 1 s`;
process.stdout.write(
  [
    `freshness at ${Math.round((batches * batchRecords) / took)} records/s for ${took.toFixed(0)} s, ${latencies.length} measured:`,
    line('p50', at(0.5)),
    line('p99', at(0.99)),
    line('max', latencies.at(-1)),
    '',
  ].join('\n'),
);
child.kill('SIGTERM');
await new Promise((resolve) => child.once('exit', resolve));
rmSync(folder, { recursive: true, force: true });
process.exit(at(0.99) <= limitMs ? 0 : 1);
