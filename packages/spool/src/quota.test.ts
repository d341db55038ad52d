import { expect, test } from 'vitest';
import { openCursor } from './cursor.js';
import type { RemovedSegment } from './quota.js';
import { listSegments, removeSegment } from './segments.js';
import { HEADER, lineOf, range, readSeqs, temporaryDirectory } from './test-support.js';
import { openSpoolWriter, type SpoolWriter } from './writer.js';

const QUOTA = 40_000;
const refused = expect.objectContaining({ code: 'spool_quota' });

function fill(writer: SpoolWriter, from: number): number {
  for (let seq = from; ; seq += 1) {
    try {
      writer.append(lineOf(seq));
    } catch (error) {
      expect(error).toEqual(refused);
      return seq - 1;
    }
  }
}

function setUp(quotaPolicy?: 'refuse' | 'drop-oldest-shipped') {
  const directory = temporaryDirectory();
  const removed: RemovedSegment[] = [];
  let nowMs = 0;
  const clockMs = (): number => (nowMs += 5000);
  const onDropped = (segment: RemovedSegment): void => void removed.push(segment);
  const options = { directory, header: HEADER, segmentBytesMax: 8000, quotaBytes: QUOTA, clockMs, onDropped };
  return { directory, removed, writer: openSpoolWriter({ ...options, quotaPolicy }) };
}

test('a full spool refuses lines, keeps what it has, and counts what it refused', async () => {
  const { directory, writer, removed } = setUp();
  const last = fill(writer, 1);
  expect(() => writer.append(lineOf(last + 1))).toThrow(refused);
  expect(writer.stats()).toMatchObject({ records: last, dropped: 2, removedSegments: 0 });
  expect(writer.stats().bytes).toBeLessThanOrEqual(QUOTA);
  await writer.close();
  expect(removed).toEqual([]);
  expect(readSeqs({ directory })).toEqual(range(1, last));
});

test('shipped segments make room, oldest first and no more than needed; unshipped ones never go', async () => {
  const { directory, writer, removed } = setUp();
  const last = fill(writer, 1);
  openCursor({ directory, name: 'shipper' }).write({ segment: 4, offset: 0 });
  openCursor({ directory, name: 'other' }).write({ segment: 3, offset: 0 });
  const end = fill(writer, last + 1);
  expect(end).toBeGreaterThan(last);
  expect(removed.map(({ segment }) => segment)).toEqual([1, 2]);
  expect(writer.stats().removedSegments).toBe(2);
  expect(listSegments({ directory })[0]?.segment).toBe(3);
  await writer.close();
});

test('with the policy refuse nothing is removed, but what the owner removes makes room', async () => {
  const { directory, writer, removed } = setUp('refuse');
  const last = fill(writer, 1);
  openCursor({ directory, name: 'shipper' }).write({ segment: 9, offset: 0 });
  expect(() => writer.append(lineOf(last + 1))).toThrow(refused);
  removeSegment({ directory, segment: 1 });
  writer.append(lineOf(last + 1));
  expect(removed).toEqual([]);
  await writer.close();
});
