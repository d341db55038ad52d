/**
 * Persons' keys as files: one per person, in a folder that the server and the services of a machine (or a shared volume)
 * have in common. A file is either the wrapped key or the word that says that it was destroyed, and the latter is final.
 *
 * The first writer of a person wins: a key is linked into place, which fails when there is one. So two services that meet
 * a person in the same moment use the same key, without a lock.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PERSONS_DIRECTORY } from './filenames.js';
import type { PersonKeyStore } from './personal.js';
import { DESTROYED } from './personal.js';

export function createFileKeyStore(directory: string): PersonKeyStore {
  const pathOf = (person: string): string => {
    const name = createHash('sha256').update(person).digest('hex');
    return join(directory, PERSONS_DIRECTORY, name.slice(0, 2), name.slice(2));
  };
  return {
    get: (person) => read(pathOf(person)),
    add(person, wrapped) {
      const path = pathOf(person);
      const before = read(path);
      if (before !== undefined) return before;
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const fresh = writeBeside(path, wrapped);
      try {
        linkSync(fresh, path);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      } finally {
        rmSync(fresh, { force: true });
      }
      syncDirectory(dirname(path));
      return read(path) ?? wrapped;
    },
    replace(person, wrapped) {
      const path = pathOf(person);
      if (read(path) !== DESTROYED) put(path, wrapped);
    },
    destroy(person) {
      const path = pathOf(person);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      overwrite(path);
      put(path, DESTROYED);
    },
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function put(path: string, text: string): void {
  renameSync(writeBeside(path, text), path);
  syncDirectory(dirname(path));
}

function writeBeside(path: string, text: string): string {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(fresh, 'wx', 0o600);
  try {
    writeSync(file, `${text}\n`);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
  return fresh;
}

/** The old bytes too, as far as a file system lets us: a renamed-over file would leave them in free space. */
function overwrite(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    writeSync(file, Buffer.alloc(fstatSync(file).size), 0, undefined, 0);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
