/**
 * `npm start`: installs what is missing, builds, and serves. Arguments go to `sillok serve`; with `--demo` the shop of
 * examples/shop is started beside it, with customers in it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoAdmin } from './lib/demo-admin.mjs';
import { build, installPackages, requireNode, root } from './lib/prepare.mjs';

const READY_MS = 200;

requireNode();
await installPackages();
await build();

const isDemo = process.argv.includes('--demo');
const args = process.argv.slice(2).filter((each) => each !== '--demo');
const admin = isDemo ? await demoAdmin() : undefined;
const server = spawn(process.execPath, [join(root, 'apps', 'cli', 'dist', 'main.js'), 'serve', ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...admin?.serverEnv, ...process.env },
  // The shop goes before its server, so a terminal's SIGINT must not reach the server by itself.
  detached: isDemo,
});
let shop;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (shop !== undefined && shop.exitCode === null) {
      shop.kill('SIGTERM');
      await once(shop, 'exit');
    }
    // A terminal sends SIGINT to the whole group by itself; a second one would cut the graceful stop short.
    if (signal === 'SIGINT' && process.stdin.isTTY && !isDemo) return;
    server.kill('SIGTERM');
  });
}
server.once('exit', (code, signal) => {
  admin?.remove();
  shop?.kill('SIGTERM');
  process.exit(signal ? 1 : (code ?? 1));
});
if (isDemo) shop = await startShop();

/** Once the server is ready, since the key is made at its first start. */
async function startShop() {
  const option = (name) => {
    const at = args.findIndex((each) => each === name || each.startsWith(`${name}=`));
    return at < 0 ? undefined : args[at].includes('=') ? args[at].split('=')[1] : args[at + 1];
  };
  const url = `http://127.0.0.1:${option('--port') ?? process.env.SILLOK_PORT ?? 4318}`;
  const data = option('--data') ?? process.env.SILLOK_DATA_DIR ?? join(root, 'data');
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok !== true)
    await new Promise((resolve) => setTimeout(resolve, READY_MS));
  const key = readFileSync(join(data, 'dev-key'), 'utf8').trim();
  return spawn(process.execPath, [join(root, 'examples', 'shop', 'shop.mjs')], {
    cwd: root,
    // Over the channel the shop notices when this process is killed.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...admin?.shopEnv, SILLOK_URL: url, SILLOK_KEY: key, SILLOK_DATA_DIR: data },
    detached: true,
  });
}
