/**
 * The spool against a disk that fails. One run of a workload makes some hundred system calls; it is repeated with
 * each of them failing in each way. Then the process or the power goes, a new writer opens the folder, and:
 *  - what was acknowledged is there (after a kill: everything whose append returned);
 *  - nothing is there that was not appended, nothing twice, and the order is kept.
 */
import { SpoolError, openSpoolWriter, readGroups, recoverSpool, verifySpool } from '@sillok/spool';
import type { ProcessIdentity, Processes, RecoveryReport, SpoolWriter } from '@sillok/spool';
import { describe, expect, test } from 'vitest';
import { MappingDisk, SimulatedCrash, SimulatedDisk, seededRandom, type Fault } from './simulated-disk.js';

const DIRECTORY = '/spool/orders/boot';
const HEADER = {
  sillok: 1,
  producer: 'orders',
  boot: 'boot',
  resource: { 'service.name': 'orders' },
} as const;
const LINES = 40;
/** More with SILLOK_SIM_SEEDS, for a long run. */
const SEEDS = Number(process.env['SILLOK_SIM_SEEDS'] ?? 1);

const lineOf = (seq: number): string => JSON.stringify({ seq, message: 'x'.repeat((seq * 37) % 200) });

function processesOf(pid: number): Processes {
  const self: ProcessIdentity = { pid, start: String(pid), host: 'sim' };
  return { self, liveness: (other) => (other.pid === pid ? 'alive' : 'dead') };
}

const noTimers = { after: () => () => undefined, every: () => () => undefined };

function open(disk: SimulatedDisk, pid: number): SpoolWriter {
  return openSpoolWriter({
    directory: DIRECTORY,
    header: HEADER,
    disk,
    processes: processesOf(pid),
    timers: noTimers,
    clockMs: () => 0,
    // A quick disk: who waits alone waits on this thread, as long as no other file waits too.
    stopwatchMs: () => 0,
    segmentBytesMax: 4096,
  });
}

interface Outcome {
  /** append() was called for every seq up to this. */
  attempted: number;
  /** append() returned. */
  returned: number[];
  /** sync() resolved after these had been appended. */
  acknowledged: number[];
}

/** Appends with a sync now and then; a refused line is tried once more, as an impatient caller would. */
async function work(disk: SimulatedDisk, outcome: Outcome): Promise<void> {
  const writer = open(disk, 1);
  const background: Promise<void>[] = [];
  for (let seq = 1; seq <= LINES; seq += 1) {
    outcome.attempted = seq;
    if (!tryAppend(writer, seq) && !tryAppend(writer, seq)) break;
    outcome.returned.push(seq);
    // Some syncs are waited for, by one who does nothing else or by others, some run beside the lines that follow.
    if (seq % 5 === 0) await acknowledge(writer, outcome, seq % 10 === 0 ? 'sync' : 'confirm');
    if (seq % 7 === 0) background.push(acknowledge(writer, outcome, 'sync').catch(expectFailure));
    if (seq % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (seq % 17 === 0) writer.rotate();
  }
  await Promise.all(background);
  await writer.close();
  outcome.acknowledged = [...outcome.returned];
}

function expectFailure(error: unknown): void {
  if (!(error instanceof SimulatedCrash) && !(error instanceof SpoolError)) throw error;
}

function tryAppend(writer: SpoolWriter, seq: number): boolean {
  try {
    writer.append(lineOf(seq));
    return true;
  } catch (error) {
    if (!(error instanceof SpoolError)) throw error;
    return false;
  }
}

async function acknowledge(writer: SpoolWriter, outcome: Outcome, how: 'sync' | 'confirm'): Promise<void> {
  const appended = [...outcome.returned];
  await writer[how]();
  if (appended.length > outcome.acknowledged.length) outcome.acknowledged = appended;
}

async function runWithFault(disk: SimulatedDisk): Promise<Outcome> {
  const outcome: Outcome = { attempted: 0, returned: [], acknowledged: [] };
  try {
    await work(disk, outcome);
  } catch (error) {
    expectFailure(error);
  }
  return outcome;
}

function readRecords(disk: SimulatedDisk): string[] {
  const texts = [...readGroups({ directory: DIRECTORY, disk })].map((group) => group.lines.toString('utf8'));
  return texts
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('{"seq"'));
}

function check(disk: SimulatedDisk, outcome: Outcome, promised: readonly number[]): void {
  const lines = readRecords(disk);
  const seqs = lines.map((line) => Number(/^\{"seq":(\d+)/.exec(line)?.[1]));
  expect(lines).toEqual(seqs.map(lineOf));
  expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
  expect(seqs.every((seq) => seq >= 1 && seq <= outcome.attempted)).toBe(true);
  const found = new Set(seqs);
  expect(promised.filter((seq) => !found.has(seq))).toEqual([]);
}

/** With write(2) for each line, and with a stage in memory. */
type DiskKind = typeof SimulatedDisk | typeof MappingDisk;

async function countCalls(Kind: DiskKind): Promise<number> {
  const disk = new Kind(seededRandom(1));
  const outcome = await runWithFault(disk);
  expect(outcome.acknowledged.length).toBe(LINES);
  return disk.calls;
}

let nextPid = 2;

function recover(disk: SimulatedDisk): RecoveryReport {
  nextPid += 1;
  return recoverSpool({ directory: DIRECTORY, disk, processes: processesOf(nextPid), clockMs: () => 0 });
}

function recoverTwice(disk: SimulatedDisk): void {
  recover(disk);
  const before = readRecords(disk);
  const again = recover(disk);
  expect(again.closed).toBe(0);
  expect(readRecords(disk)).toEqual(before);
}

const only = (failing: number, fault: Fault) => (call: number) => (call === failing ? fault : undefined);

/** From this call on, one write is cut short, the next finds no room, and cutting back fails the first time. */
function fillsUp(failing: number): SimulatedDisk['fault'] {
  const left: [string, Fault][] = [
    ['write', 'short'],
    ['write', 'ENOSPC'],
    ['truncate', 'EIO'],
  ];
  return (call, name) => {
    if (call < failing || left[0]?.[0] !== name) return undefined;
    return left.shift()?.[1];
  };
}

/** What a reader was shown after a recovery stays: acknowledgements are built on it. */
function checkLasting(disk: SimulatedDisk): void {
  const shown = readRecords(disk);
  disk.loseUnsynced();
  // A folder that held nothing yet may go.
  if (disk.stat(DIRECTORY) !== undefined) recoverTwice(disk);
  expect(readRecords(disk)).toEqual(shown);
}

/** The same folder goes on after the crash, as the server's queue does, and the power goes once more. */
async function goOn(disk: SimulatedDisk, outcome: Outcome): Promise<void> {
  nextPid += 1;
  const writer = open(disk, nextPid);
  const first = outcome.attempted + 1;
  for (let seq = first; seq < first + 5; seq += 1) writer.append(lineOf(seq));
  await writer.sync();
  outcome.attempted += 5;
  disk.loseUnsynced();
  recoverTwice(disk);
  check(disk, outcome, [...outcome.acknowledged, first, first + 4]);
}

async function failCall(
  failing: { call: number; fault: Fault; seed: number; Kind: DiskKind },
  after: 'kill' | 'power',
): Promise<void> {
  const disk = new failing.Kind(seededRandom(failing.seed * 65_537 + failing.call));
  disk.fault = failing.fault === 'short' ? fillsUp(failing.call) : only(failing.call, failing.fault);
  const outcome = await runWithFault(disk);
  if (after === 'kill') disk.restart();
  else disk.loseUnsynced();
  if (disk.stat(DIRECTORY) === undefined) {
    expect(outcome.acknowledged).toEqual([]);
    return;
  }
  recoverTwice(disk);
  check(disk, outcome, after === 'kill' ? outcome.returned : outcome.acknowledged);
  checkLasting(disk);
  await goOn(disk, outcome);
}

async function failEach(Kind: DiskKind, fault: Fault, after: 'kill' | 'power'): Promise<void> {
  const calls = await countCalls(Kind);
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    for (let call = 1; call <= calls; call += 1) {
      await failCall({ call, fault, seed, Kind }, after).catch((error: unknown) => {
        throw new Error(`seed ${seed}, call ${call} of ${calls}`, { cause: error });
      });
    }
  }
}

describe.each<[string, DiskKind]>([
  ['a write per line', SimulatedDisk],
  ['a stage in memory', MappingDisk],
])('%s', (_name, Kind) => {
  test('killed in any system call: every line whose append returned is found once and in order', () =>
    failEach(Kind, 'crash', 'kill'));
  test('power cut in any system call: every acknowledged line is found once and in order', () =>
    failEach(Kind, 'crash', 'power'));
  test('EIO from any system call, then a power cut: nothing acknowledged is lost', () =>
    failEach(Kind, 'EIO', 'power'));
  test('EIO from any system call, then a kill: nothing appended is lost', () =>
    failEach(Kind, 'EIO', 'kill'));
  test('ENOSPC from any system call, then a power cut: nothing acknowledged is lost', () =>
    failEach(Kind, 'ENOSPC', 'power'));
  test('ENOSPC from any system call, then a kill: nothing appended is lost', () =>
    failEach(Kind, 'ENOSPC', 'kill'));
  test('a short write anywhere leaves no half line', () => failEach(Kind, 'short', 'kill'));
});

test('with a stage a full disk keeps what was appended, refuses to confirm it, and goes on when there is room', async () => {
  const disk = new MappingDisk(seededRandom(9));
  const writer = open(disk, 1);
  disk.fault = (_call, name) => (name === 'write' ? 'ENOSPC' : undefined);
  writer.append(lineOf(1));
  await expect(writer.sync()).rejects.toMatchObject({ code: 'spool_disk_full' });
  writer.append(lineOf(2));
  disk.fault = () => undefined;
  await writer.sync();
  expect(readRecords(disk)).toEqual([lineOf(1), lineOf(2)]);
  await writer.close();
  expect(verifySpool({ directory: DIRECTORY, disk })).toMatchObject({ ok: true, records: 2 });
  expect(disk.paths().filter((path) => path.endsWith('.stage'))).toEqual([]);
});

test('what a dead writer left in its stage waits there while the disk is full, and its segment stays open', () => {
  const disk = new MappingDisk(seededRandom(10));
  const writer = open(disk, 1);
  for (let seq = 1; seq <= 5; seq += 1) writer.append(lineOf(seq));
  disk.restart();
  // Room for the lock, and none for the lines: the short write before the error leaves a part of them.
  const faults: Fault[] = ['short', 'ENOSPC'];
  let isLocked = false;
  disk.fault = (_call, name) => {
    isLocked ||= name === 'openAppend';
    return isLocked && name === 'write' ? faults.shift() : undefined;
  };
  expect(recover(disk)).toMatchObject({ closed: 0, damaged: [] });
  disk.restart();
  recoverTwice(disk);
  expect(readRecords(disk)).toEqual([1, 2, 3, 4, 5].map(lineOf));
  expect(disk.paths().filter((path) => path.endsWith('.stage'))).toEqual([]);
});

test('a crash in any system call of the recovery costs nothing either', async () => {
  const prepare = async () => {
    const disk = new SimulatedDisk(seededRandom(4));
    disk.fault = (call) => (call === 60 ? 'crash' : undefined);
    const outcome = await runWithFault(disk);
    disk.loseUnsynced();
    return { disk, outcome, calls: disk.calls };
  };
  const first = await prepare();
  recoverTwice(first.disk);
  for (let call = first.calls + 1; call <= first.disk.calls; call += 1) {
    const { disk, outcome } = await prepare();
    disk.fault = (number) => (number === call ? 'crash' : undefined);
    expect(() => recoverTwice(disk)).toThrow(SimulatedCrash);
    disk.loseUnsynced();
    recoverTwice(disk);
    check(disk, outcome, outcome.acknowledged);
  }
});

test.each(['open', 'full'])(
  'after a failed fsync of an %s segment nothing is acknowledged, and what is kept is on the disk',
  async (state) => {
    const disk = new SimulatedDisk(seededRandom(5));
    const writer = open(disk, 1);
    writer.append(lineOf(1));
    await writer.sync();
    writer.append(lineOf(2));
    if (state === 'full') writer.rotate();
    disk.fault = (_call, name) => (name === 'datasync' ? 'EIO' : undefined);
    await expect(writer.sync()).rejects.toMatchObject({ code: 'spool_sync_failed' });
    disk.fault = () => undefined;
    await expect(writer.sync()).rejects.toMatchObject({ code: 'spool_sync_failed' });
    expect(() => writer.append(lineOf(3))).toThrow(expect.objectContaining({ code: 'spool_sync_failed' }));
    await expect(writer.close()).rejects.toMatchObject({ code: 'spool_sync_failed' });
    // Line 2 is readable but the disk does not have it. The recovery keeps it and writes it anew.
    recoverTwice(disk);
    expect(readRecords(disk)).toEqual([lineOf(1), lineOf(2)]);
    disk.loseUnsynced();
    expect(readRecords(disk)).toEqual([lineOf(1), lineOf(2)]);
  },
);

test('a line appended while an fsync is under way is not acknowledged by it', async () => {
  const disk = new SimulatedDisk(seededRandom(8));
  const writer = open(disk, 1);
  writer.append(lineOf(1));
  const first = writer.sync();
  // In the next turn the sync begins; the disk takes a few more.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  writer.append(lineOf(2));
  const position = await first;
  expect(position.offset).toBeLessThan(writer.written.offset);
  await writer.sync();
  disk.loseUnsynced();
  recoverTwice(disk);
  expect(readRecords(disk)).toEqual([lineOf(1), lineOf(2)]);
});

test('on a full disk lines are refused with a typed error, and appending works again as soon as there is room', async () => {
  const disk = new SimulatedDisk(seededRandom(6));
  const writer = open(disk, 1);
  writer.append(lineOf(1));
  disk.fault = (_call, name) => (name === 'write' ? 'ENOSPC' : undefined);
  expect(() => writer.append(lineOf(2))).toThrow(expect.objectContaining({ code: 'spool_disk_full' }));
  // The first line is still acknowledged: its bytes have room, only the integrity line has none.
  await writer.sync();
  expect(writer.stats()).toMatchObject({ records: 1, dropped: 1 });
  disk.fault = () => undefined;
  writer.append(lineOf(2));
  await writer.close();
  expect(readRecords(disk)).toEqual([lineOf(1), lineOf(2)]);
  expect(verifySpool({ directory: DIRECTORY, disk })).toMatchObject({ ok: true, records: 2 });
});

test('a writer opens on a full disk, so that its owner can free space', async () => {
  const disk = new SimulatedDisk(seededRandom(7));
  disk.makeDirectory(DIRECTORY);
  const isLock = (call: number) => call <= 4;
  const writeCalls = { count: 0 };
  disk.fault = (call, name) => {
    if (name !== 'write') return undefined;
    writeCalls.count += 1;
    return isLock(writeCalls.count) && call < 8 ? undefined : 'ENOSPC';
  };
  const writer = open(disk, 1);
  expect(() => writer.append(lineOf(1))).toThrow(expect.objectContaining({ code: 'spool_disk_full' }));
  disk.fault = () => undefined;
  writer.append(lineOf(1));
  await writer.close();
  expect(readRecords(disk)).toEqual([lineOf(1)]);
});
