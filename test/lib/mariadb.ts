/** A real MariaDB from Debian's package on a free port, in a folder of its own. Signs `root` in without a password. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, Program } from './programs.js';
import { freePort } from './server.js';

const program = command('mariadbd');
const installer = command('mariadb-install-db');

export const mariadbMissing: string | undefined =
  program === undefined || installer === undefined ? 'needs Debian’s mariadb-server' : undefined;

export interface MariaDb {
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** `settings` are options of the server: `{ 'general-log': '1' }`. */
export async function startMariaDb(settings: Readonly<Record<string, string>> = {}): Promise<MariaDb> {
  if (program === undefined || installer === undefined) throw new Error('MariaDB is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'sillok-mariadb-'));
  const data = join(folder, 'data');
  // It runs as whoever runs the test: `--user` only says that root is meant.
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const place = ['--no-defaults', `--datadir=${data}`, ...user];
  const options = ['--auth-root-authentication-method=normal', '--skip-test-db'];
  const made = spawnSync(installer, [...place, ...options], { encoding: 'utf8' });
  const port = await freePort();
  const set = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const network = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${join(folder, 'socket')}`];
  const server = new Program(program, [...place, ...network, '--innodb-flush-log-at-trx-commit=0', ...set]);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await server.printed(/ready for connections/).catch(async (error: unknown) => {
    await stop();
    throw new Error(`${made.stderr}${made.stdout}`, { cause: error });
  });
  const database = 'mysql';
  return { port, user: 'root', database, url: `mysql://root@127.0.0.1:${port}/${database}`, stop };
}
