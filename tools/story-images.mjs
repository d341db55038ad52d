/**
 * The pictures and the output of the README's second chapter, taken from the real demo: a server, the shop with its customers in
 * it, and one more customer in a real Chromium whose sign-in fails.
 *
 *   node tools/story-images.mjs [--minutes 2]      after a build; needs Chromium. Writes docs/images/story-*.png
 *
 * What the commands print goes to standard output, to be put into the chapter.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { command, freePort } from '../examples/shop/lib/programs.mjs';
import { startShop } from '../examples/shop/shop.mjs';
import { startTraffic } from '../examples/shop/traffic.mjs';
import { root } from './lib/prepare.mjs';

const images = join(root, 'docs', 'images');
const cli = join(root, 'apps', 'cli', 'dist', 'main.js');
const at = process.argv.indexOf('--minutes');
const minutes = at < 0 ? 2 : Number(process.argv[at + 1]);
/** So large that sentences are read, and small enough for a page of text. */
const SIZE = { width: 1100, height: 720 };
const FAILED = 'service.name:login http.route:/api/join http.response.status_code:500';
const JOINED = 'service.name:login http.route:/api/join http.request.method:POST';
const ALL_FAILED = 'service.name:login kind:access http.response.status_code:>=400';
const ALL = 'service.name:login kind:access http.route:(/api/join or "/login/:provider/callback")';
const EXPLAINED = 'login.name_has_emoji:true';

const folder = mkdtempSync(join(tmpdir(), 'sillok-story-'));
const server = await startServer();
const stories = ['social-login', 'in-app-browser'];
const identityKeys = join(folder, 'identity', 'keys.json');
const shop = await startShop({ url: server.url, key: server.key, identityKeys, stories });
const traffic = startTraffic(shop);
const browser = await chromium.launch({ executablePath: command('chromium'), args: ['--no-sandbox'] });
try {
  mkdirSync(images, { recursive: true });
  await pause(minutes * 60_000);
  const code = await failToSignIn();
  await visible(code);
  print(['person', code, '--lang', 'en', '--steps', '1']);
  print(['person', 'star@example.com', '--lang', 'en', '--steps', '1']);
  print(['trace', code, '--lang', 'en']);
  print(['why', FAILED, '--base', JOINED]);
  print(['why', ALL_FAILED, '--base', ALL, '--except', EXPLAINED]);
  await look(code);
} finally {
  await browser.close();
  await traffic.stop();
  await shop.stop();
  server.child.kill('SIGTERM');
  await once(server.child, 'exit');
  rmSync(folder, { recursive: true, force: true });
}

async function startServer() {
  const port = await freePort();
  const args = [cli, 'serve', '--port', String(port), '--data', folder];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok !== true) await pause(200);
  return { child, url, key: readFileSync(join(folder, 'dev-key'), 'utf8').trim() };
}

/** As the customer of the chapter does it; the code that the page tells her. */
async function failToSignIn() {
  const page = await (await browser.newContext({ viewport: { width: 760, height: 380 } })).newPage();
  await page.goto(`${shop.url}/?client=3.2.0`);
  await page.waitForSelector('body[data-ready]');
  await page.click('#sign-in-dalbit');
  await page.fill('#password', 'anything');
  await page.click('text=별이');
  await page.waitForSelector('body[data-ready]');
  await page.click('#join-button');
  await page.waitForSelector('#message:not(:empty)');
  await page.screenshot({ path: join(images, 'story-1-page.png') });
  const said = await page.textContent('#message');
  await page.context().close();
  return /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(said)[0];
}

/** Until the edge's line and PostgreSQL's have come by their files, and the page's records from the browser. */
async function visible(code) {
  for (;;) {
    const trace = await ask(`/api/trace/${code}`);
    const types = new Set(trace.nodes?.map(({ type }) => type));
    const isLogged = trace.entries?.some(({ service }) => service === 'postgresql');
    if (types.has('edge') && types.has('click') && isLogged) return;
    await pause(500);
  }
}

async function ask(path) {
  const headers = { authorization: `Bearer ${server.key}` };
  return (await fetch(server.url + path, { headers })).json();
}

function print(args) {
  const env = {
    ...process.env,
    SILLOK_URL: server.url,
    SILLOK_KEY: server.key,
    NO_COLOR: '1',
    COLUMNS: '120',
  };
  const { stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { env, encoding: 'utf8' });
  process.stdout.write(`\n$ sillok ${args.join(' ')}\n${stdout}${stderr}`);
}

/** The same in the console, as a colleague reads it. */
async function look(code) {
  const context = await browser.newContext({ locale: 'en-US', colorScheme: 'light', viewport: SIZE });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel('Key', { exact: true }).fill(server.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.frame').waitFor();
  await page.goto(`${server.url}/find`);
  const box = page.getByRole('searchbox', { name: 'What the customer can tell you' });
  await box.fill(code);
  await box.press('Enter');
  await page.locator('.candidate').click();
  await page.locator('.episode').first().waitFor();
  await shoot(page, 'story-2-person');
  await page.goto(`${server.url}/trace/${(await ask(`/api/trace/${code}`)).trace_id}`);
  await shoot(page, 'story-3-trace');
  const rest = new URLSearchParams({ q: ALL_FAILED, base: ALL, from: '-1h', except: EXPLAINED });
  await page.goto(`${server.url}/why?${rest}`);
  await shoot(page, 'story-4-why');
}

/** When nothing is on its way any more. */
async function shoot(page, name) {
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(images, `${name}.png`) });
}
