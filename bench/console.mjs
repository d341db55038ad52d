/**
 * The console at size, in a real Chromium against a server in a process of its own: how long until the results of a search are on
 * screen (from the key to the painted rows, server included), frames while a list of 100,000 rows is scrolled both ways, and the
 * heap of the page while it follows 1,000 records a second.
 *
 *   node bench/console.mjs                 5,000,000 records of the last day, 15 rounds, two minutes of live
 *   node bench/console.mjs --hour          the same with an hour of live
 *   node bench/console.mjs --short         100,000 records, 3 rounds, 10,000 rows, 10 seconds of live
 *   --records N  --rounds N  --data DIR    DIR is kept, and used again if it is filled
 *   --only search,scroll,live              some of it
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { follow, scrollBothWays, searchTimes } from './lib/console-page.mjs';
import { fill } from './lib/fill.mjs';

const has = (name) => process.argv.includes(`--${name}`);
const option = (name, preset) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? preset : process.argv[index + 1];
};
const short = has('short');
const records = Number(option('records', short ? 100_000 : 5_000_000));
const rounds = Number(option('rounds', short ? 3 : 15));
const rows = Number(option('rows', short ? 10_000 : 100_000));
const liveSeconds = has('hour') ? 3_600 : short ? 10 : 120;
const parts = option('only', 'search,scroll,live').split(',');
const keptFolder = option('data', undefined);
const DAY_MS = 86_400_000;

const here = dirname(fileURLToPath(import.meta.url));
const folder = keptFolder ?? mkdtempSync(join(tmpdir(), 'sillok-bench-console-'));
mkdirSync(folder, { recursive: true });
/** Says that the folder holds all of it: a run that was ended while it filled does not count. */
const filledMark = join(folder, `filled-${records}`);

async function startServer() {
  const servePath = join(here, '..', 'apps', 'server', 'dist', 'serve.js');
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

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function post(server, body) {
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

async function searchOf(server, query) {
  const headers = { authorization: `Bearer ${server.key}` };
  return (await fetch(`${server.url}/api/search?${new URLSearchParams(query)}`, { headers })).json();
}

async function pour(server) {
  if (existsSync(filledMark)) return console.log(`${records} records are there already`);
  const began = performance.now();
  const startMs = Date.now() - DAY_MS;
  await fill({ records, startMs, perSecond: records / 86_400, post: (body) => post(server, body) });
  while ((await searchOf(server, { limit: 1 })).freshness.lag_ms > 0) await pause(200);
  writeFileSync(filledMark, '');
  console.log(
    `${records} records sent and visible after ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
}

async function signIn(browser, server) {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(server.url);
  await page.getByLabel('Key', { exact: true }).fill(server.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.frame').waitFor();
  return page;
}

async function main() {
  const server = await startServer();
  const browser = await chromium.launch({
    executablePath: process.env.SILLOK_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
  });
  try {
    await pour(server);
    const page = await signIn(browser, server);
    if (parts.includes('search')) {
      const some = (await searchOf(server, { limit: 1000, q: 'kind:access' })).records;
      const people = [...new Set(some.map((record) => record.user_hash))];
      await searchTimes(page, { url: server.url, rounds, people });
    }
    if (parts.includes('scroll')) await scrollBothWays(page, { url: server.url, rows });
    if (parts.includes('live'))
      await follow(page, { url: server.url, seconds: liveSeconds, post: (body) => post(server, body) });
  } finally {
    await browser.close();
    server.child.removeAllListeners('exit');
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
    if (keptFolder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

await main();
