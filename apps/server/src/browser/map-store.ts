/**
 * Source maps on disk, by project, app and release. Of each only what resolves a frame is kept: the mappings, and where in
 * the sources components begin; the source code itself is not. Oldest releases go when all of them are too large.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { replaceFileNow } from '../durable-file.js';
import type { Log } from '../log.js';
import { MAP_ABOUT_FILE, mapFile } from './filenames.js';
import { MAP_FILES_MAX, MAPS_BYTES_MAX } from './limits.js';
import type { KeptMap } from './map-parse.js';

export interface ReleaseName {
  readonly project: string;
  readonly app: string;
  readonly release: string;
}

interface About extends ReleaseName {
  /** Last upload. */
  readonly at: string;
  /** File that pages load → bytes of its map. */
  readonly files: Readonly<Record<string, number>>;
}

export class MapStore {
  readonly #folder: string;
  readonly #log: Log;
  readonly #releases = new Map<string, About>();

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
    for (const name of existsSync(folder) ? readdirSync(folder) : []) this.#load(name);
  }

  list(project: string): readonly About[] {
    return [...this.#releases.values()].filter((about) => about.project === project);
  }

  /** Changes with each upload; undefined when there is none. */
  revision(name: ReleaseName): string | undefined {
    return this.#releases.get(keyOf(name))?.at;
  }

  /** False when the release has too many files already. On disk when it returns. */
  put(name: ReleaseName, file: string, map: KeptMap): boolean {
    const known = this.#releases.get(keyOf(name));
    const own = plainPath(file);
    if (known?.files[own] === undefined && Object.keys(known?.files ?? {}).length >= MAP_FILES_MAX)
      return false;
    const directory = this.#directory(name);
    mkdirSync(directory, { recursive: true });
    const text = JSON.stringify(map);
    replaceFileNow(join(directory, mapFile(own)), text);
    const files = { ...known?.files, [own]: Buffer.byteLength(text) };
    const { project, app, release } = name;
    const about = { project, app, release, at: new Date().toISOString(), files };
    replaceFileNow(join(directory, MAP_ABOUT_FILE), JSON.stringify(about));
    this.#releases.set(keyOf(name), about);
    this.#makeRoom(about);
    return true;
  }

  remove(name: ReleaseName): boolean {
    if (!this.#releases.delete(keyOf(name))) return false;
    rmSync(this.#directory(name), { recursive: true, force: true });
    return true;
  }

  /** The map of a file that a page has loaded: by its path, else by a name that only one file of the release has. */
  find(name: ReleaseName, url: string): { readonly path: string; readonly text: () => string } | undefined {
    const about = this.#releases.get(keyOf(name));
    if (about === undefined) return undefined;
    const wanted = plainPath(pathnameOf(url));
    const same = Object.keys(about.files).filter((file) => basename(file) === basename(wanted));
    const file = about.files[wanted] === undefined ? (same.length === 1 ? same[0] : undefined) : wanted;
    if (file === undefined) return undefined;
    const path = join(this.#directory(name), mapFile(file));
    return { path: `${about.at} ${path}`, text: () => readFileSync(path, 'utf8') };
  }

  #directory(name: ReleaseName): string {
    return join(this.#folder, createHash('sha256').update(keyOf(name)).digest('hex').slice(0, 32));
  }

  #load(directory: string): void {
    const path = join(this.#folder, directory, MAP_ABOUT_FILE);
    try {
      // Written by `put`, whole or not at all.
      const about = JSON.parse(readFileSync(path, 'utf8')) as About;
      this.#releases.set(keyOf(about), about);
    } catch (error) {
      this.#log.warn('source maps of a release cannot be read; upload them again', { path, error });
    }
  }

  #makeRoom(latest: About): void {
    const oldest = [...this.#releases.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1));
    let total = oldest.reduce((sum, about) => sum + bytesOf(about), 0);
    for (const about of oldest) {
      if (total <= MAPS_BYTES_MAX || about === latest) return;
      total -= bytesOf(about);
      this.remove(about);
      const { app, release } = about;
      this.#log.info('source maps of an old release were removed to make room', { app, release });
    }
  }
}

function keyOf({ project, app, release }: ReleaseName): string {
  return JSON.stringify([project, app, release]);
}

function bytesOf({ files }: About): number {
  return Object.values(files).reduce((sum, bytes) => sum + bytes, 0);
}

function pathnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

/** `/assets/app.js`, `./assets/app.js` and `assets/app.js` are one file. */
function plainPath(path: string): string {
  return path.replace(/^[./]+/, '');
}
