/**
 * The complete subtrees of one project's Merkle tree, on disk: a file per level, 32 bytes per node, in order. Enough to make
 * any proof with a few reads, at 64 bytes per record.
 *
 * Derived: the queue's audit stream gives the same files again. So nothing here is synced before it counts; `size` is what
 * the caller's state says, and what is behind it in the files is written again.
 */
import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { Frontier, HASH_BYTES, type Hash, type NodeReader } from '@sillok/proof';

import { treeLevelFile } from '../filenames.js';

interface Level {
  readonly fd: number;
  /** Nodes that are in the file. */
  written: number;
  pending: Hash[];
}

export class TreeFiles {
  readonly #directory: string;
  readonly #levels: Level[] = [];
  readonly #frontier: Frontier;
  readonly node: NodeReader;

  private constructor(directory: string, size: number) {
    this.#directory = directory;
    this.node = (level, index) => this.#read(level, index);
    for (let level = 0, nodes = size; nodes > 0; level += 1, nodes = Math.floor(nodes / 2)) {
      this.#level(level).written = nodes;
    }
    this.#frontier = Frontier.at(
      size,
      this.node,
      (level, _, hash) => void this.#level(level).pending.push(hash),
    );
  }

  /** Undefined when the files hold fewer nodes than a tree of this size has: they must be made anew. */
  static tryOpen(directory: string, size: number): TreeFiles | undefined {
    mkdirSync(directory, { recursive: true });
    try {
      const files = new TreeFiles(directory, size);
      if (files.#isWhole(size)) return files;
      files.close();
    } catch (error) {
      if (!(error instanceof ShortFile)) throw error;
    }
    return undefined;
  }

  get size(): number {
    return this.#frontier.size;
  }

  root(): Hash {
    return this.#frontier.root();
  }

  append(leaf: Hash): void {
    this.#frontier.append(leaf);
  }

  /** Writes what was appended; `node` reads it in either case. */
  write(): void {
    for (const level of this.#levels) {
      if (level.pending.length === 0) continue;
      const bytes = Buffer.from(level.pending.join(''), 'latin1');
      writeSync(level.fd, bytes, 0, bytes.length, level.written * HASH_BYTES);
      level.written += level.pending.length;
      level.pending = [];
    }
  }

  /** On disk when it returns: the state may now say this size. */
  sync(): void {
    this.write();
    for (const level of this.#levels) fdatasyncSync(level.fd);
  }

  close(): void {
    for (const level of this.#levels) closeSync(level.fd);
  }

  #level(number: number): Level {
    const known = this.#levels[number];
    if (known !== undefined) return known;
    // Not O_APPEND: what lies behind the known size is written over.
    const fd = openSync(join(this.#directory, treeLevelFile(number)), 'a+');
    closeSync(fd);
    const level: Level = {
      fd: openSync(join(this.#directory, treeLevelFile(number)), 'r+'),
      written: 0,
      pending: [],
    };
    this.#levels[number] = level;
    return level;
  }

  #isWhole(size: number): boolean {
    let nodes = size;
    for (const { fd } of this.#levels) {
      if (fstatSync(fd).size < nodes * HASH_BYTES) return false;
      ftruncateSync(fd, nodes * HASH_BYTES);
      nodes = Math.floor(nodes / 2);
    }
    return true;
  }

  #read(level: number, index: number): Hash {
    const { fd, written, pending } = this.#level(level);
    if (index >= written) {
      const hash = pending[index - written];
      if (hash === undefined) throw new RangeError(`the tree has no node ${index} at level ${level}`);
      return hash;
    }
    const bytes = Buffer.allocUnsafe(HASH_BYTES);
    if (readSync(fd, bytes, 0, HASH_BYTES, index * HASH_BYTES) < HASH_BYTES) throw new ShortFile();
    return bytes.toString('latin1');
  }
}

/** Caught in `tryOpen`; later on it would be a file that was cut under a running server. */
class ShortFile extends Error {
  override readonly name = 'ShortFile';
  override readonly message = 'a file of the Merkle tree is shorter than its tree';
}
