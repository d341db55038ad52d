/**
 * Records that cannot be stored are kept aside, a line each with the reason, on disk before anybody is told. A file that
 * has grown to its limit takes no more; what came after is counted.
 */
import { closeSync, fdatasyncSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { ASIDE_BYTES_MAX } from './limits.js';
import type { Log } from './log.js';
import type { Counter } from './metrics.js';

const FILE_MODE = 0o640;

export interface AsideEntry {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly seq: number;
  readonly reason: string;
  /** The record's line as it came. */
  readonly line: string;
}

export interface Aside {
  keep(entries: readonly AsideEntry[]): void;
}

export interface AsideOptions {
  readonly path: string;
  readonly log: Log;
  readonly counter: Counter;
  readonly bytesMax?: number;
}

export function createAside({ path, log, counter, bytesMax = ASIDE_BYTES_MAX }: AsideOptions): Aside {
  return {
    keep(entries) {
      if (entries.length === 0) return;
      counter.add(entries.length);
      const at = new Date().toISOString();
      const text = entries.map((entry) => `${JSON.stringify({ at, ...entry })}\n`).join('');
      const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      const isFull = bytes + text.length > bytesMax;
      if (isFull)
        log.error('the file of records kept aside is full; these are only counted', {
          path,
          count: entries.length,
        });
      else appendDurably(path, text);
      log.warn('records were kept aside', { path, count: entries.length, reason: entries[0]?.reason });
    },
  };
}

function appendDurably(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, 'a', FILE_MODE);
  try {
    writeSync(fd, text);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
