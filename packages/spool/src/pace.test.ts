import { expect, test } from 'vitest';
import { nodeDisk, type Disk } from './disk.js';
import { HERE_AFTER_QUICK_SYNCS, QUICK_SYNC_MS_MAX } from './limits.js';
import { HEADER, lineOf, range, readSeqs, temporaryDirectory } from './test-support.js';
import { openSpoolWriter } from './writer.js';

/** The real disk, with a note of where each sync of a file was waited for, and a watch that says how long each took. */
async function openTimed() {
  const directory = temporaryDirectory();
  const syncs: ('here' | 'elsewhere')[] = [];
  const pace = { durationMs: 0 };
  let nowMs = 0;
  const disk: Disk = {
    ...nodeDisk,
    datasync: async (fd) => {
      await nodeDisk.datasync(fd);
      syncs.push('elsewhere');
      nowMs += pace.durationMs;
    },
    datasyncNow: (fd) => {
      nodeDisk.datasyncNow(fd);
      syncs.push('here');
      nowMs += pace.durationMs;
    },
  };
  const timers = { after: () => () => undefined, every: () => () => undefined };
  const writer = openSpoolWriter({ directory, header: HEADER, disk, timers, stopwatchMs: () => nowMs });
  // The name of the first segment is synced with its first lines.
  writer.append(lineOf(1));
  await writer.sync();
  syncs.length = 0;
  return { directory, writer, syncs, pace };
}

test('a lone caller who waits is not sent to another thread; one who does not wait is, and several share one sync', async () => {
  const { directory, writer, syncs } = await openTimed();
  writer.append(lineOf(2));
  expect(await writer.confirm()).toEqual(writer.written);
  expect(syncs).toEqual(['here']);
  writer.append(lineOf(3));
  await writer.sync();
  expect(syncs).toEqual(['here', 'elsewhere']);
  const waiting = range(4, 67).map((seq) => {
    writer.append(lineOf(seq));
    return writer.confirm();
  });
  await Promise.all(waiting);
  expect(syncs).toEqual(['here', 'elsewhere', 'elsewhere']);
  expect(readSeqs({ directory, until: writer.synced })).toEqual(range(1, 67));
  await writer.close();
});

test('a disk that was slow once is waited for elsewhere until it has been quick for a while', async () => {
  const { writer, syncs, pace } = await openTimed();
  const confirm = async (seq: number): Promise<void> => {
    writer.append(lineOf(seq));
    await writer.confirm();
  };
  pace.durationMs = QUICK_SYNC_MS_MAX * 2;
  await confirm(2);
  pace.durationMs = 0;
  for (const seq of range(3, HERE_AFTER_QUICK_SYNCS + 3)) await confirm(seq);
  expect(syncs).toEqual(['here', ...range(1, HERE_AFTER_QUICK_SYNCS).map(() => 'elsewhere'), 'here']);
  await writer.close();
});

test('a segment that waits for its own sync is not waited for on this thread', async () => {
  const { directory, writer, syncs } = await openTimed();
  writer.append(lineOf(2));
  writer.rotate();
  writer.append(lineOf(3));
  await writer.confirm();
  expect(syncs).toEqual(['elsewhere', 'elsewhere']);
  expect(readSeqs({ directory, until: writer.synced })).toEqual([1, 2, 3]);
  await writer.close();
});
