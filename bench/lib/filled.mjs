/**
 * A server in a process of its own on a folder that holds so many realistic records of the day before: filled once, used again as long
 * as it is fresh.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { fill } from './fill.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const DAY_MS = 86_400_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function startFilled({ folder, records }) {
  mkdirSync(folder, { recursive: true });
  const server = await startServer(folder);
  await pour(server, { folder, records });
  return server;
}

async function startServer(folder) {
  const servePath = join(root, 'apps', 'server', 'dist', 'serve.js');
  const args = [servePath, '--port', '0', '--data', folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
    child.stdout.on('data', (piece) => {
      output += piece;
      const found = /Sillok is at (http:\/\/[^/\s]+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  while (!(await fetch(`${url}/readyz`).catch(() => ({ ok: false }))).ok) await pause(100);
  return { child, url, key: readFileSync(join(folder, 'dev-key'), 'utf8').trim() };
}

export async function stopServer({ child }) {
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** One gzipped native batch, sent until it is taken. */
export async function post(server, body) {
  for (;;) {
    const response = await fetch(`${server.url}/v1/records`, {
      ...{ method: 'POST', body },
      headers: {
        authorization: `Bearer ${server.key}`,
        ...{ 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
      },
    });
    const text = await response.text();
    if (response.ok) return;
    if (response.status !== 429) throw new Error(`${response.status} ${text.slice(0, 300)}`);
    await pause(200);
  }
}

export async function searchOf(server, query) {
  const headers = { authorization: `Bearer ${server.key}` };
  return (await fetch(`${server.url}/api/search?${new URLSearchParams(query)}`, { headers })).json();
}

/** Until what was sent so far is visible to search. */
export async function untilVisible(server) {
  while ((await searchOf(server, { limit: 1 })).freshness.lag_ms > 0) await pause(200);
}

async function pour(server, { folder, records }) {
  // Says that the folder holds all of it: a run that was ended while it filled does not count.
  const mark = join(folder, `filled-${records}`);
  if (existsSync(mark)) {
    const hours = (Date.now() - statSync(mark).mtimeMs) / 3_600_000;
    console.log(`${records} records are there already, of the day that ended ${hours.toFixed(1)} h ago`);
    return;
  }
  const began = performance.now();
  const startMs = Date.now() - DAY_MS;
  await fill({ records, startMs, perSecond: records / 86_400, post: (body) => post(server, body) });
  await untilVisible(server);
  writeFileSync(mark, '');
  console.log(
    `${records} records sent and visible after ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
}
