/**
 * The queue: one spool per retention class, and the promise "fsynced before the 2xx".
 *
 * A batch is one block: its header line and its record lines, appended in one write. Callers append, then wait for the
 * shared fsync. An fsync that fails proves nothing ever after: there is no acknowledgement any more and the server stops
 * (`onFailure`). A full disk is another matter: the block is refused, what was acknowledged is safe.
 */
import { join } from 'node:path';

import { KINDS, type Kind } from '@sillok/record';
import { openSpoolWriter, type Disk, type SpoolPosition, type SpoolWriter } from '@sillok/spool';

import { diskFull, queueFailed } from '../errors.js';
import {
  DISK_FULL_RETRY_AFTER_SECONDS,
  RETRY_AFTER_SECONDS,
  SEGMENT_AGE_MS_MAX,
  SEGMENT_BYTES_MAX,
} from '../limits.js';
import { encodeQueueHeader, type QueueHeader } from './header.js';

export interface QueueOptions {
  readonly directory: string;
  /** Boot of this server. */
  readonly boot: string;
  readonly disk?: Disk;
  readonly segmentBytesMax?: number;
  /** Nothing can be acknowledged any more. */
  onFailure(error: unknown): void;
  /** Gives up the ballast file; true when that freed something. */
  tryFreeSpace(): boolean;
}

export interface AppendedBlock {
  readonly from: SpoolPosition;
  readonly to: SpoolPosition;
}

const PRODUCER = 'sillok-server';
const NEWLINE = Buffer.from('\n');

export class Queue {
  readonly #options: QueueOptions;
  readonly #streams = new Map<Kind, SpoolWriter>();
  #failed: unknown;

  constructor(options: QueueOptions) {
    this.#options = options;
    for (const kind of KINDS) this.#streams.set(kind, this.#open(kind));
  }

  directoryOf(kind: Kind): string {
    return join(this.#options.directory, kind);
  }

  /** In the file when it returns; on disk after `sync`. Throws a `ServerError`, and then nothing was appended. */
  append(header: QueueHeader, records: readonly Buffer[]): AppendedBlock {
    if (this.#failed !== undefined) throw queueFailed(this.#failed, RETRY_AFTER_SECONDS);
    const block = Buffer.concat([Buffer.from(encodeQueueHeader(header)), NEWLINE, ...records]);
    const stream = this.#stream(header.class);
    try {
      return stream.appendBlock(block, header.count);
    } catch (error) {
      if (!isDiskFull(error)) throw this.#fail(error);
      if (!this.#options.tryFreeSpace()) throw diskFull(error, DISK_FULL_RETRY_AFTER_SECONDS);
      return this.#appendAgain(stream, block, header.count);
    }
  }

  /** Resolves when everything appended to these classes is on disk. */
  async sync(kinds: Iterable<Kind>): Promise<void> {
    try {
      await Promise.all([...kinds].map((kind) => this.#stream(kind).sync()));
    } catch (error) {
      if (isDiskFull(error)) throw diskFull(error, DISK_FULL_RETRY_AFTER_SECONDS);
      throw this.#fail(error);
    }
  }

  /** The same for one class, and blocks: for what must not be done before it is on disk, and is rare. */
  syncNow(kind: Kind): void {
    try {
      this.#stream(kind).syncNow();
    } catch (error) {
      if (isDiskFull(error)) throw diskFull(error, DISK_FULL_RETRY_AFTER_SECONDS);
      throw this.#fail(error);
    }
  }

  synced(kind: Kind): SpoolPosition {
    return this.#stream(kind).synced;
  }

  written(kind: Kind): SpoolPosition {
    return this.#stream(kind).written;
  }

  /** Called after each fsync of any class. */
  onSynced(listener: () => void): void {
    for (const stream of this.#streams.values()) stream.onSynced(listener);
  }

  stats(kind: Kind): ReturnType<SpoolWriter['stats']> {
    return this.#stream(kind).stats();
  }

  /** Whether blocks can be taken. */
  status(): { readonly ready: boolean; readonly reason?: string } {
    if (this.#failed === undefined) return { ready: true };
    return {
      ready: false,
      reason: this.#failed instanceof Error ? this.#failed.message : String(this.#failed),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.close()));
  }

  #appendAgain(stream: SpoolWriter, block: Buffer, count: number): AppendedBlock {
    try {
      return stream.appendBlock(block, count);
    } catch (error) {
      if (isDiskFull(error)) throw diskFull(error, DISK_FULL_RETRY_AFTER_SECONDS);
      throw this.#fail(error);
    }
  }

  #stream(kind: Kind): SpoolWriter {
    const stream = this.#streams.get(kind);
    if (stream === undefined) throw new Error(`no stream for the class ${kind}`);
    return stream;
  }

  #open(kind: Kind): SpoolWriter {
    const { boot, disk, segmentBytesMax = SEGMENT_BYTES_MAX } = this.#options;
    return openSpoolWriter({
      directory: this.directoryOf(kind),
      header: { sillok: 1, producer: PRODUCER, boot, resource: { 'sillok.class': kind }, encoding: 'flat' },
      sync: 'group',
      segmentBytesMax,
      segmentAgeMsMax: SEGMENT_AGE_MS_MAX,
      // Retention is ours: by days and by disk, after the rows (retention.ts).
      quotaBytes: Number.MAX_SAFE_INTEGER,
      onError: (error) => {
        if (!isDiskFull(error)) this.#fail(error);
      },
      ...(disk && { disk }),
    });
  }

  #fail(error: unknown): Error {
    const first = this.#failed === undefined;
    this.#failed ??= error;
    if (first) this.#options.onFailure(error);
    return queueFailed(error, RETRY_AFTER_SECONDS);
  }
}

function isDiskFull(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['spool_disk_full', 'spool_quota', 'ENOSPC'].includes(String(error.code))
  );
}
