/**
 * The console at size, in a real Chromium against a server in a process of its own: how long until the results of a search are on
 * screen (from the key to the painted rows, server included), frames while a list of 100,000 rows and the waterfall of a trace of
 * 10,000 calls are scrolled both ways, and the heap of the page while it follows 1,000 records a second.
 *
 *   node bench/console.mjs                 5,000,000 records of the last day, 15 rounds, two minutes of live
 *   node bench/console.mjs --hour          the same with an hour of live
 *   node bench/console.mjs --short         100,000 records, 3 rounds, 10,000 rows, 10 seconds of live
 *   --records N  --rounds N  --data DIR    DIR is kept, and used again if it is filled
 *   --only search,scroll,waterfall,live    some of it
 *   --cpu                                  frames also by the processor's time of the page's main thread, out of a trace: on a busy
 *                                          machine a frame by the clock is as long as what else ran meanwhile
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { follow, scrollBothWays, scrollWaterfall, searchTimes } from './lib/console-page.mjs';
import { post, searchOf, startFilled, stopServer, untilVisible } from './lib/filled.mjs';

const has = (name) => process.argv.includes(`--${name}`);
const option = (name, preset) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? preset : process.argv[index + 1];
};
const short = has('short');
const records = Number(option('records', short ? 100_000 : 5_000_000));
const rounds = Number(option('rounds', short ? 3 : 15));
const rows = Number(option('rows', short ? 10_000 : 100_000));
const spans = short ? 1_000 : 10_000;
const cpu = has('cpu');
const liveSeconds = has('hour') ? 3_600 : short ? 10 : 120;
const parts = option('only', 'search,scroll,waterfall,live').split(',');
const keptFolder = option('data', undefined);

const folder = keptFolder ?? mkdtempSync(join(tmpdir(), 'sillok-bench-console-'));

async function signIn(browser, server) {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(server.url);
  await page.getByLabel('Key', { exact: true }).fill(server.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.frame').waitFor();
  return page;
}

async function main() {
  const server = await startFilled({ folder, records });
  const browser = await chromium.launch({
    executablePath: process.env.SILLOK_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
  });
  try {
    const page = await signIn(browser, server);
    if (parts.includes('search')) {
      const some = (await searchOf(server, { limit: 1000, q: 'kind:access' })).records;
      const people = [...new Set(some.map((record) => record.user_hash))];
      await searchTimes(page, { url: server.url, rounds, people });
    }
    if (parts.includes('scroll')) await scrollBothWays(page, { url: server.url, rows, cpu });
    if (parts.includes('waterfall')) {
      const send = (body) => post(server, body);
      const visible = () => untilVisible(server);
      await scrollWaterfall(page, { url: server.url, spans, post: send, visible, cpu });
    }
    if (parts.includes('live'))
      await follow(page, { url: server.url, seconds: liveSeconds, post: (body) => post(server, body) });
  } finally {
    await browser.close();
    await stopServer(server);
    if (keptFolder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

await main();
