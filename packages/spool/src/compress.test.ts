import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32, tableChecksum } from './checksum.js';
import { compressSegment } from './compress.js';
import { readGroups } from './read.js';
import { listSegments, removeSegment } from './segments.js';
import { HEADER, lineOf, range, readSeqs, seqsOf, temporaryDirectory } from './test-support.js';
import { verifySpool } from './verify.js';
import { openSpoolWriter } from './writer.js';

const LINES = 40_000;

test('a compressed segment reads the same from every position, verifies, and is plain gzip to others', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER });
  for (const seq of range(1, LINES)) {
    writer.append(lineOf(seq));
    if (seq % 7000 === 0) await writer.sync();
  }
  writer.rotate();
  writer.append(lineOf(LINES + 1));
  await expect(compressSegment({ directory, segment: 2 })).rejects.toMatchObject({
    code: 'spool_segment_busy',
  });
  await writer.close();
  const [plain] = listSegments({ directory });
  const text = readFileSync(plain?.path ?? '');
  const positions = [...readGroups({ directory, bytesMax: 100_000 })].map((group) => group.to);
  const compressed = await compressSegment({ directory, segment: 1 });
  expect(compressed?.bytesAfter).toBeLessThan(text.length / 5);
  expect(existsSync(plain?.path ?? '')).toBe(false);
  expect(await compressSegment({ directory, segment: 1 })).toBeUndefined();
  expect(gunzipSync(readFileSync(`${plain?.path}.gz`)).equals(text)).toBe(true);
  expect(readSeqs({ directory })).toEqual(range(1, LINES + 1));
  for (const from of positions.slice(0, -1)) {
    const next = readGroups({ directory, from }).next().value;
    expect(next?.verified).toBe(true);
    expect(seqsOf(next?.lines ?? Buffer.alloc(0))[0]).toBeGreaterThan(1);
  }
  expect(verifySpool({ directory })).toMatchObject({ ok: true, records: LINES + 1, gaps: [] });
  expect(listSegments({ directory })).toMatchObject([
    { compressed: true, sealed: true },
    { compressed: false },
  ]);
  expect(removeSegment({ directory, segment: 1 })).toBe(true);
});

test('a segment that is missing in the middle is named by its sequence numbers', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER });
  for (const seq of range(1, 9)) {
    writer.append(lineOf(seq));
    if (seq % 3 === 0) writer.rotate();
  }
  await writer.close();
  removeSegment({ directory, segment: 2 });
  expect(verifySpool({ directory })).toMatchObject({ ok: true, gaps: [{ from: 4, to: 6, segment: 3 }] });
});

test('the checksum without zlib is the same, also in pieces', () => {
  const table = tableChecksum();
  const bytes = Buffer.from('기록은 지워지지 않는다 '.repeat(50));
  expect(table(bytes)).toBe(crc32(bytes));
  expect(table(bytes.subarray(10), table(bytes.subarray(0, 10)))).toBe(crc32(bytes));
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
});
