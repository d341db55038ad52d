/**
 * The kill switch: apps, or single releases of them, whose pages must fall silent. Kept in a small file, so that it holds
 * over a restart. Pages hear of it in the answer to their next batch or by `GET /v1/browser/config`, within 5 s.
 */
import { existsSync, readFileSync } from 'node:fs';

import { replaceFileNow } from '../durable-file.js';
import { ServerError } from '../errors.js';
import type { Log } from '../log.js';
import { KILLS_MAX } from './limits.js';

export interface Kill {
  readonly project: string;
  readonly app: string;
  /** Absent: all releases. */
  readonly release?: string;
  readonly at: string;
  /** Id of the key that asked. */
  readonly by: string;
}

export interface KillTarget {
  readonly project: string;
  readonly app: string;
  readonly release?: string | undefined;
}

export class Kills {
  readonly #path: string;
  #kills: ReadonlyMap<string, Kill>;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#kills = new Map(readKills(path, log).map((kill) => [keyOf(kill), kill]));
  }

  isKilled({ project, app, release }: KillTarget): boolean {
    if (this.#kills.size === 0) return false;
    const hasRelease = release !== undefined && release !== '';
    return (
      this.#kills.has(keyOf({ project, app })) ||
      (hasRelease && this.#kills.has(keyOf({ project, app, release })))
    );
  }

  list(project: string): Kill[] {
    return [...this.#kills.values()].filter((kill) => kill.project === project);
  }

  find(target: KillTarget): Kill | undefined {
    return this.#kills.get(keyOf(target));
  }

  /** On disk when it returns. */
  add(kill: Kill): void {
    if (this.#kills.size >= KILLS_MAX) throw tooManyKills();
    this.#keep(new Map(this.#kills).set(keyOf(kill), kill));
  }

  remove(target: KillTarget): void {
    const left = new Map(this.#kills);
    if (left.delete(keyOf(target))) this.#keep(left);
  }

  /** The file first: what it does not hold is not so. */
  #keep(kills: ReadonlyMap<string, Kill>): void {
    replaceFileNow(this.#path, `${JSON.stringify([...kills.values()], null, 1)}\n`);
    this.#kills = kills;
  }
}

function keyOf({ project, app, release = '' }: KillTarget): string {
  return JSON.stringify([project, app, release]);
}

function readKills(path: string, log: Log): Kill[] {
  if (!existsSync(path)) return [];
  try {
    // Written by `#save`, whole or not at all.
    return JSON.parse(readFileSync(path, 'utf8')) as Kill[];
  } catch (error) {
    log.error('the list of browser apps that are switched off cannot be read: none is', { path, error });
    return [];
  }
}

function tooManyKills(): ServerError {
  return new ServerError({
    status: 409,
    code: 'too_many_kills',
    message: `${KILLS_MAX} apps and releases are switched off already.`,
    help: 'Switch some on again with "sillok browser restore", or the whole app off instead of each release.',
  });
}
