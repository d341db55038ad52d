/**
 * The program: `sillok serve`, and `node dist/serve.js`. Prints one line with a link that signs in; ends with 0 on SIGTERM
 * or SIGINT with everything accepted on disk, with 1 when it could not start or could not go on.
 */
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { readConfig, type ConfigSource } from './config.js';
import { ConfigError } from './errors.js';
import { startServer, type RunningServer } from './main.js';

/** Runs until a signal comes or nothing can be acknowledged any more; answers the exit code. */
export async function serve(source: ConfigSource): Promise<number> {
  let server: RunningServer;
  const signal = nextSignal();
  try {
    server = await startServer(readConfig(source));
  } catch (error) {
    process.stderr.write(`${startProblem(error)}\n`);
    return 1;
  }
  process.stdout.write(`Sillok is at ${server.signInUrl}\n`);
  const outcome = await Promise.race([signal, server.failed.then(() => 'failed' as const)]);
  const isClosed = await server.close().then(
    () => true,
    () => false,
  );
  if (outcome !== 'failed' && isClosed)
    process.stdout.write('Sillok has stopped; all that was taken is on disk.\n');
  return outcome === 'failed' || !isClosed ? 1 : 0;
}

/** A second signal ends at once: what was acknowledged is on disk anyway. */
function nextSignal(): Promise<'signal'> {
  return new Promise((resolve) => {
    let count = 0;
    const onSignal = () => {
      count += 1;
      if (count > 1) process.exit(1);
      resolve('signal');
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function startProblem(error: unknown): string {
  if (error instanceof ConfigError) return `sillok serve: ${error.message}`;
  if (!(error instanceof Error)) return `sillok serve: ${String(error)}`;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE')
    return `sillok serve: ${error.message}. Is another server running? Choose another --port.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `sillok serve: ${error.message}. --host takes an address of this machine, or 0.0.0.0 for all of them.`;
  if (code === 'EACCES' && 'port' in error)
    return `sillok serve: ${error.message}. Ports below 1024 need rights; choose another --port.`;
  if (code === 'spool_locked')
    return `sillok serve: another server uses this data folder. ${error.message} Stop it, or give this one both its own --data FOLDER and its own --port.`;
  if (code === 'spool_disk_full')
    return `sillok serve: ${error.message} Free space on that disk; what was acknowledged is safe.`;
  return `sillok serve: ${error.stack ?? error.message}`;
}

if (isProgram()) {
  const code = await serve({ args: process.argv.slice(2), env: process.env });
  process.exit(code);
}

/** Started itself, not imported. */
function isProgram(): boolean {
  const path = process.argv[1];
  if (path === undefined || !existsSync(path)) return false;
  return realpathSync(path) === fileURLToPath(import.meta.url);
}
