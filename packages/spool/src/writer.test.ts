import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCursor } from './cursor.js';
import { segmentFile } from './filenames.js';
import { readGroups } from './read.js';
import { listSegments, removeSegment } from './segments.js';
import { HEADER, lineOf, range, readSeqs, seqsOf, temporaryDirectory } from './test-support.js';
import { openSpoolWriter } from './writer.js';

test('an appended line is in the file before append returns', () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER });
  writer.append(lineOf(1));
  const text = readFileSync(join(directory, segmentFile(1)), 'utf8');
  expect(text.split('\n').slice(0, 2)).toEqual([JSON.stringify(HEADER), lineOf(1)]);
  return writer.close();
});

test('everything appended before a sync is read back verified and in order, and the segment is sealed by close', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER });
  for (const seq of range(1, 100)) writer.append(lineOf(seq));
  const synced = await writer.sync();
  expect(synced).toEqual(writer.written);
  writer.append(lineOf(101, '로그인 실패 🙂'));
  expect(readSeqs({ directory, until: synced })).toEqual(range(1, 100));
  await writer.close();
  const groups = [...readGroups({ directory })];
  expect(groups.every((group) => group.verified)).toBe(true);
  expect(groups.flatMap((group) => seqsOf(group.lines))).toEqual(range(1, 101));
  expect(listSegments({ directory })).toMatchObject([{ segment: 1, sealed: true, compressed: false }]);
});

test('lines of any length and script are checked by the bytes that were written', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER });
  const lengths = [0, 1, 1000, 90_000, 300_000, 5_000_000, 10];
  lengths.forEach((length, index) => writer.append(lineOf(index + 1, '가é🙂'.repeat(Math.ceil(length / 4)))));
  await writer.close();
  expect([...readGroups({ directory })].every((group) => group.verified)).toBe(true);
  expect(readSeqs({ directory })).toEqual(range(1, lengths.length));
});

test('a full segment is sealed and the next one goes on; reading crosses over', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER, segmentBytesMax: 4096 });
  for (const seq of range(1, 200)) writer.append(lineOf(seq));
  await writer.sync();
  const segments = listSegments({ directory });
  expect(segments.length).toBeGreaterThan(3);
  expect(segments.slice(0, -1).every((segment) => segment.sealed)).toBe(true);
  expect(segments.at(-1)?.sealed).toBe(false);
  expect(readSeqs({ directory, until: writer.synced })).toEqual(range(1, 200));
  await writer.close();
  expect([...readGroups({ directory })].every((group) => group.verified)).toBe(true);
});

test('reading goes on from any position that a reader was given, also inside a group', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER, segmentBytesMax: 4096 });
  for (const seq of range(1, 100)) writer.append(lineOf(seq));
  await writer.close();
  const pieces = [...readGroups({ directory, bytesMax: 300 })];
  expect(pieces.flatMap((piece) => seqsOf(piece.lines))).toEqual(range(1, 100));
  for (const piece of pieces) {
    const before = pieces.slice(0, pieces.indexOf(piece) + 1).flatMap((each) => seqsOf(each.lines));
    const rest = [...readGroups({ directory, from: piece.to })];
    expect(rest.every((group) => group.verified)).toBe(true);
    expect([...before, ...rest.flatMap((group) => seqsOf(group.lines))]).toEqual(range(1, 100));
  }
});

test('blocks of the server queue keep their positions and share one sync', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER });
  const block = (count: number) => {
    const header = JSON.stringify({ ...HEADER, project: 'p', count });
    return Buffer.from([header, ...range(1, count).map((seq) => lineOf(seq))].join('\n') + '\n');
  };
  const places = [3, 5].map((count) => writer.appendBlock(block(count), count));
  const syncs = await Promise.all([writer.sync(), writer.sync(), writer.sync()]);
  expect(new Set(syncs).size).toBe(1);
  expect(writer.stats()).toMatchObject({ syncs: 1, records: 8 });
  const lines = places.map(({ from, to }) => [...readGroups({ directory, from, until: to })][0]?.lines);
  expect(lines).toEqual([block(3), block(5)]);
  await writer.close();
  expect(readSeqs({ directory })).toEqual([1, 2, 3, 1, 2, 3, 4, 5]);
});

test('listeners hear the synced position, and a group is synced without being asked', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER, groupSyncMs: 1 });
  const heard = new Promise((resolve) => writer.onSynced(resolve));
  writer.append(lineOf(1));
  expect(await heard).toEqual(writer.synced);
  expect(writer.synced.offset).toBeGreaterThan(0);
  await writer.close();
});

test('sync: always has every line on the disk when append returns', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER, sync: 'always' });
  for (const seq of range(1, 3)) {
    writer.append(lineOf(seq));
    expect(writer.synced).toEqual(writer.written);
  }
  expect(readSeqs({ directory, until: writer.synced })).toEqual([1, 2, 3]);
  await writer.close();
});

test('a second writer on the folder is refused until the first closes, then begins a new segment', async () => {
  const directory = temporaryDirectory();
  const first = openSpoolWriter({ directory, header: HEADER });
  expect(() => openSpoolWriter({ directory, header: HEADER })).toThrow(
    expect.objectContaining({ code: 'spool_locked' }),
  );
  first.append(lineOf(1));
  await first.close();
  expect(() => first.append(lineOf(2))).toThrow(expect.objectContaining({ code: 'spool_closed' }));
  const second = openSpoolWriter({ directory, header: HEADER });
  second.append(lineOf(2));
  await second.close();
  expect(listSegments({ directory }).map((segment) => segment.segment)).toEqual([1, 2]);
  expect(readSeqs({ directory })).toEqual([1, 2]);
  expect(readdirSync(directory).filter((name) => name.includes('lock'))).toEqual([]);
});

test('numbers of segments are not used again after all were removed behind a cursor', async () => {
  const directory = temporaryDirectory();
  openCursor({ directory, name: 'reader' }).write({ segment: 7, offset: 100 });
  const writer = openSpoolWriter({ directory, header: HEADER });
  expect(writer.written.segment).toBe(8);
  await writer.close();
});

test('the newest segment cannot be removed, older ones can', async () => {
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER });
  writer.append(lineOf(1));
  writer.rotate();
  writer.append(lineOf(2));
  expect(removeSegment({ directory, segment: 1 })).toBe(true);
  expect(removeSegment({ directory, segment: 1 })).toBe(false);
  expect(() => removeSegment({ directory, segment: 2 })).toThrow(
    expect.objectContaining({ code: 'spool_segment_busy' }),
  );
  await writer.close();
  expect(readSeqs({ directory })).toEqual([2]);
});

test('a folder that is removed while it is written is there again, with all of the open segment', async () => {
  const directory = temporaryDirectory();
  let restored = 0;
  const options = { directory, header: HEADER, onRestored: () => (restored += 1) };
  const writer = openSpoolWriter(options);
  writer.append(lineOf(1));
  await writer.sync();
  rmSync(directory, { recursive: true });
  writer.append(lineOf(2));
  const synced = await writer.sync();
  expect(readSeqs({ directory, until: synced })).toEqual([1, 2]);
  expect(() => openSpoolWriter(options)).toThrow('is being written by');
  rmSync(directory, { recursive: true });
  writer.append(lineOf(3));
  writer.syncNow();
  writer.append(lineOf(4));
  await writer.close();
  expect(restored).toBe(2);
  const groups = [...readGroups({ directory })];
  expect(groups.every((group) => group.verified)).toBe(true);
  expect(groups.flatMap((group) => seqsOf(group.lines))).toEqual([1, 2, 3, 4]);
});

test('a folder that is moved away is written on at its place', async () => {
  const directory = temporaryDirectory();
  const elsewhere = join(temporaryDirectory(), 'moved');
  const writer = openSpoolWriter({ directory, header: HEADER, segmentBytesMax: 4096 });
  for (const seq of range(1, 100)) writer.append(lineOf(seq));
  await writer.sync();
  renameSync(directory, elsewhere);
  for (const seq of range(101, 200)) writer.append(lineOf(seq));
  await writer.close();
  const found = new Set([...readSeqs({ directory: elsewhere }), ...readSeqs({ directory })]);
  expect([...found].toSorted((a, b) => a - b)).toEqual(range(1, 200));
});

test('a folder that cannot be made again stops the writer, and is said to whoever waits', async () => {
  const parent = temporaryDirectory();
  const directory = join(parent, 'spool');
  const codes: string[] = [];
  const writer = openSpoolWriter({ directory, header: HEADER, onError: (error) => codes.push(error.code) });
  writer.append(lineOf(1));
  await writer.sync();
  rmSync(directory, { recursive: true });
  writeFileSync(directory, 'a file in its place');
  writer.append(lineOf(2));
  await expect(writer.sync()).rejects.toMatchObject({ code: 'spool_folder_gone' });
  expect(() => writer.append(lineOf(3))).toThrow('cannot be made again');
  await expect(writer.close()).rejects.toThrow();
  expect(codes).toEqual(['spool_folder_gone']);
});
