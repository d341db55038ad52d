/**
 * A file that only takes up room. When the disk is full it is given up first, so that the batch at hand and the deletion
 * of old days still work; when there is room again it comes back.
 */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { BALLAST_STEP_BYTES } from './limits.js';
import type { Log } from './log.js';

const FILE_MODE = 0o640;

export interface Ballast {
  /** True when it was there and is gone now. */
  giveUp(): boolean;
  /** Fills it again when the disk has room for it twice over. */
  restore(): void;
}

export interface BallastOptions {
  readonly path: string;
  readonly bytes: number;
  readonly log: Log;
}

export function createBallast({ path, bytes, log }: BallastOptions): Ballast {
  const size = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    giveUp() {
      if (size() === 0) return false;
      rmSync(path, { force: true });
      log.error('the disk is full; the ballast file was given up. Free space or shorten retention', { path });
      return true;
    },
    restore() {
      if (bytes === 0 || size() >= bytes || freeBytes(dirname(path)) < bytes * 2) return;
      try {
        writeBallast(path, bytes);
      } catch (error) {
        rmSync(path, { force: true });
        log.warn('no room for the ballast file', { error });
      }
    },
  };
}

/** What this process may still write on the disk of a folder. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Random enough that no file system makes holes of it. */
function writeBallast(path: string, bytes: number): void {
  const step = Buffer.alloc(BALLAST_STEP_BYTES, 'sillok ballast ');
  const file = openSync(path, 'w', FILE_MODE);
  try {
    for (let written = 0; written < bytes; written += step.length) {
      writeSync(file, step, 0, Math.min(step.length, bytes - written));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
