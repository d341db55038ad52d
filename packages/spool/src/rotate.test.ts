import { expect, test } from 'vitest';
import { listSegments } from './segments.js';
import { HEADER, lineOf, range, readSeqs, temporaryDirectory } from './test-support.js';
import { openSpoolWriter } from './writer.js';

/** Timers that go off when the test says so. */
function manualTimers() {
  const due = new Map<() => void, number>();
  return {
    after: (delayMs: number, work: () => void) => {
      due.set(work, delayMs);
      return () => void due.delete(work);
    },
    every: () => () => undefined,
    fire: (delayMs: number): void => {
      for (const [work, each] of Array.from(due)) {
        if (each !== delayMs) continue;
        due.delete(work);
        work();
      }
    },
  };
}

test('a segment is sealed when it gets old, but not while it is empty', async () => {
  const directory = temporaryDirectory();
  const timers = manualTimers();
  const writer = openSpoolWriter({ directory, header: HEADER, timers, segmentAgeMsMax: 5000 });
  timers.fire(5000);
  expect(listSegments({ directory }).length).toBe(1);
  writer.append(lineOf(1));
  timers.fire(5000);
  writer.append(lineOf(2));
  timers.fire(5000);
  expect(listSegments({ directory }).map((segment) => segment.sealed)).toEqual([true, true, false]);
  await writer.close();
  expect(readSeqs({ directory })).toEqual([1, 2]);
});

test('what was full and is still waiting for its fsync is synced before a later position is told', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER });
  for (const seq of range(1, 5)) {
    writer.append(lineOf(seq));
    writer.rotate();
  }
  const position = await writer.sync();
  expect(position.segment).toBe(6);
  expect(readSeqs({ directory, until: position })).toEqual(range(1, 5));
  for (const seq of range(6, 8)) {
    writer.append(lineOf(seq));
    writer.rotate();
    expect(writer.syncNow()).toEqual(writer.written);
  }
  await writer.close();
  expect(readSeqs({ directory })).toEqual(range(1, 8));
});

test('the group timer is set once per group and covers everything up to when it goes off', async () => {
  const directory = temporaryDirectory();
  const timers = manualTimers();
  const writer = openSpoolWriter({ directory, header: HEADER, timers, groupSyncMs: 150 });
  for (const seq of range(1, 3)) writer.append(lineOf(seq));
  const synced = new Promise((resolve) => writer.onSynced(resolve));
  timers.fire(150);
  expect(await synced).toEqual(writer.written);
  expect(writer.stats().syncs).toBe(1);
  await writer.close();
});
