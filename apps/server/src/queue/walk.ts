/**
 * Walks over the batches of a plain segment by their headers: a header says how many bytes follow, so records are never
 * read. For what this process wrote and fsynced itself; after a restart the proven way (read-batches.ts) is taken.
 */
import { closeSync, openSync, readSync } from 'node:fs';

import { INTEGRITY_START } from '@sillok/spool';

import { WALK_WINDOW_BYTES } from '../limits.js';
import { tryQueueHeader, type QueueHeader } from './header.js';

export interface WalkedBatch {
  readonly header: QueueHeader;
  /** Index of its header line among all lines walked over, from 0. */
  readonly row: number;
  /** Offset of its header line. */
  readonly start: number;
  /** Offset behind its last record. */
  readonly end: number;
}

export interface WalkRange {
  readonly path: string;
  readonly from: number;
  /** Nothing at or after this is looked at: the synced end, or the end of the file. */
  readonly until: number;
}

const NEWLINE = 0x0a;
const INTEGRITY = Buffer.from(INTEGRITY_START);

/**
 * Calls `take` for each batch until it answers false. Returns where the walk stood then and how many lines it passed;
 * undefined when the file does not look as it should.
 */
export function walkSegment(
  range: WalkRange,
  take: (batch: WalkedBatch) => boolean,
): { end: number; rows: number } | undefined {
  const fd = openSync(range.path, 'r');
  try {
    return walk(new Window(fd), range, take);
  } finally {
    closeSync(fd);
  }
}

function walk(window: Window, { from, until }: WalkRange, take: (batch: WalkedBatch) => boolean) {
  let at = from;
  let row = 0;
  while (at < until) {
    const line = window.lineAt(at);
    if (line === undefined) return undefined;
    const next = at + line.length + 1;
    if (line.subarray(0, INTEGRITY.length).equals(INTEGRITY)) {
      row += 1;
      at = next;
      continue;
    }
    const text = line.toString('utf8');
    const header = tryQueueHeader(text);
    if (header === undefined && !text.startsWith('{"sillok":1,')) return undefined;
    const end = next + (header?.bytes ?? 0);
    if (end > until) return undefined;
    if (header !== undefined && !take({ header, row, start: at, end })) break;
    row += 1 + (header?.count ?? 0);
    at = end;
  }
  return { end: at, rows: row };
}

/** A piece of the file in memory; batches smaller than it cost no system call of their own. */
class Window {
  readonly #fd: number;
  #buffer = Buffer.allocUnsafe(WALK_WINDOW_BYTES);
  #from = 0;
  #bytes = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Without its newline; undefined when no newline follows. */
  lineAt(offset: number): Buffer | undefined {
    const start = offset - this.#from;
    if (start >= 0 && start < this.#bytes) {
      const newline = this.#buffer.indexOf(NEWLINE, start);
      if (newline >= 0 && newline < this.#bytes) return this.#buffer.subarray(start, newline);
    }
    for (let size = WALK_WINDOW_BYTES; ; size *= 2) {
      this.#load(offset, size);
      const newline = this.#buffer.subarray(0, this.#bytes).indexOf(NEWLINE);
      if (newline >= 0) return this.#buffer.subarray(0, newline);
      if (this.#bytes < size) return undefined;
    }
  }

  #load(offset: number, size: number): void {
    if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafe(size);
    this.#from = offset;
    this.#bytes = readSync(this.#fd, this.#buffer, 0, size, offset);
  }
}
