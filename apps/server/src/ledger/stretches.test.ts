import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  holes,
  packRuns,
  packStretches,
  Stretches,
  stretchesOf,
  unpackRuns,
  unpackStretches,
} from './stretches.js';

const batches = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 20 }), {
  maxLength: 12,
});
const timeOf = (seq: number): number => seq * 10;

function filled(lists: readonly (readonly number[])[]): Stretches {
  const set = new Stretches();
  for (const list of lists) set.add(stretchesOf(list, list.map(timeOf)));
  return set;
}

test('numbers in any order and any batches make the same set as a plain set', () => {
  fc.assert(
    fc.property(batches, (lists) => {
      const set = filled(lists);
      const plain = new Set(lists.flat());
      for (let seq = 0; seq <= 61; seq += 1) expect(set.has(seq)).toBe(plain.has(seq));
      expect(set.count).toBe(plain.size);
      const list = [...set];
      for (let index = 1; index < list.length; index += 1) {
        expect(list[index]!.from).toBeGreaterThan(list[index - 1]!.to + 1);
      }
      for (const stretch of list) {
        expect([stretch.fromUs, stretch.toUs]).toEqual([timeOf(stretch.from), timeOf(stretch.to)]);
      }
    }),
  );
});

test('holes are exactly what is missing below the last number, with the times beside them', () => {
  fc.assert(
    fc.property(batches, batches, (lists, others) => {
      const plain = new Set([...lists.flat(), ...others.flat()]);
      const last = Math.max(0, ...plain);
      const missing = Array.from({ length: last }, (_, index) => index + 1).filter((seq) => !plain.has(seq));
      const found = holes([filled(lists), filled(others)]);
      const named = found.flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, index) => from + index),
      );
      expect(named).toEqual(missing);
      for (const { from, to, fromUs, toUs } of found) {
        if (from > 1) expect(fromUs).toBe(timeOf(from - 1));
        expect(toUs).toBe(timeOf(to + 1));
      }
    }),
  );
});

test('both packed forms come back; runs keep the numbers and the outer times', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 50 }), { minLength: 1, maxLength: 30 }),
      (seqs) => {
        const list = stretchesOf(
          seqs,
          seqs.map(() => 5),
        );
        expect(unpackStretches(packStretches(list))).toEqual(list);
        const back = unpackRuns(packRuns(list), [5, 5]);
        expect(back).toEqual(list);
      },
    ),
  );
});

test('a hole inside a batch whose times were not kept is told by both bounds of the batch', () => {
  const set = new Stretches();
  set.add(unpackRuns(packRuns(stretchesOf([1, 2, 5, 6], [])), [100, 200]));
  expect(holes([set])).toEqual([{ from: 3, to: 4, fromUs: 100, toUs: 200 }]);
});

test('a million shuffled numbers do not take quadratic time', () => {
  const seqs = Array.from({ length: 300_000 }, (_, index) => ((index * 7919) % 300_000) + 1);
  const set = new Stretches();
  for (let at = 0; at < seqs.length; at += 2000) set.add(stretchesOf(seqs.slice(at, at + 2000), []));
  expect(set.size).toBe(1);
  expect(set.count).toBe(300_000);
});
