// Starts the whole shop: database, third party, services, worker, edge, and the follower that ships the files of nginx, of
// PostgreSQL and of the Python service. `node examples/shop/shop.mjs` beside a running Sillok, or `npm start -- --demo`.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IDENTITY_KEYS_FILE, withNewEpoch } from '@sillok/record/personal';
import { nginx, startNginx } from './edge/nginx.mjs';
import { startNodeEdge } from './edge/node-edge.mjs';
import { command, freePort, keepFolder, startProgram, startService, stop } from './lib/programs.mjs';
import { startDatabase } from './lib/start-database.mjs';

/** For the last lines at the end; a server that is away must not hold the shop open. */
const REST_MS_MAX = 10_000;
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '..', '..', 'apps', 'cli', 'dist', 'main.js');
const service = (name) => join(here, 'services', name);

/**
 * @param {{ url: string, key: string, identityKeys?: string, folder?: string, pglite?: boolean, nodeEdge?: boolean, stories?: string[] }} options
 *   `url` and `key` of Sillok; `identityKeys`: the key file of its identity folder; `shipEdge: false` keeps nginx's log to itself;
 *   `pglite` and `nodeEdge` go without PostgreSQL and nginx even where they are installed.
 */
export async function startShop(options) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sillok-shop-'));
  if (options.folder === undefined) keepFolder(folder);
  const stops = [];
  const children = new Map();
  try {
    const parts = await startParts({ ...options, folder, stops, children });
    return {
      ...parts,
      folder,
      children,
      story: (name, on) => tellAll(children, name, on),
      stop: () => stopAll(stops, options, folder),
    };
  } catch (error) {
    await stopAll(stops, options, folder);
    throw error;
  }
}

async function startParts({ url, key, identityKeys, folder, stops, children, stories = [], ...choices }) {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const database = await startDatabase(choices);
  stops.push(database.stop);
  const files = [join(logs, choices.shipEdge === false ? 'stock.log' : '*.log'), database.log ?? []].flat();
  stops.push(await startFollower({ url, key, files, state: join(folder, 'state') }));
  const sillok = {
    SILLOK_URL: url,
    SILLOK_KEY: key,
    SILLOK_SPOOL_DIR: join(folder, 'spool'),
    SILLOK_SCRIPTS_DIR: join(folder, 'scripts'),
    SHOP_STORIES: stories.join(','),
    SILLOK_IDENTITY_KEYS: identityKeys ?? newKeys(folder),
    SILLOK_INSIDE_HOSTS: '127.0.0.1',
  };
  const start = async (name, env) => {
    const child = await startService(service(`${name}.mjs`), {
      ...sillok,
      DATABASE_URL: database.url,
      ...env,
    });
    children.set(name, child);
    child.on('message', ({ story, on }) => story !== undefined && tellAll(children, story, on));
    stops.push(() => stop(child));
    return child.ports?.map((port) => `http://127.0.0.1:${port}`) ?? [];
  };
  const services = await startServices(start, { sillok, logs, stops });
  const port = await freePort();
  const shopUrl = `http://127.0.0.1:${port}`;
  const gateways = await start('gateway', {
    ...services.env,
    SILLOK_BROWSER_KEY: await newBrowserKey(url, key, shopUrl),
  });
  const edgeFolder = join(folder, 'edge');
  mkdirSync(edgeFolder, { recursive: true });
  const places = gateways.map((each) => new URL(each).port);
  const place = { folder: edgeFolder, port, gateways: places, log: join(logs, 'edge.log') };
  const edge = nginx === undefined || choices.nodeEdge ? await startNodeEdge(place) : await startNginx(place);
  stops.push(edge.stop);
  const uses = [database.kind, edge.kind, services.stockKind];
  return {
    url: shopUrl,
    providerUrl: services.env.PROVIDER_URL,
    databaseUrl: database.url,
    databaseLog: database.log,
    haltDatabase: database.halt,
    restartDatabase: database.restart,
    uses,
  };
}

/** From the innermost outwards: each is told where those are that it calls. */
async function startServices(start, { sillok, logs, stops }) {
  const [stock, [provider], [payments]] = await Promise.all([
    startStock(start, { sillok, logs, stops }),
    start('provider'),
    start('payments'),
    start('worker'),
  ]);
  // Another name of this machine, so that it is another origin to a browser and a stranger to the services.
  const env = {
    STOCK_URL: stock.url,
    PAYMENTS_URL: payments,
    PROVIDER_URL: provider.replace('127.0.0.1', 'localhost'),
  };
  const [[orders], [login]] = await Promise.all([start('orders', env), start('login', env)]);
  return { env: { ...env, ORDERS_URL: orders, LOGIN_URL: login }, stockKind: stock.kind };
}

/** Public, write-only, and good for pages of the shop alone. A key that may not make others leaves the page without. */
async function newBrowserKey(url, key, origin) {
  const response = await fetch(`${url}/api/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'the shop in browsers', scopes: ['browser'], origins: [origin] }),
  });
  return response.ok ? (await response.json()).key : '';
}

/** Without the server's keys the services have some of their own: people are joined all the same, but not found by e-mail. */
function newKeys(folder) {
  const file = join(folder, IDENTITY_KEYS_FILE);
  writeFileSync(file, withNewEpoch([], new Date().toISOString()), { mode: 0o600 });
  return file;
}

/** Ships what nginx, PostgreSQL and the Python service write. It is started before the services, so it ends after them and sends what is left. */
async function startFollower({ url, key, files, state }) {
  const args = [cli, 'ship', '--follow', ...files, '--state', state, '--json'];
  const env = { SILLOK_URL: url, SILLOK_KEY: key, NO_COLOR: '1' };
  const follower = await startProgram(process.execPath, args, { env });
  return async () => {
    await stop(follower, 'SIGINT');
    const rest = await startProgram(process.execPath, [...args, '--once'], { env });
    const timer = setTimeout(() => rest.kill('SIGKILL'), REST_MS_MAX);
    if (rest.exitCode === null) await once(rest, 'exit');
    clearTimeout(timer);
  };
}

async function startStock(start, { sillok, logs, stops }) {
  const python = command('python3');
  if (python === undefined) {
    const [url] = await start('stock');
    return { url, kind: 'stock in Node (there is no python3)' };
  }
  const child = await startProgram(python, [service('stock.py')], {
    env: { ...sillok, STOCK_LOG: join(logs, 'stock.log') },
    ready: ({ output }) => /port \d+\s/.test(output),
  });
  stops.push(() => stop(child));
  return { url: `http://127.0.0.1:${/port (\d+)/.exec(child.output)[1]}`, kind: 'stock in Python' };
}

/** Resolves when every process has said that it knows. */
async function tellAll(children, story, on) {
  const told = randomUUID();
  const listening = [...children.values()].filter((child) => child.hears && child.connected);
  await Promise.all(
    listening.map(async (child) => {
      const known = hear(child, told);
      child.send({ story, on, told });
      await known;
    }),
  );
}

function hear(child, told) {
  return new Promise((resolve) => {
    const onMessage = (message) => {
      if (message.told !== told) return;
      child.off('message', onMessage);
      child.off('disconnect', resolve);
      resolve();
    };
    child.on('message', onMessage);
    child.once('disconnect', resolve);
  });
}

/** In the opposite order of their start, so that nothing talks to what is gone already. */
async function stopAll(stops, options, folder) {
  for (const each of stops.splice(0).toReversed()) await each().catch(() => undefined);
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const url = process.env.SILLOK_URL ?? 'http://127.0.0.1:4318';
  const data = process.env.SILLOK_DATA_DIR ?? 'data';
  const key = process.env.SILLOK_KEY ?? readFileSync(join(data, 'dev-key'), 'utf8').trim();
  const keys = process.env.SILLOK_IDENTITY_KEYS ?? join(data, 'identity', IDENTITY_KEYS_FILE);
  const shop = await startShop({
    url,
    key,
    ...(existsSync(keys) ? { identityKeys: keys } : {}),
    stories: ['social-login', 'in-app-browser'],
  });
  const { startTraffic } = await import('./traffic.mjs');
  const traffic = startTraffic(shop);
  process.stdout.write(`The shop is at ${shop.url} (${shop.uses.join(', ')}); 20 customers are in it.\n`);
  let ending;
  const end = () => {
    ending ??= traffic
      .stop()
      .then(shop.stop)
      .finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  process.on('disconnect', end);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
