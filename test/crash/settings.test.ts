/**
 * A change of the settings, killed before each call of the disk in turn, and on a disk that is full: it is never made without
 * an entry in the audit log, no entry says that something was made which was not, and none stays open.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeRecord } from '@sillok/record';
import { nodeDisk, type Disk } from '@sillok/spool';
import { afterEach, expect, test } from 'vitest';
import { dataPaths } from '../../apps/server/src/filenames.js';
import { readBatches } from '../../apps/server/src/queue/read-batches.js';

interface Rooms {
  readonly settings: {
    createKey(wanted: object, actor: string): object;
    listKeys(): readonly { readonly id: string; readonly name: string }[];
  };
  close(): Promise<void>;
}

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sillok-settings-'));
  folders.push(folder);
  return folder;
}

async function openRooms(folder: string, disk: Disk = nodeDisk): Promise<Rooms> {
  // Plain JavaScript, so that the killed process runs it too.
  const module = (await import(join(fixtures, 'settings-rooms.mjs'))) as {
    openRooms(folder: string, disk: Disk): Promise<Rooms>;
  };
  return module.openRooms(folder, disk);
}

/** Outcomes by the key that they speak of, in the order of the log. */
function outcomes(folder: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { records } of readBatches({ directory: join(dataPaths(folder).queue, 'audit') })) {
    for (const line of records.toString('utf8').split('\n').filter(Boolean)) {
      // Decoded: an id of digits alone stands in quotes there, or it would be a number.
      const { attributes = {} } = decodeRecord(line);
      (found[String(attributes['audit.entity.id'])] ??= []).push(String(attributes['audit.outcome']));
    }
  }
  return found;
}

const NEW = { name: 'new', project: 'default', scopes: ['read'] };
const full = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

test('killed before each call of the disk: made and recorded, or neither', { timeout: 600_000 }, async () => {
  const ends = new Set<string>();
  for (let call = 1; ; call += 1) {
    const folder = newFolder();
    const child = spawnSync(process.execPath, [join(fixtures, 'settings-killed.mjs'), folder, String(call)], {
      encoding: 'utf8',
    });
    if (child.signal === null) {
      expect(child.stdout).toBe('not killed\n');
      break;
    }
    const { settings, close } = await openRooms(folder);
    const keys = settings.listKeys();
    const made = keys.find(({ name }) => name === 'new')?.id;
    const before = keys.find(({ name }) => name === 'before')?.id ?? '';
    const { [before]: old, ...others } = outcomes(folder);
    expect(old).toEqual(['intent', 'committed']);
    const said = Object.entries(others);
    // A kill before the intent leaves nothing, or the word that what never began did not happen.
    if (made === undefined)
      expect(['', 'intent,rolled_back', 'rolled_back']).toContain(
        said.map(([, each]) => each.join()).join(';'),
      );
    else expect(said).toEqual([[made, ['intent', 'committed']]]);
    ends.add(made === undefined ? 'not made' : 'made');
    expect(existsSync(dataPaths(folder).openActs)).toBe(false);
    await close();
    // A second start adds nothing.
    await (await openRooms(folder)).close();
    expect(Object.values(outcomes(folder)).flat()).toHaveLength(2 + said.flatMap(([, each]) => each).length);
  }
  expect(ends).toEqual(new Set(['made', 'not made']));
});

/** Writes fail that name the key `new`, in the file of that kind, while it is full. */
function fillable(): {
  readonly disk: Disk;
  readonly state: { queue: boolean; settings: boolean; outcome: boolean };
} {
  const state = { queue: false, settings: false, outcome: false };
  const paths = new Map<number, string>();
  const disk: Disk = {
    ...nodeDisk,
    create(path) {
      const fd = nodeDisk.create(path);
      paths.set(fd, path);
      return fd;
    },
    write(fd, bytes, range) {
      const text = Buffer.from(bytes.subarray(range.offset, range.offset + range.length)).toString();
      const isQueue = paths.get(fd)?.includes('/queue/') === true;
      const isOutcome = isQueue && text.includes('"committed"');
      if (isOutcome ? state.outcome : isQueue ? state.queue : state.settings) throw full();
      return nodeDisk.write(fd, bytes, range);
    },
  };
  return { disk, state };
}

test('a disk without room for the intent: refused, and nothing is changed', async () => {
  const folder = newFolder();
  const { disk, state } = fillable();
  const { settings, close } = await openRooms(folder, disk);
  state.queue = true;
  expect(() => settings.createKey(NEW, 'server')).toThrow(expect.objectContaining({ code: 'disk_full' }));
  expect(settings.listKeys()).toEqual([]);
  state.queue = false;
  settings.createKey(NEW, 'server');
  expect(Object.values(outcomes(folder))).toEqual([['intent', 'committed']]);
  await close();
});

test('a disk without room for the change: refused, and the log says that it failed', async () => {
  const folder = newFolder();
  const { disk, state } = fillable();
  const { settings, close } = await openRooms(folder, disk);
  state.settings = true;
  expect(() => settings.createKey(NEW, 'server')).toThrow(expect.objectContaining({ code: 'disk_full' }));
  expect(settings.listKeys()).toEqual([]);
  expect(Object.values(outcomes(folder))).toEqual([['intent', 'failed']]);
  state.settings = false;
  await close();
});

test('a disk without room for the outcome: the change stands, the next waits, and both are told in their order', async () => {
  const folder = newFolder();
  const { disk, state } = fillable();
  const { settings, close } = await openRooms(folder, disk);
  state.outcome = true;
  settings.createKey(NEW, 'server');
  expect(Object.values(outcomes(folder))).toEqual([['intent']]);
  expect(() => settings.createKey({ ...NEW, name: 'next' }, 'server')).toThrow(
    expect.objectContaining({ code: 'disk_full' }),
  );
  expect(settings.listKeys().map(({ name }) => name)).toEqual(['new']);
  state.outcome = false;
  settings.createKey({ ...NEW, name: 'next' }, 'server');
  expect(Object.values(outcomes(folder))).toEqual([
    ['intent', 'committed'],
    ['intent', 'committed'],
  ]);
  await close();
});

test('an outcome that had no room is told at the next start', async () => {
  const folder = newFolder();
  const { disk, state } = fillable();
  const first = await openRooms(folder, disk);
  state.outcome = true;
  first.settings.createKey(NEW, 'server');
  await first.close();
  expect(existsSync(dataPaths(folder).openActs)).toBe(true);
  await (await openRooms(folder)).close();
  expect(Object.values(outcomes(folder))).toEqual([['intent', 'committed']]);
  expect(existsSync(dataPaths(folder).openActs)).toBe(false);
});
