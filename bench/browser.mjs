/**
 * What a noisy page costs another app: the time of its ingest requests while all is quiet, while tabs storm through the SDK's
 * breaker, and while somebody floods the server by hand with a page's public key. Interleaved rounds, p99 of each, median
 * of the ratios to the quiet round beside it.
 *
 *   node bench/browser.mjs            5 rounds of 10 s each way
 *   node bench/browser.mjs --short    1 round of 3 s each way
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const short = process.argv.includes('--short');
const rounds = short ? 1 : 5;
const roundMs = short ? 3_000 : 10_000;
/** The other app: so many batches a second, one after the other, of so many records. */
const victimEveryMs = 10;
const victimRecords = 50;
/** Tabs that storm: each sends a batch of collapsed repeats a second. */
const stormTabs = 50;
const floodSenders = 8;
const ratioTarget = 1.1;
const ORIGIN = 'https://shop.example';
const serverMain = join(dirname(fileURLToPath(import.meta.url)), '..', 'apps', 'server', 'dist', 'serve.js');

const agent = new Agent({ keepAlive: true, maxSockets: 200 });
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function post(port, path, { body, headers = {} }) {
  return new Promise((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', method: 'POST', path, agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    call.on('error', reject).end(body);
  });
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function startServer() {
  const data = mkdtempSync(join(tmpdir(), 'sillok-bench-browser-'));
  const port = await freePort();
  const args = [serverMain, '--port', String(port), '--data', data, '--log-level', 'error'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (ready?.ok) break;
    if (child.exitCode !== null) throw new Error('the server ended at start');
    await delay(100);
  }
  const devKey = readFileSync(join(data, 'dev-key'), 'utf8').trim();
  const created = await fetch(`http://127.0.0.1:${port}/api/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${devKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'pages', scopes: ['browser'], origins: [ORIGIN] }),
  });
  const { key: pageKey } = await created.json();
  const stop = async () => {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(data, { recursive: true, force: true });
  };
  return { port, devKey, pageKey, stop };
}

let boots = 0;
let victimSeq = 0;

function batch(producer, { first, count, attributes }) {
  const header = { sillok: 1, producer, boot: `b${boots}`, resource: { 'service.name': producer } };
  const lines = Array.from({ length: count }, (_, index) => {
    const time = new Date().toISOString();
    const message = `order ${index} paid by card`;
    return JSON.stringify({ seq: first + index, time, kind: 'log', level: 'info', message, attributes });
  });
  return `${[JSON.stringify(header), ...lines].join('\n')}\n`;
}

/** Latencies of the other app's requests, ms. An open loop: a late answer does not thin out the load. */
async function victim(server, untilMs) {
  const latencies = [];
  const open = [];
  while (performance.now() < untilMs) {
    const attributes = { order: { id: victimSeq }, amount: 12.5 };
    const body = gzipSync(batch('orders', { first: victimSeq + 1, count: victimRecords, attributes }));
    victimSeq += victimRecords;
    const headers = { authorization: `Bearer ${server.devKey}`, 'content-encoding': 'gzip' };
    const started = performance.now();
    const answered = post(server.port, '/v1/records', { body, headers }).then((status) => {
      if (status !== 200) throw new Error(`the other app was answered ${status}`);
      latencies.push(performance.now() - started);
    });
    open.push(answered);
    await delay(victimEveryMs);
  }
  await Promise.all(open);
  return latencies;
}

const NOISE = {
  quiet: async () => 0,
  async storm(server, untilMs) {
    let sent = 0;
    const tab = async (name) => {
      let seq = 0;
      await delay(Math.random() * 1000);
      while (performance.now() < untilMs) {
        const repeat = {
          'repeat.count': 40_000,
          'repeat.signature': `s${name}`,
          'event.name': 'browser.log',
        };
        const body = batch(`storm-${boots}-${name}`, { first: seq + 1, count: 5, attributes: repeat });
        seq += 5;
        await post(server.port, `/v1/browser?key=${server.pageKey}`, { body, headers: { origin: ORIGIN } });
        sent += 1;
        await delay(1000);
      }
    };
    await Promise.all(Array.from({ length: stormTabs }, (_, index) => tab(index)));
    return sent;
  },
  async flood(server, untilMs) {
    let sent = 0;
    const sender = async (name) => {
      const headers = { origin: ORIGIN, 'x-forwarded-for': `10.0.0.${name}` };
      const attributes = { note: 'x'.repeat(200) };
      let seq = 0;
      while (performance.now() < untilMs) {
        const body = batch(`flood-${boots}-${name}`, { first: seq + 1, count: 500, attributes });
        seq += 500;
        await post(server.port, `/v1/browser?key=${server.pageKey}`, { body, headers });
        sent += 1;
      }
    };
    await Promise.all(Array.from({ length: floodSenders }, (_, index) => sender(index)));
    return sent;
  },
};

function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function measure(server, noise) {
  boots += 1;
  victimSeq = 0;
  const untilMs = performance.now() + roundMs;
  const [latencies, sent] = await Promise.all([victim(server, untilMs), NOISE[noise](server, untilMs)]);
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    requests: latencies.length,
    sent,
  };
}

const server = await startServer();
try {
  await measure(server, 'quiet');
  const ratios = { storm: [], flood: [] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const noise of ['storm', 'flood']) {
      const before = await measure(server, 'quiet');
      const noisy = await measure(server, noise);
      const after = await measure(server, 'quiet');
      const quiet = (before.p99 + after.p99) / 2;
      ratios[noise].push(noisy.p99 / quiet);
      process.stdout.write(
        `${noise} ${round}: p99 ${before.p99.toFixed(1)} → ${noisy.p99.toFixed(1)} → ${after.p99.toFixed(1)} ms, ` +
          `p50 ${before.p50.toFixed(1)} → ${noisy.p50.toFixed(1)} ms, ${noisy.requests} requests of the other app, ` +
          `${noisy.sent} of the noise\n`,
      );
    }
  }
  for (const [noise, list] of Object.entries(ratios))
    process.stdout.write(`${noise}: median ratio of p99 ${percentile(list, 0.5).toFixed(2)}\n`);
  const reached = percentile(ratios.storm, 0.5) <= ratioTarget;
  process.stdout.write(`target: a storm at most ×${ratioTarget}: ${reached ? 'reached' : 'NOT reached'}\n`);
} finally {
  await server.stop();
  agent.destroy();
}
