/**
 * Every system call that the spool makes, as one interface, so that a simulated disk can fail each of them in
 * turn and lose what was not synced. Errors are those of node:fs: an `Error` with a `code`.
 *
 * Rules that a disk follows: what `write` returned is readable at once but survives a power cut only after
 * `datasync` of the file; a new name, a rename or a removal survives only after `syncDirectory`.
 */
import * as fs from 'node:fs';
import { hasCode } from './errors.js';

export interface FileStat {
  readonly bytes: number;
  readonly modifiedMs: number;
}

export interface Disk {
  /** Creates a file for appending; fails with EEXIST when the name is taken. */
  create(path: string): number;
  /** Opens an existing file for appending, truncating and reading. */
  openAppend(path: string): number;
  openRead(path: string): number;
  /** May write less than asked for, as write(2) may. */
  write(fd: number, bytes: Uint8Array, range: { offset: number; length: number }): number;
  /** Fills `into` from `position`; returns how much there was. */
  read(fd: number, into: Uint8Array, position: number): number;
  size(fd: number): number;
  truncate(fd: number, bytes: number): void;
  datasync(fd: number): Promise<void>;
  datasyncNow(fd: number): void;
  close(fd: number): void;
  syncDirectory(path: string): Promise<void>;
  syncDirectoryNow(path: string): void;
  rename(from: string, to: string): void;
  /** A second name for a file; fails with EEXIST when it is taken. */
  link(from: string, to: string): void;
  unlink(path: string): void;
  /** Creates the folder and its parents; returns the topmost one that was new. */
  makeDirectory(path: string): string | undefined;
  /** Removes an empty folder. */
  removeDirectory(path: string): void;
  /** Names in a folder, unsorted; none when there is no such folder. */
  list(path: string): string[];
  stat(path: string): FileStat | undefined;
  /** A quarter of the time of `stat`, for what is asked after every sync. False also when the disk did not say. */
  exists(path: string): boolean;
  touch(path: string, timeMs: number): void;
  /**
   * Creates a file of that size and maps it: what is stored in the memory survives the end of the process. Undefined when
   * that is not possible. Absent where the system cannot do it at all.
   */
  map?(path: string, bytes: number): MappedMemory | undefined;
}

export interface MappedMemory {
  readonly bytes: ArrayBuffer;
  /** The file itself stays. */
  close(): void;
}

const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;

export const nodeDisk: Disk = {
  create: (path) => fs.openSync(path, 'ax+', FILE_MODE),
  openAppend: (path) => fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_APPEND),
  openRead: (path) => fs.openSync(path, 'r'),
  write: (fd, bytes, range) => fs.writeSync(fd, bytes, range.offset, range.length),
  read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  size: (fd) => fs.fstatSync(fd).size,
  truncate: (fd, bytes) => fs.ftruncateSync(fd, bytes),
  datasync: (fd) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
    }),
  datasyncNow: (fd) => fs.fdatasyncSync(fd),
  close: (fd) => fs.closeSync(fd),
  syncDirectory: async (path) => {
    try {
      const handle = await fs.promises.open(path, 'r');
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      unlessUnsupported(error);
    }
  },
  syncDirectoryNow: (path) => {
    try {
      withDirectory(path, (fd) => fs.fsyncSync(fd));
    } catch (error) {
      unlessUnsupported(error);
    }
  },
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  makeDirectory: (path) => fs.mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE }),
  removeDirectory: (path) => fs.rmdirSync(path),
  list: (path) => listOrNothing(path),
  stat: (path) => {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    return found === undefined ? undefined : { bytes: found.size, modifiedMs: found.mtimeMs };
  },
  exists: (path) => fs.existsSync(path),
  touch: (path, timeMs) => fs.utimesSync(path, timeMs / 1000, timeMs / 1000),
};

/** Windows and some network file systems have no fsync of a folder; their names are durable by other means. */
const UNSUPPORTED: readonly string[] = ['EINVAL', 'EISDIR', 'ENOTSUP'];

function unlessUnsupported(error: unknown): void {
  const isWindows = process.platform === 'win32' && hasCode(error, 'EPERM');
  if (!isWindows && !UNSUPPORTED.some((code) => hasCode(error, code))) throw error;
}

function withDirectory(path: string, work: (fd: number) => void): void {
  const fd = fs.openSync(path, 'r');
  try {
    work(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function listOrNothing(path: string): string[] {
  try {
    return fs.readdirSync(path);
  } catch (error) {
    const isNoDirectory = hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
    if (!isNoDirectory) throw error;
    return [];
  }
}
