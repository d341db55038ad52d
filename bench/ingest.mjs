/**
 * Ingest over HTTP until queryable, against the engine alone reading the same lines into the same table, on the same
 * cores, in interleaved pairs. Prints the ratio of rates and the peak of summed resident memory of server and engine.
 *
 *   node bench/ingest.mjs            1,000,000 records, 5 pairs
 *   node bench/ingest.mjs --short    100,000 records, 1 pair
 *   --records N  --pairs N           other sizes; --profile runs the server with --cpu-prof into ./profiles
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { startEngine } from '@sillok/engine';
import { createStore } from '@sillok/store';

import { createChunks, createTraffic } from './realistic-lines.mjs';

const short = process.argv.includes('--short');
const option = (name, preset) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? preset : Number(process.argv[index + 1]);
};
const records = option('records', short ? 100_000 : 1_000_000);
const pairs = option('pairs', short ? 1 : 5);
const batchRecords = 2000;
const senders = 4;
const ratioTarget = 0.6;
const memoryTargetMiB = 700;
const serverMain = join(dirname(fileURLToPath(import.meta.url)), '..', 'apps', 'server', 'dist', 'serve.js');

/** Bodies as a shipper sends them: a header line, records of one producer, gzip. */
function makeBodies() {
  const traffic = createTraffic();
  const waiting = new Map();
  const seqs = new Map();
  const bodies = [];
  let bytes = 0;
  const flush = (service) => {
    const lines = waiting.get(service);
    const resource = { 'service.name': service, 'service.version': '1.4.2', 'host.name': 'h1' };
    const header = { sillok: 1, producer: `${service}-7f3a`, boot: 'b1', resource, encoding: 'flat' };
    const text = `${JSON.stringify(header)}\n${lines.join('\n')}\n`;
    bytes += Buffer.byteLength(text);
    bodies.push(gzipSync(text, { level: 1 }));
    waiting.delete(service);
  };
  for (let count = 0; count < records; count += 1) {
    const { service, record } = traffic.next();
    record.seq = (seqs.get(service) ?? 0) + 1;
    seqs.set(service, record.seq);
    const lines = waiting.get(service) ?? [];
    waiting.set(service, lines);
    lines.push(JSON.stringify(record));
    if (lines.length === batchRecords) flush(service);
  }
  for (const service of [...waiting.keys()]) flush(service);
  return { bodies, bytes };
}

/** Resident memory of a process, MiB; 0 when it is gone. */
function residentMiB(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** User and system time of a process so far, ms (a tick is 10 ms). */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function watchMemory(pids) {
  const peak = { sum: 0, server: 0, engine: 0 };
  const timer = setInterval(() => {
    const [server, engine] = pids().map(residentMiB);
    peak.sum = Math.max(peak.sum, server + engine);
    peak.server = Math.max(peak.server, server);
    peak.engine = Math.max(peak.engine, engine);
  }, 50);
  return { peak, stop: () => clearInterval(timer) };
}

async function startServer(data) {
  const flags = process.argv.includes('--profile') ? ['--cpu-prof', '--cpu-prof-dir=profiles'] : [];
  const args = [...flags, serverMain, '--port', '0', '--data', data, '--log-level', 'warn'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text;
      const found = /http:\/\/[^/\s]+/.exec(output)?.[0];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`the server ended: ${output}`)));
  });
  const key = readFileSync(join(data, 'dev-key'), 'utf8').trim();
  const server = { url, key, pid: child.pid };
  server.stop = async () => {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  };
  await until(async () => (await fetch(`${url}/readyz`)).ok, 60_000);
  return server;
}

async function until(ask, deadlineMs, pollMs = 20) {
  const deadline = Date.now() + deadlineMs;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error('not reached in time');
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function enginePid(serverPid) {
  const children = readFileSync(`/proc/${serverPid}/task/${serverPid}/children`, 'utf8').trim().split(' ');
  return Number(children[0] ?? 0);
}

function post(agent, { url, key }, body) {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/x-ndjson',
    'content-encoding': 'gzip',
    'content-length': body.length,
  };
  return new Promise((resolve, reject) => {
    const call = request(`${url}/v1/records`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    call.on('error', reject).end(body);
  });
}

async function metric(url, name) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}

/** Records per second from the first byte sent until the last record is in the store. */
async function overHttp(bodies) {
  const data = mkdtempSync(join(tmpdir(), 'sillok-bench-'));
  const server = await startServer(data);
  const engine = enginePid(server.pid);
  const memory = watchMemory(() => [server.pid, engine]);
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  const cpuBefore = [server.pid, engine].map(cpuMs);
  const start = performance.now();
  let next = 0;
  let refused = 0;
  const send = async () => {
    while (next < bodies.length) {
      const body = bodies[next];
      next += 1;
      while ((await post(agent, server, body)) !== 200) {
        refused += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  const acknowledgedMs = performance.now() - start;
  await until(async () => (await metric(server.url, 'sillok_records_inserted_total')) >= records, 300_000);
  const ms = performance.now() - start;
  memory.stop();
  const cpu = [server.pid, engine].map((pid, index) => ((cpuMs(pid) - cpuBefore[index]) * 1000) / records);
  agent.destroy();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
  return {
    rate: (records / ms) * 1000,
    acknowledged: (records / acknowledgedMs) * 1000,
    refused,
    peak: memory.peak,
    cpu,
  };
}

/** The engine alone: the same lines in files of 32 MB, one insert after the other. */
async function engineAlone() {
  const data = mkdtempSync(join(tmpdir(), 'sillok-bench-'));
  const engine = await startEngine({ dataDirectory: data });
  const store = createStore({
    url: engine.url,
    username: 'default',
    password: engine.secret,
    filesShared: true,
  });
  await store.migrate();
  let ms = 0;
  let id = 1n;
  for (const chunk of createChunks({ records })) {
    const file = join(data, 'chunk.ndjson');
    writeFileSync(file, chunk.text);
    const start = performance.now();
    await store.insertChunk({ ...chunk, id: (id += 1n), source: { file }, retry: false });
    ms += performance.now() - start;
  }
  const cpu = (cpuMs(engine.pid) * 1000) / records;
  await store.close();
  await engine.stop();
  rmSync(data, { recursive: true, force: true });
  return { rate: (records / ms) * 1000, cpu };
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const thousands = (number) => `${Math.round(number / 1000)}k`;

const { bodies, bytes } = makeBodies();
process.stdout.write(
  `${records} records, ${Math.round(bytes / records)} bytes each, ${bodies.length} bodies, ` +
    `${availableParallelism()} cores, Node ${process.version}\n`,
);
const ratios = [];
const peaks = [];
for (let pair = 0; pair < pairs; pair += 1) {
  const alone = await engineAlone();
  const http = await overHttp(bodies);
  ratios.push(http.rate / alone.rate);
  peaks.push(http.peak.sum);
  process.stdout.write(
    `engine alone ${thousands(alone.rate)}/s · over HTTP ${thousands(http.rate)}/s ` +
      `(acknowledged ${thousands(http.acknowledged)}/s, refused ${http.refused}) · ratio ${ratios.at(-1).toFixed(2)} · ` +
      `peak ${Math.round(http.peak.sum)} MiB (server ${Math.round(http.peak.server)}, engine ${Math.round(http.peak.engine)}) · ` +
      `CPU per record: engine alone ${alone.cpu.toFixed(1)} µs; server ${http.cpu[0].toFixed(1)}, engine ${http.cpu[1].toFixed(1)}\n`,
  );
}
const ratio = median(ratios);
const peak = Math.max(...peaks);
process.stdout.write(
  `ingest until queryable: ${ratio.toFixed(2)}× the engine alone (at least ${ratioTarget})\n`,
);
process.stdout.write(`peak resident memory: ${Math.round(peak)} MiB (at most ${memoryTargetMiB})\n`);
if (!short && (ratio < ratioTarget || peak > memoryTargetMiB)) process.exitCode = 1;
