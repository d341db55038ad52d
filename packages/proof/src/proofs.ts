/**
 * Proofs of an RFC 9162 tree: that a leaf is in it (2.1.3) and that a later tree continues an earlier one (2.1.4). Made
 * from the complete subtrees that a store keeps, checked from nothing but the proof and two roots.
 */
import { nodeHash, type Hash } from './hash.js';
import { LEVELS_MAX } from './limits.js';

/** Gives the hash of a complete subtree: `level` 0 are the leaves, `index` counts within the level. */
export type NodeReader = (level: number, index: number) => Hash;

/** The root of the first `size` leaves. */
export function rootAt(size: number, node: NodeReader): Hash {
  return rangeRoot(0, size, node);
}

/** From the leaf's sibling to the top. `index` < `size`. */
export function inclusionProof(index: number, size: number, node: NodeReader): Hash[] {
  const proof: Hash[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const split = from + largestPowerBelow(to - from);
    if (index < split) {
      proof.push(rangeRoot(split, to, node));
      to = split;
    } else {
      proof.push(rangeRoot(from, split, node));
      from = split;
    }
  }
  return proof.reverse();
}

/** That the tree of `size` leaves begins with the tree of `before` leaves. Empty when one of them is empty or they are one. */
export function consistencyProof(before: number, size: number, node: NodeReader): Hash[] {
  if (before === 0 || before === size) return [];
  const proof: Hash[] = [];
  let from = 0;
  let to = size;
  // Whether the earlier tree is exactly the range looked at: its root is then known to the reader.
  let isWhole = true;
  while (before !== to) {
    const split = from + largestPowerBelow(to - from);
    if (before <= split) {
      proof.push(rangeRoot(split, to, node));
      to = split;
    } else {
      proof.push(rangeRoot(from, split, node));
      from = split;
      isWhole = false;
    }
  }
  if (!isWhole) proof.push(rangeRoot(from, to, node));
  return proof.reverse();
}

export interface Inclusion {
  readonly leaf: Hash;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Hash[];
  readonly root: Hash;
}

export function isIncluded({ leaf, index, size, proof, root }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || proof.length > LEVELS_MAX) return false;
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && hash === root;
}

export interface Consistency {
  readonly before: number;
  readonly beforeRoot: Hash;
  readonly size: number;
  readonly root: Hash;
  readonly proof: readonly Hash[];
}

export function isConsistent({ before, beforeRoot, size, root, proof }: Consistency): boolean {
  if (!isCount(before) || !isCount(size) || before > size || proof.length > LEVELS_MAX + 1) return false;
  if (before === size) return proof.length === 0 && beforeRoot === root;
  if (before === 0) return proof.length === 0;
  const path = isPowerOfTwo(before) ? [beforeRoot, ...proof] : [...proof];
  const start = path.shift();
  if (start === undefined) return false;
  let place = before - 1;
  let last = size - 1;
  while (place % 2 === 1) {
    place = (place - 1) / 2;
    last = Math.floor(last / 2);
  }
  let early = start;
  let late = start;
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      early = nodeHash(sibling, early);
      late = nodeHash(sibling, late);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else {
      late = nodeHash(late, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && early === beforeRoot && late === root;
}

/** Root over leaves [from, to): complete subtrees are read, what is left over at the right is joined. */
function rangeRoot(from: number, to: number, node: NodeReader): Hash {
  const parts: Hash[] = [];
  let at = from;
  while (at < to) {
    let level = 0;
    // The widest complete subtree that begins here and ends within the range.
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1;
    parts.push(node(level, at / 2 ** level));
    at += 2 ** level;
  }
  let root = parts.pop();
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    root = root === undefined ? part : nodeHash(part, root);
  }
  if (root === undefined) throw new RangeError('an empty range has no root of its own');
  return root;
}

function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
