import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frontier } from './frontier.js';
import { EMPTY_ROOT, leafHash, type Hash } from './hash.js';
import { consistencyProof, inclusionProof, isConsistent, isIncluded, rootAt } from './proofs.js';

const hex = (hash: Hash): string => Buffer.from(hash, 'latin1').toString('hex');

/** The tree that is used by the test vectors of Certificate Transparency (RFC 6962 and its successors). */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function treeOf(leaves: readonly Buffer[]) {
  const nodes = new Map<string, Hash>();
  const frontier = new Frontier((level, index, hash) => nodes.set(`${level}/${index}`, hash));
  const roots: Hash[] = [EMPTY_ROOT];
  for (const leaf of leaves) {
    frontier.append(leafHash(leaf));
    roots.push(frontier.root());
  }
  const node = (level: number, index: number): Hash => {
    const hash = nodes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error(`node ${level}/${index} was never complete`);
    return hash;
  };
  return { node, roots, frontier };
}

const numbered = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`));

test('leaves that stand one after the other make the tree that they make one by one, from any size on', () => {
  const all = Array.from({ length: 70 }, (_, index) => leafHash(Buffer.from(String(index))));
  for (const from of [0, 1, 2, 3, 7, 8, 33]) {
    const singly = new Frontier();
    const together = new Frontier();
    for (const leaf of all.slice(0, from)) for (const tree of [singly, together]) tree.append(leaf);
    for (const to of [from, from + 1, from + 2, from + 5, all.length]) {
      const leaves = all.slice(singly.size, to);
      for (const leaf of leaves) singly.append(leaf);
      together.appendAll(Buffer.from(leaves.join(''), 'latin1'));
      expect([together.size, together.root()]).toEqual([singly.size, singly.root()]);
    }
  }
});

describe('the tree', () => {
  test('has the roots of the published test vectors', () => {
    const { roots } = treeOf(LEAVES.map((leaf) => Buffer.from(leaf, 'hex')));
    expect(roots.slice(1).map(hex)).toEqual(ROOTS);
    expect(hex(EMPTY_ROOT)).toBe(createHash('sha256').digest('hex'));
  });

  test('goes on from its stored nodes at any size', () => {
    const leaves = numbered(70);
    const { node, roots } = treeOf(leaves);
    for (let size = 0; size < leaves.length; size += 1) {
      const resumed = Frontier.at(size, node);
      expect(resumed.root()).toBe(roots[size]);
      for (const leaf of leaves.slice(size)) resumed.append(leafHash(leaf));
      expect(resumed.root()).toBe(roots.at(-1));
      if (size > 0) expect(rootAt(size, node)).toBe(roots[size]);
    }
  });
});

describe('proofs', () => {
  const leaves = numbered(130);
  const { node, roots } = treeOf(leaves);

  test('of inclusion hold for every leaf of every size, and for no other leaf, place, size or root', () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      const root = roots[size] ?? '';
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(index, size, node);
        const leaf = leafHash(leaves[index] ?? Buffer.alloc(0));
        const good = { leaf, index, size, proof, root };
        expect(isIncluded(good)).toBe(true);
        expect(isIncluded({ ...good, leaf: leafHash(Buffer.from('another')) })).toBe(false);
        if (size > 1) expect(isIncluded({ ...good, index: (index + 1) % size })).toBe(false);
        expect(isIncluded({ ...good, root: roots[size - 1] ?? '' })).toBe(false);
      }
    }
  });

  test('of consistency hold between all sizes and break with either root', () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      for (let before = 0; before <= size; before += 1) {
        const proof = consistencyProof(before, size, node);
        const good = { before, beforeRoot: roots[before] ?? '', size, root: roots[size] ?? '', proof };
        expect(isConsistent(good)).toBe(true);
        if (before === 0) continue;
        expect(isConsistent({ ...good, root: leafHash(Buffer.from('x')) })).toBe(false);
        expect(isConsistent({ ...good, beforeRoot: leafHash(Buffer.from('x')) })).toBe(false);
      }
    }
  });

  test('that were changed anywhere hold no more', () => {
    fc.assert(
      fc.property(fc.nat(129), fc.nat(10), fc.nat(31), (index, place, byte) => {
        const size = 130;
        const proof = inclusionProof(index, size, node);
        const at = place % proof.length;
        const bytes = Buffer.from(proof[at] ?? '', 'latin1');
        bytes[byte] = (bytes[byte] ?? 0) ^ 1;
        const changed = proof.with(at, bytes.toString('latin1'));
        const leaf = leafHash(leaves[index] ?? Buffer.alloc(0));
        return !isIncluded({ leaf, index, size, proof: changed, root: roots[size] ?? '' });
      }),
    );
  });

  test('with numbers that are no counts are refused, not computed', () => {
    const base = { leaf: '', size: 1, proof: [], root: '' };
    for (const index of [-1, 0.5, Number.NaN, Infinity, 1])
      expect(isIncluded({ ...base, index })).toBe(false);
    expect(isConsistent({ before: 2, beforeRoot: '', size: 1, root: '', proof: [] })).toBe(false);
  });
});
