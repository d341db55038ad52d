/** A real NATS server with JetStream from Debian's package on a free port. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, Program } from './programs.js';
import { freePort } from './server.js';

const program = command('nats-server');

export const natsMissing: string | undefined =
  program === undefined ? 'needs Debian’s nats-server' : undefined;

export interface Nats {
  readonly port: number;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export async function startNats(): Promise<Nats> {
  if (program === undefined) throw new Error('nats-server is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'sillok-nats-'));
  const port = await freePort();
  const server = new Program(program, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder]);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await server.printed(/Server is ready/).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { port, url: `nats://127.0.0.1:${port}`, stop };
}
