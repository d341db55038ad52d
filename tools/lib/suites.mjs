/** Runs suites one after the other and counts: a suite is the vitest run or one check. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run, say } from './prepare.mjs';

export const tally = { passed: 0, failed: 0, skipped: 0 };
const skippedNames = [];

const bin = (name, ...path) => join(root, 'node_modules', name, ...path);

/** All tests through vitest. Extra arguments (a path, `-t name`) go to it. */
export async function runTests(args) {
  const directory = mkdtempSync(join(tmpdir(), 'sillok-report-'));
  const report = join(directory, 'report.json');
  const code = await run(process.execPath, [
    bin('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ]);
  if (existsSync(report)) count(JSON.parse(readFileSync(report, 'utf8')));
  else tally.failed += 1;
  if (code !== 0 && tally.failed === 0) tally.failed += 1;
  rmSync(directory, { recursive: true, force: true });
}

function count(result) {
  tally.passed += result.numPassedTests;
  tally.failed += result.numFailedTests;
  tally.skipped += result.numPendingTests + (result.numTodoTests ?? 0);
  for (const file of result.testResults) {
    // A file that could not even be loaded has no tests to count.
    if (file.status === 'failed' && file.assertionResults.length === 0) tally.failed += 1;
    for (const test of file.assertionResults) {
      if (test.status === 'skipped' || test.status === 'pending') skippedNames.push(test.fullName);
    }
  }
}

/** One check that passes or fails as a whole. */
export async function runCheck(title, command, args) {
  say(`\n• ${title}`);
  const code = await run(command, args);
  if (code === 0) tally.passed += 1;
  else {
    tally.failed += 1;
    say(`✗ ${title} failed`);
  }
}

export async function runChecks() {
  const node = process.execPath;
  await runCheck('types, tests included', node, [
    bin('typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.test.json',
    '--noEmit',
  ]);
  await runCheck('types of the console', node, [bin('typescript', 'bin', 'tsc'), '-p', 'apps/console']);
  await runCheck('types of the browser SDK, tests included', node, [
    bin('typescript', 'bin', 'tsc'),
    '-p',
    'packages/browser/tsconfig.test.json',
  ]);
  await runCheck('lint', node, [bin('oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings', '.']);
  await runCheck('format', node, [bin('oxfmt', 'bin', 'oxfmt'), '--check', '.']);
  await runCheck('unused files, exports and dependencies', node, [bin('knip', 'bin', 'knip.js')]);
}

export function finish() {
  if (skippedNames.length > 0) {
    say('\nSkipped, by name:');
    for (const name of skippedNames) say(`  - ${name}`);
  }
  say(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  process.exit(tally.failed === 0 ? 0 : 1);
}
