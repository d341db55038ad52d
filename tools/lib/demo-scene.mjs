/**
 * The demo as a team uses it: a server, the shop with its customers in it, and what people made of it (dashboards, rules, a script
 * that waits, changes of last month). For the pictures of the guides and for looking at every page.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../examples/shop/lib/programs.mjs';
import { startShop } from '../../examples/shop/shop.mjs';
import { startTraffic } from '../../examples/shop/traffic.mjs';
import { demoAdmin } from './demo-admin.mjs';
import { furnish } from './demo-furniture.mjs';
import { pourWeeks } from './demo-weeks.mjs';
import { root } from './prepare.mjs';

const FAILED = 'service.name:login kind:access http.response.status_code:>=400';
/** Enough for a live page, while the machine draws the others. */
const FEW = { customers: 3, stepMs: 8_000 };

/** @param {{ minutes: number, say: (line: string) => void }} options how long customers walk about before it is ready */
export async function startScene({ minutes, say }) {
  const folder = mkdtempSync(join(tmpdir(), 'sillok-scene-'));
  const ends = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await build({ folder, ends, minutes, say })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build({ folder, ends, minutes, say }) {
  const admin = await demoAdmin();
  ends.push(() => admin.remove());
  // The shop's services inherit them.
  Object.assign(process.env, admin.shopEnv);
  const hook = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  ends.push(() => hook.close());
  const server = await startServer(folder, admin.serverEnv);
  ends.push(server.stop);
  say(`server ${server.url}`);
  await pourWeeks(server);
  const identityKeys = join(folder, 'identity', 'keys.json');
  const shop = await startShop({ ...server, identityKeys, stories: ['social-login', 'in-app-browser'] });
  ends.push(() => shop.stop());
  let traffic = startTraffic(shop);
  ends.push(() => traffic.stop());
  const call = caller(server);
  say(`shop ${shop.url}; its customers walk about for ${minutes} min`);
  await pause(minutes * 60_000);
  const failing = await failingTrace(call);
  const furniture = await furnish(call, `http://127.0.0.1:${hook.address().port}/hook`);
  await traffic.stop();
  traffic = startTraffic(shop, FEW);
  return { url: server.url, key: server.key, failing, ...furniture };
}

async function startServer(folder, more) {
  const port = await freePort();
  const args = [
    join(root, 'apps', 'cli', 'dist', 'main.js'),
    'serve',
    '--port',
    String(port),
    '--data',
    folder,
  ];
  const env = {
    ...process.env,
    ...more,
    SILLOK_ALLOW_PRIVATE_TARGETS: '1',
    SILLOK_RETENTION_ACCESS_DAYS: '0',
  };
  const child = spawn(process.execPath, args, { stdio: 'ignore', env });
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok !== true) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await pause(200);
  }
  const stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  };
  return { url, key: readFileSync(join(folder, 'dev-key'), 'utf8').trim(), stop };
}

function caller({ url, key }) {
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(url + path, { method, headers, ...sent });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

/** One whose way goes through all services, and whose person is known. */
async function failingTrace(call) {
  for (;;) {
    const { records } = await search(call, `${FAILED} has:trace_id`);
    const found = records.find((record) => record['http.response.status_code'] === 500) ?? records[0];
    const known = await search(call, 'has:user_hash');
    const person =
      (await search(call, 'service.name:login has:user_hash level:error')).records[0] ?? known.records[0];
    if (found !== undefined && person !== undefined)
      return { trace: found.trace_id, scenario: found.global_trace_id, person: person.user_hash };
    await pause(1_000);
  }
}

const search = (call, q) => call('GET', `/api/search?${new URLSearchParams({ q, limit: '20' })}`);
