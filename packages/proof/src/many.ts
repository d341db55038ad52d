/**
 * Many hashes at once, in buffers: what a verification spends its time on. With the native part one call does all of them; without
 * it each is one of node:crypto, and the two ways are held to the same answers by a test.
 */
import { hash } from 'node:crypto';
import { HASH_BYTES, VIEWS_MAX } from './limits.js';
import { loadNative, type NativeHash } from './native.js';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const NEWLINE = 0x0a;

/** One hash per line behind `prefix` and without its newline; -1, with anything in `into`, when it has no room for all of them. */
export function hashLines(prefix: Buffer, lines: Buffer, into: Buffer): number {
  return (loadNative() ?? oneByOne).leaves(prefix, lines, into);
}

/** The nodes over each two hashes; the last of an odd number is left out. */
export function hashPairs(hashes: Buffer): Buffer {
  const nodes = Buffer.allocUnsafe(Math.floor(hashes.length / (2 * HASH_BYTES)) * HASH_BYTES);
  (loadNative() ?? oneByOne).nodes(hashes, nodes);
  return nodes;
}

export const oneByOne: NativeHash = {
  leaves(prefix, lines, into) {
    // Batches follow each other that one producer has written.
    if (!leaf.isBehind(LEAF_PREFIX, prefix)) leaf = new Piece(LEAF_PREFIX, prefix);
    let count = 0;
    for (let from = 0; from < lines.length; count += 1) {
      const newline = lines.indexOf(NEWLINE, from);
      const to = newline < 0 ? lines.length : newline;
      if ((count + 1) * HASH_BYTES > into.length) return -1;
      into.write(leaf.hash(lines, from, to), count * HASH_BYTES, HASH_BYTES, 'latin1');
      from = to + 1;
    }
    return count;
  },
  nodes(hashes, into) {
    const count = Math.floor(hashes.length / (2 * HASH_BYTES));
    for (let index = 0; index < count; index += 1) {
      const from = index * 2 * HASH_BYTES;
      const hash = node.hash(hashes, from, from + 2 * HASH_BYTES);
      into.write(hash, index * HASH_BYTES, HASH_BYTES, 'latin1');
    }
    return count;
  },
};

/** What follows a prefix that stays where it is. */
class Piece {
  readonly #prefix: Buffer;
  #bytes: Buffer;
  /** The first bytes of the buffer, by their number: lines are of few lengths, and making a view takes a tenth of hashing one. */
  #views: Uint8Array[] = [];

  constructor(mark: number, prefix: Buffer) {
    this.#prefix = Buffer.concat([Buffer.from([mark]), prefix]);
    this.#bytes = Buffer.concat([this.#prefix], this.#prefix.length + VIEWS_MAX);
  }

  isBehind(mark: number, prefix: Buffer): boolean {
    return this.#prefix[0] === mark && this.#prefix.compare(prefix, 0, prefix.length, 1) === 0;
  }

  hash(bytes: Buffer, from: number, to: number): string {
    const start = this.#prefix.length;
    const end = start + to - from;
    if (end > this.#bytes.length) this.#grow(end);
    bytes.copy(this.#bytes, start, from, to);
    // Longer ones are seldom, and take long to hash.
    const view =
      end > VIEWS_MAX ? this.#bytes.subarray(0, end) : (this.#views[end] ??= this.#bytes.subarray(0, end));
    return hash('sha256', view, 'binary');
  }

  #grow(end: number): void {
    this.#bytes = Buffer.concat([this.#prefix], end * 2);
    this.#views = [];
  }
}

let leaf = new Piece(LEAF_PREFIX, Buffer.alloc(0));
const node = new Piece(NODE_PREFIX, Buffer.alloc(0));
