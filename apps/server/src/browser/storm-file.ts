/** The open storms on disk. Losing the file costs at most a second notice, so a disk that fails here stops nothing. */
import { existsSync, readFileSync } from 'node:fs';

import { replaceFileNow } from '../durable-file.js';
import type { Log } from '../log.js';

export interface OpenStorm {
  readonly project: string;
  readonly app: string;
  readonly release: string;
  readonly boot: string;
  readonly signature: string;
  readonly message: string;
  readonly component: string;
  /** When it began. */
  readonly ms: number;
  readonly told: boolean;
}

export function readOpenStorms(path: string, log: Log): readonly OpenStorm[] {
  if (!existsSync(path)) return [];
  try {
    // Written by `saveOpenStorms`, whole or not at all.
    return JSON.parse(readFileSync(path, 'utf8')) as OpenStorm[];
  } catch (error) {
    log.warn('the list of open storms cannot be read; one of them may be told twice', { path, error });
    return [];
  }
}

export function saveOpenStorms(path: string, storms: readonly OpenStorm[], log: Log): void {
  try {
    replaceFileNow(path, `${JSON.stringify(storms)}\n`);
  } catch (error) {
    log.warn('the list of open storms cannot be written; one of them may be told twice', { path, error });
  }
}
