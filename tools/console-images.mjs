/**
 * The pictures of the console's guide, in both languages, taken from the real demo: a server, the shop with its customers in it, one
 * of whose sign-ins fails.
 *
 *   node tools/console-images.mjs [--minutes 2] [--out DIR]      after a build; needs Chromium. Writes docs/images/console-*.png
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { command, freePort } from '../examples/shop/lib/programs.mjs';
import { startShop } from '../examples/shop/shop.mjs';
import { startTraffic } from '../examples/shop/traffic.mjs';
import { demoAdmin } from './lib/demo-admin.mjs';
import { root } from './lib/prepare.mjs';

const option = (name, preset) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? preset : process.argv[at + 1];
};
const images = option('out', join(root, 'docs', 'images'));
/** Sentences are read, and a page of text stays small. */
const SIZE = { width: 1040, height: 640 };
const LANGUAGES = { '': 'en-US', '.ko': 'ko-KR' };
const FAILED = 'service.name:login kind:access http.response.status_code:>=400';
const ALL = 'service.name:login kind:access http.route:(/api/join or "/login/:provider/callback")';

const STATEMENT = `SELECT \`service.name\` AS service, level, count() AS records
FROM records
WHERE time > now() - INTERVAL 1 HOUR
GROUP BY service, level
ORDER BY records DESC`;

const folder = mkdtempSync(join(tmpdir(), 'sillok-images-'));
const admin = await demoAdmin();
// The shop's services inherit them.
Object.assign(process.env, admin.shopEnv);
const server = await startServer();
const identityKeys = join(folder, 'identity', 'keys.json');
const stories = ['social-login', 'in-app-browser'];
const shop = await startShop({ url: server.url, key: server.key, identityKeys, stories });
const traffic = startTraffic(shop);
const browser = await chromium.launch({ executablePath: command('chromium'), args: ['--no-sandbox'] });
try {
  mkdirSync(images, { recursive: true });
  await firstUser();
  await pause(Number(option('minutes', '2')) * 60_000);
  const found = await failingTrace();
  const order = await refundedOrder();
  for (const [suffix, locale] of Object.entries(LANGUAGES)) await look({ suffix, locale, found, order });
} finally {
  await browser.close();
  await traffic.stop();
  await shop.stop();
  server.child.kill('SIGTERM');
  await once(server.child, 'exit');
  admin.remove();
  rmSync(folder, { recursive: true, force: true });
}

async function startServer() {
  const port = await freePort();
  const cli = join(root, 'apps', 'cli', 'dist', 'main.js');
  const args = [cli, 'serve', '--port', String(port), '--data', folder];
  const child = spawn(process.execPath, args, {
    stdio: 'ignore',
    env: { ...process.env, ...admin.serverEnv },
  });
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok !== true) await pause(200);
  return { child, url, key: readFileSync(join(folder, 'dev-key'), 'utf8').trim() };
}

async function call(method, path, body) {
  const headers = { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(server.url + path, { method, headers, ...sent });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Somebody to whom an error can be given. */
async function firstUser() {
  const password = `${process.pid} made up for the pictures`;
  await call('POST', '/api/users', { email: 'jimin@shop.example', name: '김지민', password });
}

/** One whose way goes through all services, and whose error is then decided about. */
async function failingTrace() {
  for (;;) {
    const query = new URLSearchParams({ q: `${FAILED} has:trace_id`, limit: '20' });
    const { records } = await call('GET', `/api/search?${query}`);
    const found = records.find((record) => record['http.response.status_code'] === 500) ?? records[0];
    if (found === undefined) {
      await pause(1_000);
      continue;
    }
    const { groups } = await call('GET', '/api/errors?sort=count');
    const [, second] = groups;
    if (second !== undefined) {
      const named = { service: second.service, title: second.message.slice(0, 100) };
      const body = {
        action: 'assign',
        assignee: (await call('GET', '/api/members')).members[0].id,
        ...named,
      };
      await call('PUT', `/api/errors/${second.fingerprint}/life`, body);
    }
    return found;
  }
}

/** The pages that need no more than their address. */
function pagesOf({ found, order }) {
  const query = (path, values) => `${path}?${new URLSearchParams(values)}`;
  return {
    start: '/',
    search: query('/search', { q: 'service.name:login level:error', from: '-1h' }),
    live: '/live',
    trace: `/trace/${found.trace_id}`,
    story: `/scenario/${found.global_trace_id}`,
    business: order,
    history: query('/history', { from: '-1h' }),
    retries: query('/retries', { q: 'kind:access http.route:/orders', from: '-1h' }),
    sql: query('/sql', { query: STATEMENT }),
    errors: query('/errors', { from: '-1h' }),
    patterns: query('/patterns', { from: '-1h' }),
    why: query('/why', { q: FAILED, base: ALL, from: '-1h' }),
    map: query('/map', { from: '-1h' }),
    endpoints: query('/endpoints', { from: '-1h' }),
    endpoint: query('/endpoint', { service: 'orders', route: '/orders', method: 'POST', from: '-1h' }),
  };
}

async function signedIn(locale) {
  const context = await browser.newContext({ locale, colorScheme: 'light', viewport: SIZE });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel(/^(Key|키)$/).fill(server.key);
  await page.getByRole('button', { name: /^(Sign in|로그인)$/ }).click();
  await page.locator('.frame').waitFor();
  return page;
}

/** As a colleague does it; the address of the order. */
async function refundedOrder() {
  const page = await signedIn('en-US');
  await page.goto(`${server.url}/admin/shop/order`);
  // The oldest that is shown: a new one may not be paid yet.
  const order = await page.locator('a[href^="/admin/shop/order/"]').last().getAttribute('href');
  await page.goto(server.url + order);
  await page.getByRole('button', { name: 'Refund' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Show what would change' }).click();
  await dialog.getByLabel('Reason').fill('call 4711: the cup came broken');
  await shoot(page, 'console-business-refund');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.goto(`${server.url}/history?from=-1h`);
  while ((await page.locator('.change').count()) === 0) {
    await pause(1_000);
    await page.reload();
    await page.waitForLoadState('networkidle');
  }
  await page.context().close();
  return order;
}

async function look({ suffix, locale, found, order }) {
  const page = await signedIn(locale);
  await page.goto(`${server.url}/find`);
  await page.getByRole('searchbox').fill('person-3@example.com');
  await page.getByRole('searchbox').press('Enter');
  await page.locator('.candidate').first().waitFor({ timeout: 120_000 });
  await shoot(page, `console-find${suffix}`);
  for (const [name, path] of Object.entries(pagesOf({ found, order }))) {
    await page.goto(server.url + path);
    if (name === 'search') await page.locator('.row').first().click();
    if (name === 'sql') {
      await page.getByRole('button', { name: /^(Run|실행)$/ }).click();
      await page.locator('main table').first().waitFor();
    }
    if (name === 'live')
      await page
        .locator('.row')
        .nth(3)
        .waitFor({ timeout: 20_000 })
        .catch(() => undefined);
    await shoot(page, `console-${name}${suffix}`);
  }
  await page.context().close();
}

/** When nothing is on its way any more. The live page never is. */
async function shoot(page, name) {
  if (!name.startsWith('console-live')) await page.waitForLoadState('networkidle');
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  await page.screenshot({ path: join(images, `${name}.png`) });
  process.stdout.write(`${name}\n`);
}
