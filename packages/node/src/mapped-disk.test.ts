import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listSegments, nodeDisk, openSpoolWriter } from '@sillok/spool';
import { readGroups, recoverSpool, SPOOL_START } from '@sillok/spool';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMappedDisk } from './mapped-disk.js';
import { loadNative } from './native.js';

let directory = '';

beforeAll(() => {
  spawnSync(process.execPath, [join(import.meta.dirname, '..', 'native', 'build.mjs')], { stdio: 'inherit' });
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sillok-mapped-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const SEGMENT_BYTES = 256 * 1024;
const header = { sillok: 1, producer: 'p', boot: 'b', resource: {}, encoding: 'flat' } as const;

/** Where there is no native part the same must hold of the ordinary disk. */
function makeDisk(): typeof nodeDisk {
  const native = loadNative();
  return native === undefined ? nodeDisk : createMappedDisk(native, SEGMENT_BYTES);
}

const lineOf = (seq: number, filler = ''): string => JSON.stringify({ seq, filler });

function readSeqs(): number[] {
  const seqs: number[] = [];
  for (const { lines } of readGroups({ directory, from: SPOOL_START })) {
    for (const [, seq] of lines.toString().matchAll(/^\{"seq":(\d+)/gm)) seqs.push(Number(seq));
  }
  return seqs;
}

test('what was appended is readable at once, over segments and lines larger than a segment', async () => {
  const writer = openSpoolWriter({ directory, header, disk: makeDisk(), segmentBytesMax: SEGMENT_BYTES });
  const expected: number[] = [];
  for (let seq = 1; seq <= 3000; seq += 1) {
    writer.append(lineOf(seq, '한'.repeat(seq % 300)));
    expected.push(seq);
  }
  expect(readSeqs()).toEqual(expected);
  writer.append(lineOf(3001, 'x'.repeat(4 * 1024 * 1024)));
  writer.append(lineOf(3002));
  expect(readSeqs()).toEqual([...expected, 3001, 3002]);
  await writer.close();
  expect(listSegments({ directory }).length).toBeGreaterThan(2);
  for (const { path, sealed } of listSegments({ directory })) {
    expect(sealed).toBe(true);
    expect(readFileSync(path).includes(0)).toBe(false);
  }
});

test('a file that rests ends with its last line', async () => {
  const writer = openSpoolWriter({ directory, header, disk: makeDisk() });
  for (let round = 1; round <= 3; round += 1) {
    writer.append(lineOf(round));
    await writer.sync();
    const [segment] = listSegments({ directory });
    expect(statSync(segment?.path ?? '').size).toBe(writer.written.offset);
  }
  expect(readSeqs()).toEqual([1, 2, 3]);
  await writer.close();
});

test('zero bytes that a killed writer leaves behind its lines are no damage', () => {
  const writer = openSpoolWriter({
    directory,
    header,
    disk: makeDisk(),
    // A writer that never syncs and never closes is one that was killed.
    timers: { after: () => () => undefined, every: () => () => undefined },
    processes: { self: { pid: 1, start: '', host: 'gone' }, liveness: () => 'dead' },
  });
  for (let seq = 1; seq <= 100; seq += 1) writer.append(lineOf(seq));
  const processes = { self: { pid: 2, start: '', host: 'here' }, liveness: () => 'dead' as const };
  const report = recoverSpool({ directory, processes });
  expect(report).toMatchObject({ closed: 1, tailRecords: 100, damaged: [] });
  const [segment] = listSegments({ directory });
  expect(segment?.sealed).toBe(true);
  expect(readFileSync(segment?.path ?? '').includes(0)).toBe(false);
  expect(readSeqs()).toHaveLength(100);
});
