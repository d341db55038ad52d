/**
 * A Merkle tree of which only the right edge is kept: enough to append and to know the root at any moment, in memory that
 * grows with the logarithm. What is complete on the left is handed to `onNode`, so that a store can keep it for proofs.
 */
import { EMPTY_ROOT, nodeHash, type Hash } from './hash.js';
import { HASH_BYTES } from './limits.js';
import { hashPairs } from './many.js';

/** A node whose whole subtree is there. `index` counts from 0 within its level; level 0 are the leaves. */
export type NodeListener = (level: number, index: number, hash: Hash) => void;

export class Frontier {
  /** `edge[level]` is the complete subtree of 2^level leaves that waits for its right sibling, if there is one. */
  readonly #edge: (Hash | undefined)[] = [];
  readonly #onNode: NodeListener | undefined;
  #size = 0;

  constructor(onNode?: NodeListener) {
    this.#onNode = onNode;
  }

  /** The edge of a tree of `size` leaves whose complete subtrees are known. */
  static at(size: number, node: (level: number, index: number) => Hash, onNode?: NodeListener): Frontier {
    const frontier = new Frontier(onNode);
    for (let level = 0, rest = size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) frontier.#edge[level] = node(level, rest - 1);
    }
    frontier.#size = size;
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Hash): void {
    this.#onNode?.(0, this.#size, leaf);
    let hash = leaf;
    let index = this.#size;
    let level = 0;
    for (; index % 2 === 1; level += 1) {
      const left = this.#edge[level];
      if (left === undefined) throw new Error(`the tree has no node at level ${level}`);
      this.#edge[level] = undefined;
      hash = nodeHash(left, hash);
      index = (index - 1) / 2;
      this.#onNode?.(level + 1, index, hash);
    }
    this.#edge[level] = hash;
    this.#size += 1;
  }

  /** Leaves that stand one after the other in a buffer, level by level. Only without a listener, who wants each node in its order. */
  appendAll(leaves: Buffer): void {
    if (this.#onNode !== undefined) throw new Error('a tree with a listener takes its leaves one by one');
    this.#size += leaves.length / HASH_BYTES;
    let hashes = leaves;
    for (let level = 0; hashes.length > 0; level += 1) {
      const waiting = this.#edge[level];
      if (waiting !== undefined) hashes = Buffer.concat([Buffer.from(waiting, 'latin1'), hashes]);
      const isOdd = (hashes.length / HASH_BYTES) % 2 === 1;
      this.#edge[level] = isOdd ? hashes.toString('latin1', hashes.length - HASH_BYTES) : undefined;
      hashes = hashPairs(hashes);
    }
  }

  root(): Hash {
    let root: Hash | undefined;
    for (const hash of this.#edge) {
      if (hash === undefined) continue;
      root = root === undefined ? hash : nodeHash(hash, root);
    }
    return root ?? EMPTY_ROOT;
  }
}
