/**
 * The files of one writer: the segment being written, full ones that still wait for their fsync, and the folders
 * whose new names are not synced yet. Knows nothing of timers, quotas or callers.
 *
 * A segment gets its end line before the next one is created, so a reader that sees segment n+1 knows that n has
 * all its lines.
 */
import { join } from 'node:path';
import type { Disk } from './disk.js';
import { asSpoolError, hasCode, isDiskFull } from './errors.js';
import { STAGE_FILE, distrustFile, segmentFile } from './filenames.js';
import { syncDirectoryNow, unlessForbidden, unlinkQuietly } from './files.js';
import { OpenSegment } from './open-segment.js';
import type { SpoolPosition } from './position.js';
import { Stage } from './stage.js';

export interface SegmentSetOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly headerLine: string;
  readonly firstSegment: number;
  /** The folder itself, and parents whose names may not be synced yet. */
  readonly directoriesToSync: readonly string[];
}

export class SegmentSet {
  current: OpenSegment | undefined;
  readonly #options: SegmentSetOptions;
  readonly #start: SpoolPosition;
  #stage: Stage | undefined;
  #retiring: OpenSegment[] = [];
  /** Files whose names were taken away; a sync in the background may be using them. */
  readonly #nameless: number[] = [];
  #directories: readonly string[];
  #isSyncing = false;

  constructor(options: SegmentSetOptions) {
    this.#options = options;
    this.#stage = Stage.tryOpen(options.disk, join(options.directory, STAGE_FILE));
    this.#directories = options.directoriesToSync;
    this.#start = { segment: options.firstSegment, offset: 0 };
  }

  /** End of the last line. */
  get written(): SpoolPosition {
    const current = this.current;
    return current === undefined ? this.#start : { segment: current.segment, offset: current.bytes };
  }

  get isStaged(): boolean {
    return this.#stage?.isBroken === false;
  }

  /** Full segments that wait for their fsync. */
  get retiringCount(): number {
    return this.#retiring.length;
  }

  /** No other file and no folder waits for its fsync. */
  get isOneFile(): boolean {
    return this.#retiring.length === 0 && this.#directories.length === 0;
  }

  /** Creates the first segment, or the one after a failed attempt. Returns it with its header line written. */
  open(): OpenSegment {
    this.current ??= this.#create(this.#start.segment);
    return this.current;
  }

  /** Returns the bytes that this added: integrity and end line of the old segment, header line of the new. */
  rotate(): number {
    const old = this.current;
    if (old === undefined) return 0;
    const bytesBefore = old.bytes;
    old.writeIntegrity();
    const endBytes = old.writeEnd();
    let next: OpenSegment;
    try {
      next = this.#create(old.segment + 1);
    } catch (error) {
      old.undoEnd();
      throw error;
    }
    this.#retiring.push(old);
    this.current = next;
    return old.bytes - bytesBefore + endBytes + next.bytes;
  }

  /**
   * All lines are in the file afterwards, with the integrity line of the current group as far as the disk has room for it.
   * Throws when it has none for lines that are still in the stage.
   */
  prove(): SpoolPosition {
    try {
      this.current?.writeIntegrity();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // Once the lines themselves are written they will be synced; the next integrity line covers them too.
      this.current?.flush();
    }
    return this.written;
  }

  /** Calls must not overlap; `datasyncNow` may come in between. */
  async datasync(): Promise<void> {
    this.#isSyncing = true;
    try {
      await this.#datasync();
    } finally {
      this.#isSyncing = false;
      this.#closeNameless();
    }
  }

  async #datasync(): Promise<void> {
    const { disk } = this.#options;
    const retiring = this.#retiring;
    const directories = this.#directories;
    const current = this.current;
    for (const segment of retiring) await disk.datasync(segment.fd);
    if (current !== undefined) await disk.datasync(current.fd);
    for (const directory of directories) await disk.syncDirectory(directory).catch(unlessForbidden);
    this.#retiring = this.#retiring.filter((segment) => !retiring.includes(segment));
    this.#directories = this.#directories.filter((directory) => !directories.includes(directory));
    for (const segment of retiring) disk.close(segment.fd);
  }

  datasyncNow(): void {
    const { disk } = this.#options;
    for (const segment of this.#retiring) disk.datasyncNow(segment.fd);
    if (this.current !== undefined) disk.datasyncNow(this.current.fd);
    for (const directory of this.#directories) syncDirectoryNow(disk, directory);
    this.#directories = [];
    // A sync in the background may be using their files; then it closes them.
    if (this.#isSyncing) return;
    for (const segment of this.#retiring) disk.close(segment.fd);
    this.#retiring = [];
  }

  /** Seals the current segment; it is on the disk when this returns. */
  async seal(): Promise<void> {
    const { disk } = this.#options;
    if (this.current === undefined || this.current.groupBytes > 0) return;
    this.current.writeEnd();
    await disk.datasync(this.current.fd);
  }

  /** Somebody removed or moved the folder: what is written goes to a file that nobody can find. */
  get isGone(): boolean {
    const { current } = this;
    if (current === undefined) return false;
    const { disk } = this.#options;
    if (disk.exists(current.path)) return false;
    try {
      return disk.stat(current.path) === undefined;
    } catch (error) {
      // A disk that fails says so at the next write.
      return hasCode(error, 'ENOTDIR');
    }
  }

  /** Writes what is open into the folder again, which must be there. */
  restore(): void {
    const { disk, directory } = this.#options;
    const open = this.current === undefined ? this.#retiring : [...this.#retiring, this.current];
    for (const segment of open) {
      if (disk.stat(segment.path) === undefined) this.#nameless.push(segment.restore());
    }
    this.#stage?.close();
    this.#stage = undefined;
    syncDirectoryNow(disk, directory);
    if (!this.#isSyncing) this.#closeNameless();
  }

  #closeNameless(): void {
    for (const fd of this.#nameless.splice(0)) closeQuietly(this.#options.disk, fd);
  }

  close(): void {
    const open = this.current === undefined ? this.#retiring : [...this.#retiring, this.current];
    this.#retiring = [];
    for (const segment of open) closeQuietly(this.#options.disk, segment.fd);
    this.#closeStage();
  }

  /** What could not be moved to the segment (a full disk) stays there, for the next recovery. */
  #closeStage(): void {
    const stage = this.#stage;
    if (stage === undefined) return;
    const { disk, directory } = this.#options;
    if (stage.isEmpty) unlinkQuietly(disk, join(directory, STAGE_FILE));
    stage.close();
  }

  /** Notes for the next start that an fsync failed: these files must be written anew before they are believed. */
  distrust(): void {
    const { disk, directory } = this.#options;
    const open = this.current === undefined ? this.#retiring : [...this.#retiring, this.current];
    for (const { segment } of open) {
      try {
        disk.close(disk.create(join(directory, distrustFile(segment))));
      } catch {
        // The disk is failing; the error that is about to be reported says so.
      }
    }
  }

  #create(segment: number): OpenSegment {
    const { disk, directory } = this.#options;
    const path = join(directory, segmentFile(segment));
    let created: OpenSegment | undefined;
    try {
      const stage = this.#stage?.isBroken === true ? undefined : this.#stage;
      created = new OpenSegment({ disk, directory, segment, path, stage });
      // Not through the stage: a segment says who writes it from its first moment on.
      created.appendBlock(Buffer.from(`${this.#options.headerLine}\n`), 0);
    } catch (error) {
      if (created !== undefined) discard(disk, created);
      throw asSpoolError(directory, error);
    }
    if (!this.#directories.includes(directory)) this.#directories = [...this.#directories, directory];
    return created;
  }
}

function discard(disk: Disk, segment: OpenSegment): void {
  closeQuietly(disk, segment.fd);
  unlinkQuietly(disk, segment.path);
}

function closeQuietly(disk: Disk, fd: number): void {
  try {
    disk.close(fd);
  } catch {
    // Nothing is waiting in it: write(2) has handed everything over.
  }
}
