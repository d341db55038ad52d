/** The heap stays flat over many requests with contexts. 200,000 here; `SILLOK_SDK_REQUESTS=1000000` is the long form. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const requests = process.env['SILLOK_SDK_REQUESTS'] ?? '200000';
const node = process.env['SILLOK_TEST_NODE'] ?? process.execPath;

test('requests leave nothing behind', () => {
  const fixture = join(import.meta.dirname, 'fixtures', 'million-requests.mjs');
  const run = spawnSync(node, ['--expose-gc', fixture, requests], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  const { early, late }: { early: number; late: number } = JSON.parse(run.stdout);
  // Remembered keys and the optimizer's code; a leak of one context per request would be hundreds of MiB.
  expect(late - early, `${early} MiB, then ${late} MiB`).toBeLessThan(4);
}, 300_000);
