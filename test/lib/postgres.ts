/**
 * A real PostgreSQL from Debian's package, in a folder of its own and on a port of its own.
 *
 * It refuses to run as root, so under root it is started as the package's user. Its log goes to standard error unless the
 * settings send it elsewhere; durability is off, since a test keeps nothing.
 */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from './programs.js';
import { freePort } from './server.js';

const PACKAGES = '/usr/lib/postgresql';
const USER = 'postgres';

export interface Postgres {
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly url: string;
  /** Holds `data` and, where the settings ask for log files, `data/log`. */
  readonly folder: string;
  /** What it wrote to standard error: its log, by default. */
  readonly output: () => string;
  /** Stops it and keeps its data; `restart` brings it back where it was. */
  readonly halt: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Why there is no PostgreSQL to test with, for the name of a skipped test; undefined when there is one. */
export const postgresMissing: string | undefined =
  binaries() === undefined ? 'needs Debian’s postgresql' : undefined;

/** `settings` are those of postgresql.conf: `{ log_min_duration_statement: '50ms' }`. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
  const bin = binaries();
  if (bin === undefined) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'sillok-postgres-'));
  if (isRoot()) chownSync(folder, numberOf('-u'), numberOf('-g'));
  const data = join(folder, 'data');
  const options = ['--no-sync', '--auth=trust', '--encoding=UTF8', '--locale=C', `--username=${USER}`];
  const [file, ...args] = asUser([join(bin, 'initdb'), '-D', data, ...options]);
  const made = spawnSync(file, args, { encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`initdb: ${made.stderr}${made.stdout}`);
  }
  return run({ bin, folder, data, port: await freePort(), settings });
}

/** A standby that follows this one by streaming, as replicas do. */
export async function startReplicaOf(primary: Postgres): Promise<Postgres> {
  const bin = binaries();
  if (bin === undefined) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'sillok-replica-'));
  if (isRoot()) chownSync(folder, numberOf('-u'), numberOf('-g'));
  const data = join(folder, 'data');
  const from = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', primary.user];
  const [file, ...args] = asUser([join(bin, 'pg_basebackup'), '-D', data, '-R', '-X', 'stream', ...from]);
  const made = spawnSync(file, args, { encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`pg_basebackup: ${made.stderr}${made.stdout}`);
  }
  return run({ bin, folder, data, port: await freePort(), settings: {} });
}

interface Plan {
  readonly bin: string;
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}

async function run({ bin, folder, data, port, settings }: Plan): Promise<Postgres> {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    shared_buffers: '32MB',
    lc_messages: 'C',
    ...settings,
  };
  const set = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [file, ...args] = asUser([join(bin, 'postgres'), '-D', data, '-p', String(port), ...set]);
  let output = '';
  let program: Program | undefined;
  const halt = async (): Promise<void> => {
    const running = program;
    if (running === undefined) return;
    program = undefined;
    // SIGINT is its fast shutdown: open connections are ended. runuser passes no signals on, so its own pid is asked.
    const pid = pidOf(data);
    if (pid !== undefined) process.kill(pid, 'SIGINT');
    await (pid === undefined ? running.stop() : running.ended());
    output += running.output;
  };
  const stop = async (): Promise<void> => {
    await halt();
    rmSync(folder, { recursive: true, force: true });
  };
  const restart = async (): Promise<void> => {
    program ??= new Program(file, args);
    await program.printed(
      /database system is ready to accept (?:read-only )?connections|redirecting log output/,
    );
    const ready = [join(bin, 'pg_isready'), '-h', '127.0.0.1', '-p', String(port), '-t', '20', '-q'];
    const [ask, ...words] = ready;
    // With log files the line above comes before it is ready; pg_isready answers 1 until then.
    for (let status: number | null = 1; status === 1;) status = spawnSync(ask ?? '', words).status;
  };
  try {
    await restart();
  } catch (error) {
    await stop();
    throw error;
  }
  const url = `postgres://${USER}@127.0.0.1:${port}/${USER}`;
  const said = (): string => output + (program?.output ?? '');
  return { port, user: USER, database: USER, url, folder, output: said, halt, restart, stop };
}

/** The folder of the newest installed version's programs. */
function binaries(): string | undefined {
  if (!existsSync(PACKAGES)) return undefined;
  const versions = readdirSync(PACKAGES).filter((name) => existsSync(join(PACKAGES, name, 'bin', 'initdb')));
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  return newest === undefined ? undefined : join(PACKAGES, newest, 'bin');
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function asUser(command: readonly string[]): [string, ...string[]] {
  const [file = '', ...args] = command;
  return isRoot() ? ['runuser', '-u', USER, '--', file, ...args] : [file, ...args];
}

function numberOf(option: '-u' | '-g'): number {
  return Number(spawnSync('id', [option, USER], { encoding: 'utf8' }).stdout);
}

function pidOf(data: string): number | undefined {
  try {
    return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}
