/**
 * What alerts know, on disk: which batches of the queue were looked at, the alerts with what was told of them, known errors,
 * sources. One file, replaced whole, so that position and counts can never disagree: after a kill the queue is read again from
 * that position, and each record is counted once.
 */
import { existsSync, readFileSync } from 'node:fs';

import { replaceFile } from '../durable-file.js';
import type { Log } from '../log.js';
import type { HeardReplay } from '../replay/book.js';
import type { QueuePosition } from '../seams.js';
import type { Alert } from './book.js';
import type { KnownError } from './known-errors.js';
import type { ScriptRun } from './script-runs.js';
import type { Source } from './sources.js';

export interface AlertState {
  readonly version: 1;
  /** The batch looked at last, and the last one of each class. */
  readonly last: QueuePosition | null;
  /** When alerts began here: what was taken before is history. */
  readonly since: string;
  readonly seen: readonly QueuePosition[];
  readonly alerts: readonly Alert[];
  readonly known: readonly KnownError[];
  readonly sources: readonly Source[];
  /** Absent in what a server wrote that did not follow them yet. */
  readonly scripts?: readonly ScriptRun[];
  readonly patterns: Readonly<Record<string, readonly string[]>>;
  /** Absent in what an earlier version wrote. */
  readonly replays?: readonly HeardReplay[];
}

export function readState(path: string, log: Log): AlertState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const state: unknown = JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) =>
      key === 'people' && Array.isArray(value) ? new Set(value) : value,
    );
    // Written by `writeState`, replaced whole; another version is not read.
    const known = state as AlertState;
    if (known.version === 1) return known;
    log.warn('the state of alerts is of another version; it begins anew', { path });
  } catch (error) {
    log.error('the state of alerts cannot be read; known errors are told once more', { path, error });
  }
  return undefined;
}

export function writeState(path: string, state: AlertState): Promise<void> {
  const text = JSON.stringify(state, (_key, value: unknown) => (value instanceof Set ? [...value] : value));
  return replaceFile(path, text);
}
