/** `npm start`: installs what is missing, builds, and serves. Arguments go to `sillok serve`. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, installPackages, requireNode, root } from './lib/prepare.mjs';

requireNode();
await installPackages();
await build();

const server = spawn(
  process.execPath,
  [join(root, 'apps', 'cli', 'dist', 'main.js'), 'serve', ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // A terminal sends SIGINT to the whole group by itself; a second one would cut the graceful stop short.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    server.kill(signal);
  });
}
server.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
