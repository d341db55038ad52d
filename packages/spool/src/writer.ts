/**
 * The one writer of a spool folder: append, group fsync, rotate, close.
 *
 * Promises: when `append` returns, the line is in the file (a killed process loses nothing); within `groupSyncMs`
 * it is synced; when `sync()` resolves, everything appended before the call is on the disk. When the disk does
 * not confirm an fsync, nothing is acknowledged any more and the writer refuses everything that follows.
 */
import { invariant } from '@sillok/record';
import { listCursors } from './cursor.js';
import {
  SpoolError,
  asSpoolError,
  closedError,
  folderGoneError,
  isDiskFull,
  lockLostError,
  quotaError,
  syncFailedError,
} from './errors.js';
import { directoriesToSync, syncDirectoryNow } from './files.js';
import * as limits from './limits.js';
import { acquireLock, type Lock } from './lock.js';
import type { OpenSegment } from './open-segment.js';
import { Pace } from './pace.js';
import { comparePositions, type SpoolPosition } from './position.js';
import { makeRoom, usedBytes } from './quota.js';
import { recoverLocked, type RecoveryReport } from './recover.js';
import { SegmentSet } from './segment-set.js';
import { listSegmentFiles } from './segments.js';
import { SharedRun } from './shared-run.js';
import type { SpoolStats } from './stats.js';
import { withDefaults, type SpoolWriterOptions, type WriterSettings } from './writer-settings.js';

type Listener = (position: SpoolPosition) => void;

interface Opened {
  readonly lock: Lock;
  readonly recovery: RecoveryReport;
  readonly directoriesToSync: readonly string[];
}

/** Takes the folder's lock, closes what a dead writer left open, and begins a new segment. */
export function openSpoolWriter(options: SpoolWriterOptions): SpoolWriter {
  const settings = withDefaults(options);
  const { disk, directory, processes, clockMs } = settings;
  let lock: Lock | undefined;
  try {
    const directories = directoriesToSync(directory, disk.makeDirectory(directory));
    lock = acquireLock({ disk, directory, processes, clockMs });
    const recovery = recoverLocked({ directory, disk, clockMs, scope: 'unsealed' });
    return new SpoolWriter(settings, { lock, recovery, directoriesToSync: directories });
  } catch (error) {
    lock?.release();
    throw asSpoolError(directory, error);
  }
}

export class SpoolWriter {
  /** What was found and put in order when the folder was opened. */
  readonly recovery: RecoveryReport;
  readonly directory: string;
  readonly #settings: WriterSettings;
  #lock: Lock;
  readonly #files: SegmentSet;
  readonly #group = new SharedRun((waiting) => this.#syncGroup(waiting));
  readonly #pace: Pace;
  readonly #listeners = new Set<Listener>();
  readonly #stopHeartbeat: () => void;
  readonly #counts = { records: 0, dropped: 0, removedSegments: 0, syncs: 0 };
  #synced: SpoolPosition;
  #failure: SpoolError | undefined;
  #isClosed = false;
  #cancelSync: (() => void) | undefined;
  #cancelAge: (() => void) | undefined;
  /** On disk in this folder, as far as this writer knows. */
  #bytes: number;
  #roomSearchedMs = Number.NEGATIVE_INFINITY;

  constructor(settings: WriterSettings, opened: Opened) {
    const { disk, directory, headerLine } = settings;
    this.#settings = settings;
    this.#pace = new Pace(settings.stopwatchMs);
    this.directory = directory;
    this.recovery = opened.recovery;
    this.#lock = opened.lock;
    const files = listSegmentFiles(disk, directory);
    const cursors = listCursors(disk, directory);
    // A cursor may point behind segments that retention removed: numbers are never used twice.
    const firstSegment =
      Math.max(0, ...files.map((f) => f.segment), ...cursors.map((c) => c.value.segment)) + 1;
    const toSync = opened.directoriesToSync;
    this.#files = new SegmentSet({ disk, directory, headerLine, firstSegment, directoriesToSync: toSync });
    this.#bytes = usedBytes(files);
    this.#synced = this.#files.written;
    this.#stopHeartbeat = settings.timers.every(limits.LOCK_HEARTBEAT_MS, () => this.#heartbeat());
    this.#beginAtOpen();
  }

  /** End of the last line, synced or not. */
  get written(): SpoolPosition {
    return this.#files.written;
  }

  /** Everything before this is on the disk. */
  get synced(): SpoolPosition {
    return this.#synced;
  }

  /** Lines go to memory that survives the process, not through a system call each. */
  get isStaged(): boolean {
    return this.#files.isStaged;
  }

  /** Set once the writer has stopped for good. */
  get failure(): SpoolError | undefined {
    return this.#failure;
  }

  /** One line without a newline in or after it. Throws a SpoolError when it is not in the file. */
  append(line: string): void {
    this.#append(line, 1);
  }

  /** Several at once, all or none. */
  appendAll(lines: readonly string[]): void {
    this.#append(lines.join('\n'), lines.length);
  }

  /** Whole lines that end in a newline; `records` counts those that are not header lines. */
  appendBlock(bytes: Uint8Array, records: number): { from: SpoolPosition; to: SpoolPosition } {
    invariant(bytes.length <= limits.BLOCK_BYTES_MAX, 'a block is larger than BLOCK_BYTES_MAX');
    const segment = this.#segmentFor(bytes.length, records);
    const from = { segment: segment.segment, offset: segment.bytes };
    try {
      this.#bytes += segment.appendBlock(bytes, records);
    } catch (error) {
      throw this.#refused(error, records);
    }
    const to = { segment: segment.segment, offset: segment.bytes };
    this.#counts.records += records;
    this.#afterAppend(segment);
    return { from, to };
  }

  /** Resolves with the synced end once everything appended before the call is on the disk. */
  sync(): Promise<SpoolPosition> {
    return this.confirm(0);
  }

  /** The same for somebody who can do nothing until then: `pace.ts` says where a lone one is waited for. */
  confirm(waiting: 0 | 1 = 1): Promise<SpoolPosition> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isClosed || this.#isSynced()) return Promise.resolve(this.#synced);
    return this.#group.request(waiting);
  }

  /** The same, blocking: for the end of a process. */
  syncNow(): SpoolPosition {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed || this.#isSynced()) return this.#synced;
    const target = this.#prove();
    try {
      this.#files.datasyncNow();
      this.#keepFolder();
    } catch (error) {
      throw this.#fail(syncFailedError(this.directory, error));
    }
    this.#markSynced(target);
    return this.#synced;
  }

  onSynced(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Seals the segment and begins the next; nothing happens while it holds no record. */
  rotate(): void {
    this.#mustBeOpen();
    const old = this.#files.current;
    if (old === undefined || old.records === 0) return;
    // The disk is that many files behind: now the caller waits for it.
    if (this.#files.retiringCount >= limits.RETIRING_MAX) this.syncNow();
    this.#keepFolder();
    try {
      this.#bytes += this.#files.rotate();
    } catch (error) {
      throw this.#explained(error);
    }
    this.#watchAge();
    this.#scheduleSync();
  }

  /** Syncs, seals and lets go of the folder. Rejects, having let go, when the writer had failed or fails now. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.sync();
      await this.#seal();
    } finally {
      this.#isClosed = true;
      this.#cancelSync?.();
      this.#cancelAge?.();
      this.#stopHeartbeat();
      await this.#group.idle();
      this.#files.close();
      this.#lock.release();
    }
  }

  stats(): SpoolStats {
    const files = listSegmentFiles(this.#settings.disk, this.directory);
    return { segments: files.length, bytes: usedBytes(files), ...this.#counts };
  }

  /** A full disk must not keep the writer from opening: the owner may be the one who frees space. */
  #beginAtOpen(): void {
    try {
      this.#begin();
    } catch (error) {
      if (!(error instanceof SpoolError) || error.code !== 'spool_disk_full') throw error;
    }
  }

  #begin(): OpenSegment {
    const segment = this.#files.open();
    this.#bytes += segment.bytes;
    this.#watchAge();
    return segment;
  }

  #mustBeOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed) throw closedError(this.directory);
  }

  #append(text: string, records: number): void {
    const segment = this.#segmentFor(text.length + 1, records);
    try {
      this.#bytes += segment.append(text, records);
    } catch (error) {
      throw this.#refused(error, records);
    }
    this.#counts.records += records;
    this.#afterAppend(segment);
  }

  /** The segment with room for as many bytes (roughly, for a string), or an error and nothing written. */
  #segmentFor(bytes: number, records: number): OpenSegment {
    this.#mustBeOpen();
    try {
      const needed = bytes + limits.OWN_LINES_BYTES;
      if (this.#bytes + needed > this.#settings.quotaBytes) this.#makeRoom(needed);
      const current = this.#files.current ?? this.#begin();
      if (current.bytes + bytes <= this.#settings.segmentBytesMax || current.records === 0) return current;
      this.rotate();
      return this.#files.current ?? current;
    } catch (error) {
      throw this.#refused(error, records);
    }
  }

  #makeRoom(bytes: number): void {
    const { disk, directory, clockMs, quotaBytes, quotaPolicy, onDropped } = this.#settings;
    const nowMs = clockMs();
    const mayRemove = quotaPolicy === 'drop-oldest-shipped';
    if (nowMs - this.#roomSearchedMs >= limits.QUOTA_RETRY_MS) {
      this.#roomSearchedMs = nowMs;
      const made = makeRoom(disk, directory, mayRemove ? quotaBytes - bytes : Number.POSITIVE_INFINITY);
      this.#bytes = made.bytes;
      this.#counts.removedSegments += made.removed.length;
      for (const removed of made.removed) onDropped?.(removed);
    }
    if (this.#bytes + bytes > quotaBytes) throw quotaError(directory, quotaBytes);
  }

  #afterAppend(segment: OpenSegment): void {
    if (segment.groupBytes > limits.GROUP_BYTES_MAX) this.#prove();
    if (this.#settings.isAlways) this.syncNow();
    else if (this.#cancelSync === undefined) this.#scheduleSync();
  }

  #scheduleSync(): void {
    this.#cancelSync ??= this.#settings.timers.after(this.#settings.groupSyncMs, () => {
      this.#cancelSync = undefined;
      // A failure is kept in #failure and told to onError; a full disk may have room again soon.
      this.sync().catch(() => {
        if (this.#failure === undefined && !this.#isClosed) this.#scheduleSync();
      });
    });
  }

  #watchAge(): void {
    const { timers, segmentAgeMsMax } = this.#settings;
    this.#cancelAge?.();
    this.#cancelAge = timers.after(segmentAgeMsMax, () => {
      this.#watchAge();
      try {
        if (this.#failure === undefined) this.rotate();
      } catch {
        // A full disk: the next append meets it and says so.
      }
    });
  }

  #heartbeat(): void {
    if (this.#failure !== undefined) return;
    try {
      this.#keepFolder();
    } catch {
      // It is kept in #failure and told to onError.
      return;
    }
    if (!this.#lock.refresh()) this.#fail(lockLostError(this.directory));
  }

  /** The folder was removed (a cleaner, `rm -r`): made again, or all promises were about files that nobody can find. */
  #keepFolder(): void {
    if (!this.#files.isGone) return;
    const { disk, processes, clockMs, onRestored } = this.#settings;
    const { directory } = this;
    try {
      const directories = directoriesToSync(directory, disk.makeDirectory(directory));
      if (!this.#lock.refresh()) this.#lock = acquireLock({ disk, directory, processes, clockMs });
      this.#files.restore();
      for (const each of directories) syncDirectoryNow(disk, each);
    } catch (error) {
      throw this.#fail(folderGoneError(directory, error));
    }
    onRestored?.();
  }

  #isSynced(): boolean {
    return comparePositions(this.#files.written, this.#synced) === 0;
  }

  /** Integrity line; an error other than a full disk ends the writer. */
  #prove(): SpoolPosition {
    const before = this.#files.written;
    try {
      const target = this.#files.prove();
      this.#bytes += target.offset - before.offset;
      return target;
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async #syncGroup(waiting: number): Promise<SpoolPosition> {
    if (this.#failure !== undefined) throw this.#failure;
    // The run before may have covered it.
    if (this.#isSynced()) return this.#synced;
    const target = this.#prove();
    try {
      const isHere = waiting === 1 && this.#pace.isQuick && this.#files.isOneFile;
      await this.#pace.time(() => (isHere ? this.#files.datasyncNow() : this.#files.datasync()));
      this.#keepFolder();
    } catch (error) {
      throw this.#fail(syncFailedError(this.directory, error));
    }
    this.#markSynced(target);
    return this.#synced;
  }

  #markSynced(position: SpoolPosition): void {
    this.#counts.syncs += 1;
    if (comparePositions(position, this.#synced) <= 0) return;
    this.#synced = position;
    for (const listener of this.#listeners) listener(position);
  }

  async #seal(): Promise<void> {
    try {
      await this.#files.seal();
    } catch (error) {
      // All lines are synced already; on a full disk the next recovery writes the end line.
      if (!isDiskFull(error)) throw this.#fail(syncFailedError(this.directory, error));
    }
  }

  #refused(error: unknown, records: number): unknown {
    this.#counts.dropped += records;
    return this.#explained(error);
  }

  #explained(error: unknown): unknown {
    const isFatal = error instanceof SpoolError && error.code === 'spool_write_failed';
    return isFatal ? this.#fail(error) : error;
  }

  /** Stops for good. What is on the disk stays; the next start of the folder writes the doubtful part anew. */
  #fail(error: SpoolError): SpoolError {
    if (this.#failure !== undefined) return this.#failure;
    this.#failure = error;
    if (error.code === 'spool_sync_failed') this.#files.distrust();
    this.#settings.onError?.(error);
    return error;
  }
}
