// PostgreSQL where it is installed; else PGlite, PostgreSQL in WebAssembly, which npm brought along.
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { SCHEMA } from './schema.mjs';
import { freePort, startProgram } from './programs.mjs';

const PACKAGES = '/usr/lib/postgresql';
const USER = 'postgres';

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
  // It refuses to run as root, so under root it runs as the package's user.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, idOf('-u'), idOf('-g'));
  const as = (args) => (isRoot ? ['runuser', '-u', USER, '--', ...args] : args);
  const data = join(folder, 'data');
  const how = ['--no-sync', '--auth=trust', '--encoding=UTF8', `--username=${USER}`];
  const [init, ...options] = as([join(bin, 'initdb'), '-D', data, ...how]);
  const made = spawnSync(init, options, { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'shared_buffers=32MB',
  ];
  const set = settings.flatMap((each) => ['-c', each]);
  const [file, ...args] = as([join(bin, 'postgres'), '-D', data, '-p', String(port), ...set]);
  const child = await startProgram(file, args, {
    ready: ({ output }) => output.includes('ready to accept connections'),
  });
  const stop = async () => {
    // runuser passes no signals on, so the server's own pid is asked; SIGINT is its fast shutdown.
    process.kill(Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGINT');
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `postgres://${USER}@127.0.0.1:${port}/${USER}`, kind: 'PostgreSQL', stop };
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
