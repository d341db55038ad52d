/**
 * How far a followed file has been taken, on disk: one small file per device and inode, written beside and renamed over,
 * so that after any crash the old or the new one is there whole.
 *
 * `intent` is written before a stretch is sent whose cut or whose times depend on the moment: after a crash exactly that
 * stretch is sent again, with the same times, and the server knows its records.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { TEMPORARY_SUFFIX, cursorFile, isCursorFile } from '../filenames.js';
import type { FoldStyle } from '../files/fold.js';
import { CURSOR_KEEP_MS } from '../limits.js';

export interface Intent {
  readonly to: number;
  /** Time of records that have none of their own. */
  readonly time: string;
}

export interface FileCursor {
  readonly version: 1;
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  /** First bytes of the file when the cursor was written: a reused inode has others. */
  readonly headBytes: number;
  readonly headHash: string;
  /** Everything before it is in the server's queue. */
  readonly offset: number;
  /** Number of the line that begins there. */
  readonly line: number;
  readonly style: FoldStyle;
  readonly counters: readonly number[];
  readonly lastTime?: string | undefined;
  readonly intent?: Intent | undefined;
  readonly updatedMs: number;
}

export function readCursor(
  directory: string,
  file: { device: string; inode: string },
): FileCursor | undefined {
  return parseCursor(cursorFile(directory, file));
}

export function listCursors(directory: string): FileCursor[] {
  const names = readdirSync(directory).filter(isCursorFile);
  return names.flatMap((name) => parseCursor(join(directory, name)) ?? []);
}

export function writeCursor(directory: string, cursor: FileCursor): void {
  const path = cursorFile(directory, cursor);
  const temporary = path + TEMPORARY_SUFFIX;
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    writeSync(descriptor, JSON.stringify(cursor));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

/** Files that are gone for long do not come back by a rotation. */
export function forgetOldCursors(directory: string, nowMs: number): void {
  for (const cursor of listCursors(directory)) {
    if (nowMs - cursor.updatedMs > CURSOR_KEEP_MS) rmSync(cursorFile(directory, cursor), { force: true });
  }
}

function parseCursor(path: string): FileCursor | undefined {
  try {
    const value: { readonly version?: unknown } = JSON.parse(readFileSync(path, 'utf8'));
    // Version 1 was written by `writeCursor` and renamed into place whole.
    return value.version === 1 ? (value as FileCursor) : undefined;
  } catch {
    return undefined;
  }
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
