/** The program `sillok`: one process, one command. */
import { createRequire } from 'node:module';
import type { ServeSetting } from './commands/serve.js';
import { EXIT } from './exit-codes.js';
import { runCli } from './program.js';

// The package's own file, which has a version.
const manifest = createRequire(import.meta.url)('../package.json') as { readonly version: string };

const stop = new AbortController();
let signals = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    signals += 1;
    // A second one does not wait for anything.
    if (signals > 1) process.exit(EXIT.interrupted);
    stop.abort();
  });
}
// `sillok search … | head` ends the reader first; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
});

const args = process.argv.slice(2);
const io = { out: process.stdout, err: process.stderr, env: process.env, signal: stop.signal };
process.exitCode = await runCli(args, {
  io,
  version: manifest.version,
  settings: await settingsFor(args[0]),
});

/** Only `serve` loads the server, so that the other commands start at once. */
async function settingsFor(command: string | undefined): Promise<readonly ServeSetting[]> {
  if (command !== 'serve' && command !== 'help') return [];
  const { allSettings } = await import('@sillok/server');
  return allSettings();
}
