/**
 * One file that somebody else writes, by its descriptor: a rename does not lose it. Taken stretch by stretch, each sent and
 * settled before the cursor moves.
 *
 * A file that became shorter than what was taken, or begins with other bytes, is another one: it is read from its
 * start, under the names that its own content gives.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clock, Resource } from '@sillok/record';
import { producerOf, stemOf } from '../filenames.js';
import { createBatcher } from '../files/batch.js';
import type { Batch } from '../files/batch.js';
import { resourceOfPath } from '../files/resource.js';
import { FOLLOW_IDLE_MS, HEAD_BYTES, LINE_BYTES_MAX, STRETCH_BYTES } from '../limits.js';
import { readCursor, writeCursor } from './cursor.js';
import type { FileCursor, Intent } from './cursor.js';
import { cutStretch } from './stretch.js';
import type { Stretch } from './stretch.js';

export interface FollowedFileOptions {
  readonly path: string;
  readonly stateDirectory: string;
  readonly resource: Resource;
  readonly utc: boolean;
  readonly clock: Clock;
  readonly nowMs: () => number;
  /** Begin behind what is there when the file has no cursor yet. */
  readonly fromEnd: boolean;
  /** Resolves when all records of the batch are settled; rejects only when the user ends the command. */
  readonly send: (batch: Batch) => Promise<void>;
  readonly onProblem: (lineNumber: number, reason: string) => void;
}

export interface FollowedFile {
  readonly name: string;
  readonly cursor: FileCursor;
  /** Takes one stretch. False: there was nothing to take. */
  step(how: { readonly final: boolean }): Promise<boolean>;
  /** Milliseconds since the file last grew or was taken from. */
  quietMs(): number;
  close(): void;
}

/** Whether the file at `path` is the one that the cursor knows, under whatever name. */
export function isFileOf(path: string, cursor: FileCursor): boolean {
  const name = fileName(path);
  if (name?.inode !== cursor.inode || name.device !== cursor.device) return false;
  // An empty head proves nothing: an inode is used again.
  if (cursor.headBytes === 0) return stemOf(basename(path)) === stemOf(basename(cursor.path));
  const descriptor = openSync(path, 'r');
  try {
    return isSameFile(descriptor, cursor);
  } finally {
    closeSync(descriptor);
  }
}

export function fileName(path: string): { device: string; inode: string } | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return { device: String(dev), inode: String(ino) };
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Throws when the file cannot be opened. */
export function openFollowedFile(options: FollowedFileOptions): FollowedFile {
  const descriptor = openSync(options.path, 'r');
  const { dev, ino, size } = fstatSync(descriptor, { bigint: true });
  const identity = { device: String(dev), inode: String(ino) };
  const kept = readCursor(options.stateDirectory, identity);
  let cursor = kept && isSameFile(descriptor, kept) ? kept : freshCursor(identity, options.path);
  if (!kept && options.fromEnd) cursor = skipToEnd(descriptor, cursor, Number(size));
  // Noted before anything is taken: a rotation while nobody follows must not hide the file.
  if (cursor !== kept) save({ ...cursor, ...headOf(readAt(descriptor, 0, HEAD_BYTES), Number(size)) });
  let seenBytes = -1;
  let grewMs = options.nowMs();

  async function step(how: { final: boolean }): Promise<boolean> {
    const bytes = Number(fstatSync(descriptor, { bigint: true }).size);
    if (bytes !== seenBytes) grewMs = options.nowMs();
    const changed = bytes !== seenBytes;
    seenBytes = bytes;
    if (bytes < cursor.offset || (changed && !isSameFile(descriptor, cursor)))
      cursor = freshCursor(identity, options.path);
    if (bytes === cursor.offset) return false;
    const idle = options.nowMs() - grewMs >= FOLLOW_IDLE_MS;
    const stretch = nextStretch(descriptor, cursor, { idle, final: how.final });
    if (stretch.to === cursor.offset) return false;
    await take(stretch, idle || how.final);
    return true;
  }

  async function take(stretch: Stretch, forced: boolean): Promise<void> {
    const head = readAt(descriptor, 0, HEAD_BYTES);
    const intent = cursor.intent ?? { to: stretch.to, time: options.clock.now() };
    const batcher = createBatcher({
      producer: producerOf(stemOf(basename(options.path))),
      resource: { ...options.resource, ...resourceOfPath(options.path), ...explicit(options.resource) },
      head: () => head,
      utc: options.utc,
      defaultTime: () => intent.time,
      counters: cursor.counters,
      lastTime: cursor.lastTime,
    });
    const batches = [...stretch.entries.flatMap((entry) => batcher.add(entry)), ...batcher.flush()];
    const depends =
      forced || batches.some(({ groups }) => groups.some(({ items }) => items.some(({ timed }) => !timed)));
    if (depends && !cursor.intent) save({ ...cursor, ...headOf(head, intent.to), intent });
    for (const batch of batches) await options.send(batch);
    for (const { lineNumber, reason } of batcher.problems) options.onProblem(lineNumber, reason);
    const { counters, lastTime } = batcher;
    const { to, line, style } = stretch;
    save({ ...cursor, ...headOf(head, to), offset: to, line, style, counters, lastTime, intent: undefined });
  }

  function save(next: FileCursor): void {
    writeCursor(options.stateDirectory, { ...next, updatedMs: options.nowMs() });
    cursor = next;
  }

  return {
    name: `${identity.device}-${identity.inode}`,
    get cursor() {
      return cursor;
    },
    step,
    quietMs: () => options.nowMs() - grewMs,
    close: () => closeSync(descriptor),
  };
}

/** The caller's `service.name` wins over the path's; its host name does not say more than the path. */
function explicit(resource: Resource): Resource {
  const service = resource['service.name'];
  return service === undefined ? {} : { 'service.name': service };
}

function nextStretch(
  descriptor: number,
  cursor: FileCursor,
  how: { idle: boolean; final: boolean },
): Stretch {
  const { offset, line, style, intent } = cursor;
  if (intent) return cutIntent(descriptor, cursor, intent);
  let bytes = readAt(descriptor, offset, STRETCH_BYTES);
  const full = bytes.length === STRETCH_BYTES;
  if (full && !bytes.includes(0x0a)) bytes = readAt(descriptor, offset, LINE_BYTES_MAX);
  const endless = bytes.length === LINE_BYTES_MAX && !bytes.includes(0x0a);
  const options = { offset, line, style, final: (how.final && !full) || endless };
  const stretch = cutStretch(bytes, { ...options, force: how.idle && !full });
  // A stretch in which everything belongs together is larger than any record: it is taken as it stands.
  return stretch.to === offset && full ? cutStretch(bytes, { ...options, force: true }) : stretch;
}

function cutIntent(descriptor: number, cursor: FileCursor, intent: Intent): Stretch {
  const { offset, line, style } = cursor;
  const bytes = readAt(descriptor, offset, intent.to - offset);
  return cutStretch(bytes, { offset, line, style, force: true, final: true });
}

function freshCursor(identity: { device: string; inode: string }, path: string): FileCursor {
  return {
    version: 1,
    path,
    ...identity,
    headBytes: 0,
    headHash: hashOf(Buffer.alloc(0)),
    offset: 0,
    line: 1,
    style: 'unknown',
    counters: [],
    updatedMs: 0,
  };
}

/** Behind the last line end. Numbers of lines and records then count from there; the names stay unique by the head. */
function skipToEnd(descriptor: number, cursor: FileCursor, size: number): FileCursor {
  const tail = readAt(descriptor, Math.max(0, size - LINE_BYTES_MAX), LINE_BYTES_MAX);
  const offset = size - tail.length + tail.lastIndexOf(0x0a) + 1;
  // A start of its own for `seq`, behind any that the skipped records could have had.
  return { ...cursor, offset, counters: cursor.counters.concat(Array(RUNG_COUNT).fill(offset)) };
}
const RUNG_COUNT = 8;

function isSameFile(descriptor: number, cursor: FileCursor): boolean {
  const head = readAt(descriptor, 0, cursor.headBytes);
  return head.length === cursor.headBytes && hashOf(head) === cursor.headHash;
}

/** Of the bytes that belong to what was taken: those do not change while the file only grows. */
function headOf(head: Buffer, taken: number): { headBytes: number; headHash: string } {
  const own = head.subarray(0, Math.min(taken, HEAD_BYTES));
  return { headBytes: own.length, headHash: hashOf(own) };
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readAt(descriptor: number, offset: number, bytesMax: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytesMax);
  let bytes = 0;
  while (bytes < bytesMax) {
    const read = readSync(descriptor, buffer, bytes, bytesMax - bytes, offset + bytes);
    if (read === 0) break;
    bytes += read;
  }
  return buffer.subarray(0, bytes);
}
