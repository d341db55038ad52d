import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listSegments, nodeDisk, openSpoolWriter, type SpoolWriter } from '@sillok/spool';
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
const stagePath = (): string => join(directory, 'writer.stage');

/** Where there is no native part the same must hold of the ordinary disk. */
function makeDisk(): typeof nodeDisk {
  const native = loadNative();
  return native === undefined ? nodeDisk : createMappedDisk(native);
}

/** A writer that never syncs by itself and never closes: one that was killed. */
function openDoomed(): SpoolWriter {
  return openSpoolWriter({
    directory,
    header,
    disk: makeDisk(),
    timers: { after: () => () => undefined, every: () => () => undefined },
    processes: { self: { pid: 1, start: '', host: 'gone' }, liveness: () => 'dead' },
  });
}

function recover(): ReturnType<typeof recoverSpool> {
  const processes = { self: { pid: 2, start: '', host: 'here' }, liveness: () => 'dead' as const };
  return recoverSpool({ directory, processes });
}

const lineOf = (seq: number, filler = ''): string => JSON.stringify({ seq, filler });

function readSeqs(): number[] {
  const seqs: number[] = [];
  for (const { lines } of readGroups({ directory, from: SPOOL_START })) {
    for (const [, seq] of lines.toString().matchAll(/^\{"seq":(\d+)/gm)) seqs.push(Number(seq));
  }
  return seqs;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

test('lines of every size stand in the segments in order, over many fillings of the stage', async () => {
  const writer = openSpoolWriter({ directory, header, disk: makeDisk(), segmentBytesMax: SEGMENT_BYTES });
  for (let seq = 1; seq <= 3000; seq += 1) writer.append(lineOf(seq, '한'.repeat(seq % 300)));
  writer.append(lineOf(3001, 'x'.repeat(4 * 1024 * 1024)));
  writer.appendAll([lineOf(3002), lineOf(3003)]);
  expect(readSeqs()).toEqual(upTo(3003));
  await writer.close();
  expect(listSegments({ directory }).length).toBeGreaterThan(2);
  expect(listSegments({ directory }).every(({ sealed }) => sealed)).toBe(true);
  expect(existsSync(stagePath())).toBe(false);
});

test('a segment never holds anything but whole lines, whatever waits in the stage', async () => {
  const writer = openSpoolWriter({ directory, header, disk: makeDisk() });
  for (let seq = 1; seq <= 2000; seq += 1) {
    writer.append(lineOf(seq, 'y'.repeat(200)));
    if (seq % 500 !== 0) continue;
    const text = readFileSync(listSegments({ directory })[0]?.path ?? '', 'utf8');
    expect(text.endsWith('}\n')).toBe(true);
    expect(text.includes('\0')).toBe(false);
  }
  await writer.close();
});

test('what a killed writer left in its stage is brought home', () => {
  const writer = openDoomed();
  for (let seq = 1; seq <= 100; seq += 1) writer.append(lineOf(seq));
  expect(recover()).toMatchObject({ closed: 1, tailRecords: 100, damaged: [] });
  expect(listSegments({ directory })[0]?.sealed).toBe(true);
  expect(existsSync(stagePath())).toBe(false);
  expect(readSeqs()).toEqual(upTo(100));
});

test.skipIf(loadNative() === undefined)(
  'somebody cuts the stage’s file: the process lives, and what it logs from then on is kept',
  async () => {
    const writer = openSpoolWriter({ directory, header, disk: makeDisk() });
    for (let seq = 1; seq <= 100; seq += 1) writer.append(lineOf(seq));
    await writer.sync();
    writer.append(lineOf(101));
    truncateSync(stagePath(), 0);
    for (let seq = 102; seq <= 200; seq += 1) writer.append(lineOf(seq));
    // From the moment on at which the memory is not the file any more, lines are written one by one.
    const text = readFileSync(listSegments({ directory })[0]?.path ?? '', 'utf8');
    expect(text).toContain('{"seq":200,');
    await writer.close();
    // Only what stood in the file that was cut is gone, and its number shows it.
    expect(readSeqs()).toEqual([...upTo(100), ...upTo(200).slice(101)]);
    expect(recover()).toMatchObject({ damaged: [] });
  },
);

test.skipIf(loadNative() === undefined)('a stage that was cut is no obstacle for the next start', () => {
  const writer = openDoomed();
  writer.append(lineOf(1));
  writer.syncNow();
  writer.append(lineOf(2));
  truncateSync(stagePath(), 10);
  expect(recover()).toMatchObject({ closed: 1, damaged: [] });
  expect(readSeqs()).toEqual([1]);
});
