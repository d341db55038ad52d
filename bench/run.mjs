/**
 * `npm run bench`: all benchmarks, one after the other, each in a process of its own. Each compares with a peer or a
 * limit in the same run and prints ratios. `--short` is a smoke run; names choose (`npm run bench -- logger http`).
 * Names come first: everything from the first option on is handed to each of them as it stands, since only a benchmark
 * knows which of its options have a value (`npm run bench -- console --data DIR --only scroll`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2);
const firstOption = args.findIndex((each) => each.startsWith('--'));
const wanted = firstOption < 0 ? args : args.slice(0, firstOption);
const options = firstOption < 0 ? [] : args.slice(firstOption);
const notBenchmarks = new Set(['run.mjs', 'realistic-lines.mjs']);

const names = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && !notBenchmarks.has(file))
  .map((file) => file.slice(0, -'.mjs'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
if (names.length === 0) {
  process.stdout.write(`no benchmark of that name; there are: ${readdirSync(here).join(', ')}\n`);
  process.exit(2);
}
if (!existsSync(join(here, '..', 'apps', 'server', 'dist'))) {
  process.stdout.write('build first: npm run build\n');
  process.exit(2);
}

let failed = 0;
for (const name of names) {
  process.stdout.write(`\n=== ${name} ===\n`);
  const { status } = spawnSync(process.execPath, [join(here, `${name}.mjs`), ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
