/**
 * Follows files that other programs write: finds new ones, keeps rotated ones until nobody writes to them any more, and
 * sends what is taken, some batches at a time. What cannot be sent waits in its file.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '@sillok/record';
import { createClock } from '@sillok/record';
import { SpoolError, acquireLock, nodeDisk, nodeProcesses } from '@sillok/spool';
import type { Lock } from '@sillok/spool';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { FOLLOW_LOCK_FILE } from '../filenames.js';
import type { Batch } from '../files/batch.js';
import { pause } from '../files/send.js';
import type { Sender } from '../files/send.js';
import {
  BATCHES_IN_FLIGHT_MAX,
  FOLLOW_FILES_MAX,
  FOLLOW_POLL_MS,
  FOLLOW_ROTATED_MS,
  FOLLOW_SCAN_MS,
} from '../limits.js';
import { forgetOldCursors, listCursors } from './cursor.js';
import { fileName, isFileOf, openFollowedFile } from './followed-file.js';
import type { FollowedFile } from './followed-file.js';
import { expandPattern, foldersOf } from './patterns.js';

export interface FollowerOptions {
  readonly patterns: readonly string[];
  readonly stateDirectory: string;
  readonly sender: Sender;
  readonly resource: Resource;
  readonly utc: boolean;
  readonly fromEnd: boolean;
  /** End when everything that is there has been taken. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: FollowEvent) => void;
}

export type FollowEvent =
  | { readonly type: 'opened' | 'rotated' | 'closed'; readonly path: string }
  | { readonly type: 'settled'; readonly path: string; readonly taken: number; readonly known: number }
  | { readonly type: 'problem'; readonly path: string; readonly line: number; readonly reason: string };

interface Following {
  readonly file: FollowedFile;
  path: string;
  rotated: boolean;
  readonly done: Promise<void>;
}

/** Resolves when the signal aborts, or with `once` when all is taken. Throws when another follower has the folder. */
export async function follow(options: FollowerOptions): Promise<void> {
  mkdirSync(options.stateDirectory, { recursive: true, mode: 0o700 });
  const lock = lockCursors(options.stateDirectory);
  const following = new Map<string, Following>();
  const starter = createStarter(options, following);
  try {
    forgetOldCursors(options.stateDirectory, Date.now());
    starter.findRotated();
    do {
      lock.refresh();
      starter.findFiles();
      if (options.once) break;
      await pause(FOLLOW_SCAN_MS, options.signal).catch(() => undefined);
    } while (!options.signal.aborted);
    await Promise.all([...following.values()].map(({ done }) => done));
  } finally {
    lock.release();
  }
}

function lockCursors(directory: string): Lock {
  try {
    const file = FOLLOW_LOCK_FILE;
    return acquireLock({ disk: nodeDisk, directory, processes: nodeProcesses, clockMs: Date.now, file });
  } catch (error) {
    if (!(error instanceof SpoolError) || error.code !== 'spool_locked') throw error;
    const message = `another "sillok ship --follow" uses the cursors in ${directory}`;
    const help = 'Two followers need a folder each: --state FOLDER.';
    throw new CliError({ code: 'follow_locked', message, help, exitCode: EXIT.failed }, error);
  }
}

function createStarter(options: FollowerOptions, following: Map<string, Following>) {
  const clock = createClock();
  const gate = createGate(BATCHES_IN_FLIGHT_MAX);

  function start(path: string, rotated: boolean): void {
    if (following.size >= FOLLOW_FILES_MAX) {
      options.onEvent({
        type: 'problem',
        path,
        line: 0,
        reason: `more than ${FOLLOW_FILES_MAX} files; not followed`,
      });
      return;
    }
    const file = openFollowedFile({
      path,
      stateDirectory: options.stateDirectory,
      resource: { 'host.name': hostname(), ...options.resource },
      utc: options.utc,
      clock,
      nowMs: Date.now,
      fromEnd: options.fromEnd,
      send: (batch) => gate(() => settle(batch, path)),
      onProblem: (line, reason) => options.onEvent({ type: 'problem', path, line, reason }),
    });
    options.onEvent({ type: 'opened', path });
    const state: { following?: Following } = {};
    const done = run(file, () => state.following).finally(() => {
      following.delete(file.name);
      file.close();
      options.onEvent({ type: 'closed', path: state.following?.path ?? path });
    });
    state.following = { file, path, rotated, done };
    following.set(file.name, state.following);
  }

  async function settle(batch: Batch, path: string): Promise<void> {
    const { taken, known, refused } = await options.sender.send(batch);
    options.onEvent({ type: 'settled', path, taken, known });
    for (const { lineNumber, code, reason } of refused) {
      options.onEvent({ type: 'problem', path, line: lineNumber, reason: `${code}: ${reason}` });
    }
  }

  /** Until the file is rotated and quiet, or the user ends the command. */
  async function run(file: FollowedFile, self: () => Following | undefined): Promise<void> {
    // Lets `start` finish: from here on `self` answers.
    await Promise.resolve();
    while (!options.signal.aborted) {
      const rotated = self()?.rotated === true;
      const final = options.once || (rotated && file.quietMs() > FOLLOW_ROTATED_MS);
      try {
        if (await file.step({ final })) continue;
      } catch (error) {
        if (options.signal.aborted) return;
        throw error;
      }
      if (final) return;
      await pause(FOLLOW_POLL_MS, options.signal).catch(() => undefined);
    }
  }

  function findFiles(): void {
    const seen = new Set<string>();
    for (const path of options.patterns.flatMap(expandPattern)) {
      const found = fileName(path);
      if (!found) continue;
      const name = `${found.device}-${found.inode}`;
      seen.add(name);
      const known = following.get(name);
      if (known) known.path = path;
      else tryStart(path, false);
    }
    for (const [name, one] of following) {
      if (seen.has(name) || one.rotated) continue;
      one.rotated = true;
      options.onEvent({ type: 'rotated', path: one.path });
    }
  }

  function tryStart(path: string, rotated: boolean): void {
    try {
      start(path, rotated);
    } catch (error) {
      options.onEvent({
        type: 'problem',
        path,
        line: 0,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  /** Files that were renamed while nobody followed: found by their inode beside the others. */
  function findRotated(): void {
    const cursors = new Map(listCursors(options.stateDirectory).map((cursor) => [cursor.inode, cursor]));
    const current = new Set(options.patterns.flatMap(expandPattern));
    for (const folder of new Set(options.patterns.flatMap(foldersOf))) {
      for (const path of filesIn(folder)) {
        const cursor = current.has(path) ? undefined : cursors.get(fileName(path)?.inode ?? '');
        if (cursor && isFileOf(path, cursor)) tryStart(path, true);
      }
    }
  }

  return { findFiles, findRotated };
}

function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

/** At most `count` at a time; the others wait in order. */
function createGate(count: number): (work: () => Promise<void>) => Promise<void> {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
