/**
 * The engine child: ClickHouse (chdb) behind its own HTTP protocol, on loopback, with a secret.
 *
 * As a child of the server it reads the secret from the first line of stdin and lives as long as stdin is open: when
 * the parent dies, however it dies, the child ends too. (SQL can read /proc/self/environ, so an environment variable
 * is no place for a secret; SILLOK_ENGINE_SECRET is for an engine started by hand, and then stdin does not matter.)
 * It always ends by SIGKILL, because an orderly exit of the library can hang; what it holds is derived from the queue.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createBodyFiles } from './child/bodies.js';
import { writeConfig } from './child/config-files.js';
import { keepMemorySmall } from './child/memory-keeper.js';
import { loadNative } from './child/native.js';
import { createPools } from './child/pools.js';
import { createRunner } from './child/runner.js';
import { createEngineServer } from './child/server.js';
import { BODIES_DIRECTORY, DATABASE_DIRECTORY } from './filenames.js';

const LOOPBACK = '127.0.0.1';

async function main(): Promise<void> {
  const dataDirectory = process.env['SILLOK_ENGINE_DATA'];
  if (dataDirectory === undefined || dataDirectory === '') throw new Error('SILLOK_ENGINE_DATA is not set');
  const secret = process.env['SILLOK_ENGINE_SECRET'] || (await secretFromParent());
  process.on('SIGTERM', end);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const runner = createRunner({
    native: loadNative(),
    databasePath: join(dataDirectory, DATABASE_DIRECTORY),
    connectionArgs: writeConfig(dataDirectory),
    pools: createPools(),
    bodies: createBodyFiles(join(dataDirectory, BODIES_DIRECTORY)),
  });
  const version = await runner.version();
  keepMemorySmall({ residentBytes: () => process.memoryUsage.rss(), purge: () => runner.purgeMemory() });
  const server = createEngineServer({ runner, secret, version });
  server.listen(Number(process.env['SILLOK_ENGINE_PORT'] ?? 0), LOOPBACK, () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    process.stdout.write(`${JSON.stringify({ ready: true, port: address.port, version })}\n`);
  });
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** The first line of stdin; from then on its end is ours. */
function secretFromParent(): Promise<string> {
  // Ctrl-C reaches the whole process group; the parent decides the order of the stop.
  process.on('SIGINT', () => undefined);
  const lines = createInterface({ input: process.stdin });
  lines.on('close', end);
  return new Promise((resolve) => lines.once('line', resolve));
}

await main();
