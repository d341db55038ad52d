/**
 * `npm run soak`: the long forms of tests that have a short form in CI, one after the other. Names choose:
 * `npm run soak -- kills order`. What each does stands in the test's own file. Options come last, for those that have some;
 * of the others they go to vitest, so that a soak may be taken in pieces: `npm run soak -- audit -t during-commit`.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { fillForJourneys } from './journeys.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SOAKS = {
  kills: { files: ['test/crash/sdk.test.ts'], env: { SILLOK_KILLS: '200' } },
  engine: { files: ['test/crash/server.test.ts'], env: { SILLOK_KILLS: '50' } },
  scripts: { files: ['test/scripts/script-runs.test.ts'], env: { SILLOK_SCRIPT_ITEMS: '10000' } },
  audit: { files: ['test/sdk/audit-crash.test.ts'], env: { SILLOK_KILLS: '200' } },
  attacks: { files: ['apps/server/src/audit/attacks.test.ts'], env: { SILLOK_LONG: '1' } },
  order: { files: ['test/order.test.ts'], env: { SILLOK_ORDER_RECORDS: '1000000' } },
  verdicts: {
    files: ['test/e2e/shop-causes.test.ts', 'test/e2e/browser/repeats.test.ts'],
    env: { SILLOK_CASES: '200' },
  },
  journeys: {
    files: [
      'test/e2e/journeys.test.ts',
      'test/e2e/journey-manager.test.ts',
      'test/e2e/journey-oncall.test.ts',
      'test/e2e/console-pages.test.ts',
    ],
    env: {},
    prepare: fillForJourneys,
    // One at a time: each has a server with all the records, and is timed.
    args: ['--no-file-parallelism', '--testTimeout=900000', '--hookTimeout=300000'],
  },
  storm: { files: ['test/e2e/browser/storm.test.ts'], env: { SILLOK_STORM_REPEATS: '1000000' } },
};

const given = process.argv.slice(2);
const firstOption = given.findIndex((each) => each.startsWith('-'));
const wanted = firstOption < 0 ? given : given.slice(0, firstOption);
const options = firstOption < 0 ? [] : given.slice(firstOption);
const unknown = wanted.filter((name) => !(name in SOAKS));
if (unknown.length > 0) {
  process.stdout.write(
    `no soak of that name: ${unknown.join(', ')}; there are: ${Object.keys(SOAKS).join(', ')}\n`,
  );
  process.exit(2);
}
let failed = 0;
for (const [name, { files, env: preset, prepare, args = [] }] of Object.entries(SOAKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const prepared = await prepare?.(options);
  const env = { ...preset, ...prepared?.env };
  process.stdout.write(`\n=== ${name}: ${JSON.stringify(env)} ===\n`);
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...files,
      ...args,
      ...(prepare === undefined ? options : []),
    ],
    {
      cwd: root,
      stdio: 'inherit',
      // What stands in the environment goes before: `SILLOK_CASES=40 npm run soak -- verdicts`.
      env: { ...env, ...process.env },
    },
  );
  prepared?.remove();
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
