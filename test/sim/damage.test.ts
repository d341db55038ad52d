/**
 * Every bit of a small sealed segment flipped, and the segment cut at every byte: each is detected, the exact
 * valid prefix is kept, reading goes on at the next intact group, and the damaged bytes are set aside and counted.
 */
import { compressSegment, openSpoolWriter, readGroups, recoverSpool, verifySpool } from '@sillok/spool';
import type { Processes } from '@sillok/spool';
import { expect, test } from 'vitest';
import { SimulatedDisk, seededRandom } from './simulated-disk.js';

const DIRECTORY = '/spool';
const SEGMENT = '/spool/segment-0000000001.ndjson';
const HEADER = { sillok: 1, producer: 'p', boot: 'b', resource: {} } as const;

const self = { pid: 1, start: '1', host: 'sim' };
const processes: Processes = { self, liveness: () => 'dead' };

const lineOf = (seq: number): string => JSON.stringify({ seq, message: `line ${seq}` });

interface Group {
  readonly from: number;
  readonly to: number;
  readonly seqs: readonly number[];
}

/** Three groups of two lines in a sealed segment. */
async function prepare(): Promise<{ disk: SimulatedDisk; groups: Group[]; bytes: Uint8Array }> {
  const disk = new SimulatedDisk(seededRandom(1));
  const writer = openSpoolWriter({ directory: DIRECTORY, header: HEADER, disk, processes });
  const groups: Group[] = [];
  for (const seqs of [
    [1, 2],
    [3, 4],
    [5, 6],
  ]) {
    const from = groups.at(-1)?.to ?? 0;
    for (const seq of seqs) writer.append(lineOf(seq));
    groups.push({ from, to: (await writer.sync()).offset, seqs });
  }
  await writer.close();
  return { disk, groups, bytes: disk.content(SEGMENT).slice() };
}

function readSeqs(disk: SimulatedDisk): number[] {
  const text = [...readGroups({ directory: DIRECTORY, disk })]
    .map((group) => group.lines.toString('latin1'))
    .join('');
  return [...text.matchAll(/^\{"seq":(\d+),"message":"line \1"\}$/gm)].map((match) => Number(match[1]));
}

const recover = (disk: SimulatedDisk) =>
  recoverSpool({ directory: DIRECTORY, disk, processes, clockMs: () => 0 });

test('a flipped bit anywhere is detected and costs at most the group that it is in', async () => {
  const { disk, groups, bytes } = await prepare();
  expect(verifySpool({ directory: DIRECTORY, disk })).toMatchObject({ ok: true, records: 6 });
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const at = bit >> 3;
    const flipped = bytes.slice();
    flipped[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
    disk.replace(SEGMENT, flipped);
    const verification = verifySpool({ directory: DIRECTORY, disk });
    const isDetected = verification.segments[0]?.state !== 'intact' && verification.damagedBytes > 0;
    const intact = groups.filter((group) => at < group.from || at >= group.to).flatMap((group) => group.seqs);
    const kept = readSeqs(disk);
    // A wrong count in an integrity line leaves its group proven by the checksum.
    const isRight = kept.join() === intact.join() || kept.join() === '1,2,3,4,5,6';
    if (!isDetected || !isRight) throw new Error(`bit ${bit}: detected ${isDetected}, kept ${kept.join()}`);
  }
});

test('a cut at any byte is detected and exactly the whole groups and lines before it are kept', async () => {
  const { groups, bytes } = await prepare();
  for (let length = 0; length < bytes.length; length += 1) {
    const { disk } = await prepare();
    disk.replace(SEGMENT, bytes.slice(0, length));
    const verification = verifySpool({ directory: DIRECTORY, disk });
    expect(verification.segments[0]?.state, `cut at ${length}`).toBe('open');
    const report = recover(disk);
    const text = Buffer.from(bytes.slice(0, length)).toString('latin1');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const expected = [...whole.matchAll(/^\{"seq":(\d+)/gm)].map((match) => Number(match[1]));
    expect(readSeqs(disk), `cut at ${length}`).toEqual(expected);
    const proven = groups.findLast((group) => group.to <= length)?.to ?? 0;
    expect(report.damagedBytes).toBe(length - Math.max(proven, whole.length));
    expect(verifySpool({ directory: DIRECTORY, disk }).segments[0]?.state).toBe('intact');
  }
});

test('what is damaged is set aside byte for byte, once, and the segment keeps its positions', async () => {
  const { disk, groups, bytes } = await prepare();
  const [, second, third] = groups;
  if (second === undefined || third === undefined) throw new Error('no groups');
  const flipped = bytes.slice();
  flipped[second.from + 3] = 0;
  disk.replace(SEGMENT, flipped);
  const report = recover(disk);
  expect(report.damaged).toMatchObject([
    { segment: 1, from: second.from, to: second.to, reason: 'checksum' },
  ]);
  const path = report.damaged[0]?.quarantine ?? '';
  expect(disk.content(path)).toEqual(flipped.slice(second.from, second.to));
  const quarantined = () => disk.paths().filter((each) => each.startsWith('/spool/quarantine/'));
  recover(disk);
  expect(quarantined()).toEqual([path]);
  expect([...readGroups({ directory: DIRECTORY, disk })].map((group) => group.from.offset)).toEqual([
    0,
    third.from,
  ]);
});

test('damage in a compressed segment costs the groups of its gzip member only, wherever it is', async () => {
  const { disk } = await prepare();
  await compressSegment({ directory: DIRECTORY, disk, segment: 1 });
  const path = `${SEGMENT}.gz`;
  expect(disk.paths()).not.toContain(SEGMENT);
  expect(readSeqs(disk)).toEqual([1, 2, 3, 4, 5, 6]);
  const bytes = disk.content(path).slice();
  let harmless = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const flipped = bytes.slice();
    flipped[at] = (bytes[at] ?? 0) ^ 16;
    disk.replace(path, flipped);
    const verification = verifySpool({ directory: DIRECTORY, disk });
    // A few bits of gzip carry nothing (the trailer's length, padding): then the text is proven all the same.
    const isHarmless = readSeqs(disk).length === 6 && verification.ok;
    const isDetected = readSeqs(disk).length === 0 && verification.segments[0]?.state === 'damaged';
    expect(isHarmless || isDetected, `byte ${at}`).toBe(true);
    harmless += isHarmless ? 1 : 0;
  }
  expect(harmless).toBeLessThanOrEqual(6);
});
