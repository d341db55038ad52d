import { spawn } from 'node:child_process';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeDisk } from './disk.js';
import { LOCK_FILE } from './filenames.js';
import { LOCK_STALE_MS } from './limits.js';
import { acquireLock, isLocked } from './lock.js';
import { nodeProcesses } from './processes.js';
import { HEADER, temporaryDirectory } from './test-support.js';
import { openSpoolWriter } from './writer.js';

const optionsFor = (directory: string) => ({
  disk: nodeDisk,
  directory,
  processes: nodeProcesses,
  clockMs: Date.now,
});
const locked = expect.objectContaining({ code: 'spool_locked' });

function leaveLock(directory: string, holder: object): string {
  const path = join(directory, LOCK_FILE);
  writeFileSync(path, JSON.stringify({ ...nodeProcesses.self, token: 'old', ...holder }));
  return path;
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.on('exit', resolve));
  return child.pid ?? 0;
}

test('the lock of a dead process is taken over and named', async () => {
  const directory = temporaryDirectory();
  const pid = await deadPid();
  leaveLock(directory, { pid });
  expect(isLocked(optionsFor(directory))).toBe(false);
  const lock = acquireLock(optionsFor(directory));
  expect(lock.takenFrom?.pid).toBe(pid);
  lock.release();
  expect(readdirSync(directory)).toEqual([]);
});

test('a living process that got the pid of a dead writer does not keep its lock', () => {
  const directory = temporaryDirectory();
  leaveLock(directory, { start: '1' });
  const lock = acquireLock(optionsFor(directory));
  expect(lock.takenFrom?.start).toBe('1');
  lock.release();
});

test('the lock of a living process holds, also in the same process', () => {
  const directory = temporaryDirectory();
  const lock = acquireLock(optionsFor(directory));
  expect(() => acquireLock(optionsFor(directory))).toThrow(locked);
  lock.release();
  acquireLock(optionsFor(directory)).release();
});

test('where the pid cannot be looked up, a fresh lock holds and an old one does not', () => {
  const directory = temporaryDirectory();
  const path = leaveLock(directory, { host: 'another container' });
  expect(() => acquireLock(optionsFor(directory))).toThrow(locked);
  const oldSeconds = (Date.now() - LOCK_STALE_MS) / 1000 - 1;
  utimesSync(path, oldSeconds, oldSeconds);
  acquireLock(optionsFor(directory)).release();
});

test('a torn lock file is nobody', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, LOCK_FILE), '{"pid":1');
  acquireLock(optionsFor(directory)).release();
});

test('of many takers of a dead lock exactly one gets it', async () => {
  const directory = temporaryDirectory();
  leaveLock(directory, { pid: await deadPid() });
  const attempts = Array.from({ length: 20 }, () => {
    try {
      return acquireLock(optionsFor(directory));
    } catch {
      return undefined;
    }
  });
  expect(attempts.filter((lock) => lock !== undefined).length).toBe(1);
});

test('a writer whose lock was taken over stops instead of writing into the folder of another', async () => {
  const directory = temporaryDirectory();
  const beats: (() => void)[] = [];
  const timers = {
    after: () => () => undefined,
    every: (_periodMs: number, work: () => void) => {
      beats.push(work);
      return () => undefined;
    },
  };
  const writer = openSpoolWriter({ directory, header: HEADER, timers });
  for (const beat of beats) beat();
  expect(writer.failure).toBeUndefined();
  leaveLock(directory, { pid: 1, start: '1' });
  for (const beat of beats) beat();
  expect(() => writer.append('{"seq":1}')).toThrow(expect.objectContaining({ code: 'spool_lock_lost' }));
  await expect(writer.close()).rejects.toMatchObject({ code: 'spool_lock_lost' });
  expect(existsSync(join(directory, LOCK_FILE))).toBe(true);
});
