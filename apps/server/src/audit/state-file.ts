/**
 * How far the Merkle trees are: the place in the queue's audit stream, and each project's size there. And where in the trees
 * each segment of that stream begins, so that a segment that has expired leaves its place behind.
 */
import { existsSync, readFileSync } from 'node:fs';

import type { SpoolPosition } from '@sillok/spool';

import { replaceFileNow } from '../durable-file.js';

export interface TreesState {
  readonly position: SpoolPosition;
  readonly sizes: Readonly<Record<string, number>>;
  /** Sizes of the trees at the start of each segment, by its number. */
  readonly segments: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export function tryReadState(path: string): TreesState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const state: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isState(state) ? state : undefined;
  } catch {
    // Half a file cannot be (it is replaced whole), a foreign one can: the trees are then made anew.
    return undefined;
  }
}

export function writeState(path: string, state: TreesState): void {
  replaceFileNow(path, `${JSON.stringify(state)}\n`);
}

function isState(value: unknown): value is TreesState {
  if (typeof value !== 'object' || value === null) return false;
  const { position, sizes, segments }: { position?: unknown; sizes?: unknown; segments?: unknown } = value;
  return [position, sizes, segments].every((each) => typeof each === 'object' && each !== null);
}
