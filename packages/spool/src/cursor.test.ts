import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCursor, slowestCursor } from './cursor.js';
import { nodeDisk } from './disk.js';
import { cursorFile } from './filenames.js';
import { SPOOL_START } from './position.js';
import { temporaryDirectory } from './test-support.js';

test('a cursor is found again with what was kept beside it, and leaves no temporary file', async () => {
  const directory = temporaryDirectory();
  const cursor = openCursor({ directory, name: 'ship/er ../x' });
  expect(cursor.value).toEqual(SPOOL_START);
  cursor.write({ segment: 3, offset: 77, extra: { settled: 9 } });
  await cursor.writeLater({ segment: 3, offset: 99, extra: { settled: 10 } });
  expect(cursor.value.offset).toBe(99);
  expect(openCursor({ directory, name: 'ship/er ../x' }).value).toEqual({
    segment: 3,
    offset: 99,
    extra: { settled: 10 },
  });
  expect(readdirSync(directory)).toEqual(['cursor-ship%2Fer%20..%2Fx.json']);
});

test('a cursor with any byte changed or missing counts as at the start and says so', () => {
  const directory = temporaryDirectory();
  openCursor({ directory, name: 'c' }).write({ segment: 3, offset: 77 });
  const path = join(directory, cursorFile('c'));
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length - 1; at += 1) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (bytes[at] ?? 0) ^ 1;
    for (const damaged of [flipped, bytes.subarray(0, at)]) {
      writeFileSync(path, damaged);
      expect(openCursor({ directory, name: 'c' })).toMatchObject({ value: SPOOL_START, damaged: true });
    }
  }
});

test('the slowest reader decides what is done with', () => {
  const directory = temporaryDirectory();
  expect(slowestCursor(nodeDisk, directory)).toBeUndefined();
  openCursor({ directory, name: 'fast' }).write({ segment: 5, offset: 0 });
  openCursor({ directory, name: 'slow' }).write({ segment: 2, offset: 10 });
  expect(slowestCursor(nodeDisk, directory)).toMatchObject({ segment: 2, offset: 10 });
});
