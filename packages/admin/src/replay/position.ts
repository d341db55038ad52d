/**
 * How far the continuous mode of a replay has come, and what its sink did not take. On the disk before it counts: written, synced and
 * renamed, so that after a kill or a power cut there is this position or the one before it. An older one does some of it again, which
 * changes nothing; a torn one would need a person.
 */
import { nodeDisk, writeFileDurablyLater, type Disk } from '@sillok/spool';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { replayFile } from '../filenames.js';
import type { SinkRefusal } from './define.js';

export interface Position {
  /** A moment of the server's own clock: everything received up to it was looked at. */
  readonly position: string;
  /** Entities that differ all the same, and why. They are tried again. */
  readonly left: readonly SinkRefusal[];
}

const shape = z.object({
  position: z.string(),
  left: z.array(z.object({ id: z.string(), reason: z.string() })).default([]),
});

export class PositionFile {
  readonly #path: string;
  readonly #disk: Disk;

  constructor(root: string, name: string, disk: Disk = nodeDisk) {
    this.#path = replayFile(root, name);
    this.#disk = disk;
    disk.makeDirectory(dirname(this.#path));
  }

  /** Undefined when there is none yet. Throws a `ScriptError` when it is damaged. */
  read(): Position | undefined {
    if (this.#disk.stat(this.#path) === undefined) return undefined;
    try {
      return shape.parse(JSON.parse(this.#text()));
    } catch {
      throw new ScriptError(
        'position_damaged',
        `The position in ${this.#path} cannot be read, and going on from now could leave something out.`,
        'Look at "replay drift" first, remove the file, and begin with --from.',
      );
    }
  }

  write(position: Position): Promise<void> {
    return writeFileDurablyLater(this.#disk, this.#path, Buffer.from(`${JSON.stringify(position)}\n`));
  }

  #text(): string {
    const fd = this.#disk.openRead(this.#path);
    try {
      const bytes = Buffer.alloc(this.#disk.size(fd));
      this.#disk.read(fd, bytes, 0);
      return bytes.toString('utf8');
    } finally {
      this.#disk.close(fd);
    }
  }
}
