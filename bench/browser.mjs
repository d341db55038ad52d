/**
 * What a noisy page costs another app: the time of its ingest requests while all is quiet, while one tab or fifty tabs storm
 * through the SDK's breaker, and while somebody floods the server by hand with a page's public key. Quiet and noisy slots of
 * two seconds alternate, so that both meet the same machine; p99 over all slots of a kind, and their ratio.
 *
 *   node bench/browser.mjs            30 slots each way and kind of noise
 *   node bench/browser.mjs --short    2 slots; --slots N others
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
const asked = process.argv.indexOf('--slots');
const slots = asked > 0 ? Number(process.argv[asked + 1]) : short ? 2 : 30;
const slotMs = 2_000;
/** The other app: so many batches a second, one after the other, of so many records. */
const victimEveryMs = 10;
const victimRecords = 50;
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
  tab: (server, untilMs) => storm(server, { untilMs, tabs: 1 }),
  fifty_tabs: (server, untilMs) => storm(server, { untilMs, tabs: 50 }),
  async flood(server, untilMs) {
    const attributes = { note: 'x'.repeat(200) };
    let sent = 0;
    const sender = async (name) => {
      const headers = { origin: ORIGIN, 'x-forwarded-for': `10.0.0.${name}` };
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

/** Each tab sends a batch of collapsed repeats a second. */
async function storm(server, { untilMs, tabs }) {
  let sent = 0;
  const tab = async (name) => {
    let seq = 0;
    await delay(Math.random() * 1000);
    while (performance.now() < untilMs) {
      const repeat = { 'repeat.count': 40_000, 'repeat.signature': `s${name}`, 'event.name': 'browser.log' };
      const body = batch(`storm-${boots}-${name}`, { first: seq + 1, count: 5, attributes: repeat });
      seq += 5;
      await post(server.port, `/v1/browser?key=${server.pageKey}`, { body, headers: { origin: ORIGIN } });
      sent += 1;
      await delay(1000);
    }
  };
  await Promise.all(Array.from({ length: tabs }, (_, index) => tab(index)));
  return sent;
}

function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function slot(server, noise) {
  boots += 1;
  victimSeq = 0;
  const untilMs = performance.now() + slotMs;
  const [latencies, sent] = await Promise.all([victim(server, untilMs), NOISE[noise](server, untilMs)]);
  return { latencies, sent };
}

const server = await startServer();
try {
  for (let index = 0; index < 3; index += 1) await slot(server, 'quiet');
  const ratios = {};
  for (const noise of ['tab', 'fifty_tabs', 'flood']) {
    const quiet = [];
    const noisy = [];
    let sent = 0;
    for (let index = 0; index < slots; index += 1) {
      quiet.push(...(await slot(server, 'quiet')).latencies);
      const one = await slot(server, noise);
      noisy.push(...one.latencies);
      sent += one.sent;
    }
    ratios[noise] = percentile(noisy, 0.99) / percentile(quiet, 0.99);
    const figures = [0.5, 0.99].map(
      (share) =>
        `p${share * 100} ${percentile(quiet, share).toFixed(1)} → ${percentile(noisy, share).toFixed(1)} ms`,
    );
    process.stdout.write(
      `${noise}: ${figures.join(', ')} (×${ratios[noise].toFixed(2)}), ` +
        `${quiet.length} and ${noisy.length} requests of the other app, ${sent} of the noise\n`,
    );
  }
  const isReached = ratios.tab <= ratioTarget;
  process.stdout.write(
    `target: one storming tab at most ×${ratioTarget}: ${isReached ? 'reached' : 'NOT reached'}\n`,
  );
} finally {
  await server.stop();
  agent.destroy();
}
