// PostgreSQL where it is installed; else PGlite, PostgreSQL in WebAssembly, which npm brought along. PostgreSQL logs what is slow and
// what fails to files of its own, which the shop follows.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { SCHEMA } from './schema.mjs';
import { freePort, keep, keepFolder, release, startProgram } from './programs.mjs';

const PACKAGES = '/usr/lib/postgresql';
const USER = 'postgres';
/** What counts as slow: far more than any statement of the shop takes without its fault. */
const SLOW = '500ms';
/** Before this version there is no jsonlog. */
const JSON_SINCE = 15;

export async function startDatabase(options = {}) {
  const bin = options.pglite ? undefined : binaries();
  const database = bin === undefined ? await startPglite() : await startPostgres(bin);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(SCHEMA);
  await client.end();
  return database;
}

async function startPglite() {
  const { PGlite } = await import('@electric-sql/pglite');
  const { PGLiteSocketServer } = await import('@electric-sql/pglite-socket');
  const db = await PGlite.create();
  const server = new PGLiteSocketServer({ db, port: 0, host: '127.0.0.1', maxConnections: 30 });
  await server.start();
  const url = `postgres://${USER}@${server.getServerConn()}/${USER}`;
  const stop = async () => {
    await server.stop();
    await db.close();
  };
  return { url, kind: 'PGlite', stop };
}

async function startPostgres(bin) {
  const folder = mkdtempSync(join(tmpdir(), 'sillok-shop-postgres-'));
  keepFolder(folder);
  // It refuses to run as root, so under root it runs as the package's user.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, idOf('-u'), idOf('-g'));
  const as = (args) => (isRoot ? ['runuser', '-u', USER, '--', ...args] : args);
  const data = join(folder, 'data');
  const how = ['--no-sync', '--auth=trust', '--encoding=UTF8', `--username=${USER}`];
  const [init, ...options] = as([join(bin, 'initdb'), '-D', data, ...how]);
  const made = await startProgram(init, options);
  if (made.exitCode === null) await once(made, 'exit');
  if (made.exitCode !== 0) throw new Error(`initdb: ${made.output}`);
  const port = await freePort();
  const url = `postgres://${USER}@127.0.0.1:${port}/${USER}`;
  const form = Number(basename(dirname(bin))) >= JSON_SINCE ? 'json' : 'csv';
  const set = settingsOf(folder, form).flatMap((each) => ['-c', each]);
  const [file, ...args] = as([join(bin, 'postgres'), '-D', data, '-p', String(port), ...set]);
  const start = async () => {
    const child = await startProgram(file, args, { ready: () => connects(url) });
    // runuser passes no signals on, so the server's own pid is asked; SIGINT is its fast shutdown.
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    keep(pid, 'SIGINT');
    return { child, pid };
  };
  let running = await start();
  const halt = async () => {
    if (running === undefined) return;
    const { child, pid } = running;
    running = undefined;
    process.kill(pid, 'SIGINT');
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    release(pid);
  };
  const restart = async () => {
    running ??= await start();
  };
  const stop = async () => {
    await halt();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, kind: 'PostgreSQL', log: join(folder, 'log', `postgresql.${form}`), halt, restart, stop };
}

function settingsOf(folder, form) {
  return [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'shared_buffers=32MB',
    'logging_collector=on',
    `log_directory=${join(folder, 'log')}`,
    'log_filename=postgresql.log',
    `log_destination=${form}log`,
    `log_min_duration_statement=${SLOW}`,
  ];
}

async function connects(url) {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function binaries() {
  if (!existsSync(PACKAGES)) return undefined;
  const versions = readdirSync(PACKAGES).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(PACKAGES, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

function idOf(option) {
  return Number(spawnSync('id', [option, USER], { encoding: 'utf8' }).stdout);
}
