// Starts the whole shop: database, third party, services, worker, edge, and the follower that ships the files of nginx and
// of the Python service. `node examples/shop/shop.mjs` beside a running Sillok, or `npm start -- --demo`.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginx, startNginx } from './edge/nginx.mjs';
import { startNodeEdge } from './edge/node-edge.mjs';
import { answers, command, freePort, startProgram, startService, stop } from './lib/programs.mjs';
import { startDatabase } from './lib/start-database.mjs';

/** For the last lines at the end; a server that is away must not hold the shop open. */
const REST_MS_MAX = 10_000;
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '..', '..', 'apps', 'cli', 'dist', 'main.js');
const service = (name) => join(here, 'services', name);

/**
 * @param {{ url: string, key: string, folder?: string, pglite?: boolean, nodeEdge?: boolean, stories?: string[] }} options
 *   `url` and `key` of Sillok; `pglite` and `nodeEdge` go without PostgreSQL and nginx even where they are installed.
 */
export async function startShop(options) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sillok-shop-'));
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

async function startParts({ url, key, folder, stops, children, stories = [], ...choices }) {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  stops.push(await startFollower({ url, key, logs, state: join(folder, 'state') }));
  const database = await startDatabase(choices);
  stops.push(database.stop);
  const sillok = {
    SILLOK_URL: url,
    SILLOK_KEY: key,
    SILLOK_SPOOL_DIR: join(folder, 'spool'),
    SHOP_STORIES: stories.join(','),
  };
  const ports = await takePorts([
    'provider',
    'stock',
    'payments',
    'orders',
    'login',
    'gateway1',
    'gateway2',
    'edge',
  ]);
  const at = (name) => `http://127.0.0.1:${ports[name]}`;
  const common = {
    ...sillok,
    DATABASE_URL: database.url,
    PROVIDER_URL: at('provider'),
    STOCK_URL: at('stock'),
    PAYMENTS_URL: at('payments'),
    ORDERS_URL: at('orders'),
    LOGIN_URL: at('login'),
    STOCK_LOG: join(logs, 'stock.log'),
  };
  const add = (name, child) => {
    children.set(name, child);
    child.on('message', ({ story, on }) => story !== undefined && tellAll(children, story, on));
    stops.push(() => stop(child));
  };
  const start = async (name, env = {}) =>
    add(
      name,
      await startService(service(`${name}.mjs`), { ...common, PORT: String(ports[name] ?? 0), ...env }),
    );
  const gateways = [ports.gateway1, ports.gateway2];
  const [stockKind] = await Promise.all([
    startStock({ common, port: ports.stock, add, start }),
    start('provider'),
    start('payments'),
    start('orders'),
    start('login'),
    start('worker'),
    start('gateway', { PORTS: gateways.join(',') }),
  ]);
  const edgeFolder = join(folder, 'edge');
  mkdirSync(edgeFolder, { recursive: true });
  const place = { folder: edgeFolder, port: ports.edge, gateways, log: join(logs, 'edge.log') };
  const edge = nginx === undefined || choices.nodeEdge ? await startNodeEdge(place) : await startNginx(place);
  stops.push(edge.stop);
  return {
    url: at('edge'),
    providerUrl: at('provider'),
    databaseUrl: database.url,
    uses: [database.kind, edge.kind, stockKind],
  };
}

/** Ships what nginx and the Python service write. It is started first, so it ends last; then it sends what is left. */
async function startFollower({ url, key, logs, state }) {
  const args = [cli, 'ship', '--follow', join(logs, '*.log'), '--state', state, '--json'];
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

async function startStock({ common, port, add, start }) {
  const python = command('python3');
  if (python === undefined) {
    await start('stock');
    return 'stock in Node (there is no python3)';
  }
  add(
    'stock',
    await startProgram(python, [service('stock.py')], {
      env: { ...common, PORT: String(port) },
      ready: () => answers(`${common.STOCK_URL}/stock`),
    }),
  );
  return 'stock in Python';
}

async function takePorts(names) {
  const entries = [];
  for (const name of names) entries.push([name, await freePort()]);
  return Object.fromEntries(entries);
}

function tellAll(children, story, on) {
  for (const child of children.values()) if (child.connected) child.send({ story, on });
}

/** In the opposite order of their start, so that nothing talks to what is gone already. */
async function stopAll(stops, options, folder) {
  for (const each of stops.splice(0).toReversed()) await each().catch(() => undefined);
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const url = process.env.SILLOK_URL ?? 'http://127.0.0.1:4318';
  const key =
    process.env.SILLOK_KEY ??
    readFileSync(join(process.env.SILLOK_DATA_DIR ?? 'data', 'dev-key'), 'utf8').trim();
  const shop = await startShop({ url, key, stories: ['social-login', 'in-app-browser'] });
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
