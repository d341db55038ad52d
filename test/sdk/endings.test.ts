/** The ways in which a process ends, and what its spool tells about them afterwards. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBoots, type Boot } from './spools.js';

const fixtures = join(import.meta.dirname, 'fixtures');
const node = process.env['SILLOK_TEST_NODE'] ?? process.execPath;
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-endings-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function end(way: string): { boots: Boot[]; status: number | null; signal: string | null; stderr: string } {
  const run = spawnSync(node, [join(fixtures, 'end.mjs'), way, root], { encoding: 'utf8', timeout: 60_000 });
  return { boots: readBoots(root), status: run.status, signal: run.signal, stderr: run.stderr };
}

/** Message, level and event of each record of the only boot. */
function summary(boots: readonly Boot[]): unknown[] {
  expect(boots).toHaveLength(1);
  return (boots[0]?.records ?? []).map(({ level, message }) => [level, message]);
}

test.each([
  ['runs out', 0, 'closed: exit'],
  ['exit', 3, 'closed: exit with an error'],
  ['closes', 0, 'closed: close'],
])('a process that %s ends with its own status, and its record is closed', (way, status, closing) => {
  const run = end(way);
  expect(run.status).toBe(status);
  expect(summary(run.boots)).toEqual([
    ['info', 'first line'],
    ['debug', closing],
  ]);
});

test('an exception that nobody catches is recorded with its trace, and ends the process as ever', () => {
  const run = end('throws');
  expect(run.status).toBe(1);
  expect(run.stderr).toContain('TypeError: nobody catches this');
  expect(summary(run.boots)).toEqual([
    ['info', 'first line'],
    ['fatal', 'uncaught exception: nobody catches this'],
    ['debug', 'closed: exit with an error'],
  ]);
  expect(run.boots[0]?.records[1]).toMatchObject({
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    'exception.type': 'TypeError',
    'exception.stacktrace': expect.stringContaining('end.mjs'),
  });
});

test('a rejection that nobody awaits is recorded, and ends the process as ever', () => {
  const run = end('rejects');
  expect(run.status).toBe(1);
  expect(summary(run.boots)).toContainEqual(['fatal', 'unhandled rejection: nobody awaits this']);
});

test('a rejection that the host handles is recorded as an error, and the process lives on', () => {
  const run = end('rejects, handled');
  expect(run.status).toBe(0);
  expect(summary(run.boots)).toContainEqual(['error', 'unhandled rejection: handled by the host']);
});

test('warnings of Node are recorded, and printed as ever', () => {
  const run = end('warns');
  expect(run.stderr).toContain('DeprecationWarning: something is old');
  expect(summary(run.boots)).toContainEqual(['warn', 'DeprecationWarning: something is old']);
});

test('a signal that nobody handles closes the record and still kills', () => {
  const run = end('SIGTERM');
  expect(run.signal).toBe('SIGTERM');
  expect(summary(run.boots)).toEqual([
    ['info', 'first line'],
    ['debug', 'closed: SIGTERM'],
  ]);
});

test('a signal that the host handles is left to the host', () => {
  const run = end('SIGTERM, handled');
  expect([run.status, run.signal]).toEqual([0, null]);
  expect(summary(run.boots)).toEqual([
    ['info', 'first line'],
    ['info', 'closing'],
    ['debug', 'closed: exit'],
  ]);
});

test.each([
  ['thread', 2],
  ['cluster', 3],
])('%s: each has a boot of its own under one producer, each without gaps', (way, count) => {
  const { boots, status } = end(way);
  expect(status).toBe(0);
  expect(boots).toHaveLength(count);
  expect(new Set(boots.map(({ producer }) => producer)).size).toBe(1);
  for (const { records } of boots) {
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
    expect(records[0]?.message).toBe('first line');
  }
});
