/**
 * How far a named reader has come, kept beside the segments. Written to a temporary file, synced, renamed, and
 * the folder synced: a crash leaves the old value or the new one. A file that cannot be read or whose checksum is
 * wrong counts as "at the start": re-reading is safe for every reader, because identities make it harmless.
 */
import type { Json } from '@sillok/record';
import { join } from 'node:path';
import { crc32, hex8 } from './checksum.js';
import { nodeDisk, type Disk } from './disk.js';
import { cursorFile, parseCursorFile } from './filenames.js';
import { readWhole, writeFileDurably, writeFileDurablyLater } from './files.js';
import { SPOOL_START, comparePositions, type SpoolPosition } from './position.js';
import type { DirectoryOptions } from './segments.js';

export type CursorValue = SpoolPosition & { readonly extra?: Json };

export interface Cursor {
  readonly value: CursorValue;
  /** A file was there but could not be believed; `value` is the start. */
  readonly damaged: boolean;
  write(value: CursorValue): void;
  /** The same without holding up the event loop; calls must not overlap. */
  writeLater(value: CursorValue): Promise<void>;
}

export function openCursor(options: DirectoryOptions & { readonly name: string }): Cursor {
  const disk = options.disk ?? nodeDisk;
  const path = join(options.directory, cursorFile(options.name));
  const found = readCursor(disk, path);
  let value: CursorValue = found ?? SPOOL_START;
  return {
    get value() {
      return value;
    },
    damaged: found === undefined && disk.stat(path) !== undefined,
    write: (next) => {
      writeFileDurably(disk, path, encode(next));
      value = next;
    },
    writeLater: async (next) => {
      await writeFileDurablyLater(disk, path, encode(next));
      value = next;
    },
  };
}

/** All cursors of a folder. */
export function listCursors(disk: Disk, directory: string): { name: string; value: CursorValue }[] {
  const cursors = [];
  for (const file of disk.list(directory)) {
    const name = parseCursorFile(file);
    if (name === undefined) continue;
    cursors.push({ name, value: readCursor(disk, join(directory, file)) ?? SPOOL_START });
  }
  return cursors;
}

/** What every reader is done with; undefined when the folder has no reader. */
export function slowestCursor(disk: Disk, directory: string): SpoolPosition | undefined {
  const values = listCursors(disk, directory).map((cursor) => cursor.value);
  return values.toSorted(comparePositions)[0];
}

function encode(value: CursorValue): Buffer {
  const { segment, offset, extra } = value;
  const text = JSON.stringify(extra === undefined ? { segment, offset } : { segment, offset, extra });
  return Buffer.from(`${text}\n${hex8(crc32(Buffer.from(text)))}\n`);
}

function readCursor(disk: Disk, path: string): CursorValue | undefined {
  if (disk.stat(path) === undefined) return undefined;
  const [text = '', sum] = readWhole(disk, path).toString('utf8').split('\n');
  if (sum !== hex8(crc32(Buffer.from(text)))) return undefined;
  // The checksum says that this is what `encode` wrote.
  return JSON.parse(text) as CursorValue;
}
