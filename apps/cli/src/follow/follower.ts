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
import { expandPattern, foldersOf, matchesPattern } from './patterns.js';

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
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const crowd = new Crowd({ ...options, signal }, (error) => failed.abort(error));
  try {
    forgetOldCursors(options.stateDirectory, Date.now());
    crowd.findRotated();
    do {
      lock.refresh();
      crowd.findFiles();
      if (options.once) break;
      await pause(FOLLOW_SCAN_MS, signal).catch(() => undefined);
    } while (!signal.aborted);
    await crowd.done();
    // What one file cannot get past (a revoked key, a full disk) stops all: nothing is skipped.
    if (failed.signal.aborted) throw failed.signal.reason;
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

/** The files that are followed now, each by a loop of its own. */
class Crowd {
  readonly #options: FollowerOptions;
  readonly #following = new Map<string, Following>();
  readonly #clock = createClock();
  readonly #gate = createGate(BATCHES_IN_FLIGHT_MAX);

  readonly #onFailure: (error: unknown) => void;

  constructor(options: FollowerOptions, onFailure: (error: unknown) => void) {
    this.#options = options;
    this.#onFailure = onFailure;
  }

  async done(): Promise<void> {
    await Promise.all([...this.#following.values()].map(({ done }) => done));
  }

  findFiles(): void {
    const seen = new Set<string>();
    for (const path of this.#options.patterns.flatMap(expandPattern)) {
      const found = fileName(path);
      if (!found) continue;
      const name = `${found.device}-${found.inode}`;
      seen.add(name);
      const known = this.#following.get(name);
      if (known) known.path = path;
      else this.#tryStart(path, false);
    }
    for (const [name, one] of this.#following) {
      if (seen.has(name) || one.rotated) continue;
      one.rotated = true;
      this.#options.onEvent({ type: 'rotated', path: one.path });
    }
  }

  /** Files that were renamed while nobody followed: found by their inode beside the others. */
  findRotated(): void {
    const { stateDirectory, patterns } = this.#options;
    const own = listCursors(stateDirectory).filter(({ path }) =>
      patterns.some((each) => matchesPattern(each, path)),
    );
    const cursors = new Map(own.map((cursor) => [cursor.inode, cursor]));
    const current = new Set(patterns.flatMap(expandPattern));
    const paths = [...new Set(patterns.flatMap(foldersOf))].flatMap(filesIn);
    for (const path of paths) {
      const cursor = current.has(path) ? undefined : cursors.get(fileName(path)?.inode ?? '');
      if (cursor && isFileOf(path, cursor)) this.#tryStart(path, true);
    }
  }

  #tryStart(path: string, rotated: boolean): void {
    try {
      this.#start(path, rotated);
    } catch (error) {
      this.#problem(path, 0, error instanceof Error ? error.message : String(error));
    }
  }

  #start(path: string, rotated: boolean): void {
    if (this.#following.size >= FOLLOW_FILES_MAX) {
      return this.#problem(path, 0, `more than ${FOLLOW_FILES_MAX} files; not followed`);
    }
    const { stateDirectory, resource, utc, fromEnd, onEvent } = this.#options;
    const file = openFollowedFile({
      path,
      stateDirectory,
      resource: { 'host.name': hostname(), ...resource },
      utc,
      clock: this.#clock,
      nowMs: Date.now,
      fromEnd,
      send: (batch) => this.#gate(() => this.#settle(batch, path)),
      onProblem: (line, reason) => this.#problem(path, line, reason),
    });
    onEvent({ type: 'opened', path });
    const state: { following?: Following } = {};
    const done = this.#run(file, () => state.following)
      .catch(this.#onFailure)
      .finally(() => {
        this.#following.delete(file.name);
        file.close();
        onEvent({ type: 'closed', path: state.following?.path ?? path });
      });
    state.following = { file, path, rotated, done };
    this.#following.set(file.name, state.following);
  }

  /** Until the file is rotated and quiet, or the user ends the command. */
  async #run(file: FollowedFile, self: () => Following | undefined): Promise<void> {
    const { signal, once } = this.#options;
    // Lets `start` finish: from here on `self` answers.
    await Promise.resolve();
    while (!signal.aborted) {
      const rotated = self()?.rotated === true;
      const final = once || (rotated && file.quietMs() > FOLLOW_ROTATED_MS);
      try {
        if (await file.step({ final })) continue;
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      if (final) return;
      await pause(FOLLOW_POLL_MS, signal).catch(() => undefined);
    }
  }

  async #settle(batch: Batch, path: string): Promise<void> {
    const { taken, known, expired, refused } = await this.#options.sender.send(batch);
    this.#options.onEvent({ type: 'settled', path, taken, known: known + expired });
    for (const { lineNumber, code, reason } of refused) this.#problem(path, lineNumber, `${code}: ${reason}`);
  }

  #problem(path: string, line: number, reason: string): void {
    this.#options.onEvent({ type: 'problem', path, line, reason });
  }
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
