/** A real Redis from Debian's package on a free port, in memory only. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, Program } from './programs.js';
import { freePort } from './server.js';

const program = command('redis-server');

export const redisMissing: string | undefined =
  program === undefined ? 'needs Debian’s redis-server' : undefined;

export interface Redis {
  readonly port: number;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export async function startRedis(): Promise<Redis> {
  if (program === undefined) throw new Error('redis-server is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'sillok-redis-'));
  const port = await freePort();
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const server = new Program(program, [...place, '--save', '', '--appendonly', 'no']);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await server.printed(/Ready to accept connections/).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { port, url: `redis://127.0.0.1:${port}`, stop };
}
