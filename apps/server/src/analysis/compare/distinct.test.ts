import { createHash } from 'node:crypto';

import { DISTINCT_HASHES, DISTINCT_HASH_BITS } from '@sillok/query';
import { describe, expect, test } from 'vitest';

import { distinctOf, unite, type Distinct } from './distinct.js';

/** What the engine answers of these people: how many, and the smallest of their hashes. */
function answered(people: Iterable<string>): Distinct {
  const hashes = [...new Set(people)].map((person) => {
    const digest = createHash('sha256').update(person).digest();
    return Number(digest.readBigUInt64BE() >> BigInt(64 - DISTINCT_HASH_BITS));
  });
  const least = hashes.toSorted((left, right) => left - right).slice(0, DISTINCT_HASHES);
  return distinctOf(String(hashes.length), least.map(String));
}

const people = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `person-${from + index}`);

describe('people of several groups together', () => {
  test('different people are added, and whoever is in both is counted once', () => {
    expect(unite(answered(people(0, 3)), answered(people(3, 5))).count).toBe(5);
    expect(unite(answered(people(0, 3)), answered(people(1, 4))).count).toBe(4);
    expect(unite(answered(people(0, 3)), answered(people(0, 3))).count).toBe(3);
    expect(unite(answered([]), answered(people(0, 2))).count).toBe(2);
  });

  test('groups that are complete are counted exactly, however many they are together', () => {
    const half = DISTINCT_HASHES - 1;
    expect(unite(answered(people(0, half)), answered(people(half, 2 * half))).count).toBe(2 * half);
  });

  test.each([
    [20_000, 20_000],
    [20_000, 10_000],
    [20_000, 0],
    [60_000, 300],
  ])('%i and of them from %i on as many again: within 15 percent', (count, from) => {
    const truth = count + from;
    const both = unite(answered(people(0, count)), answered(people(from, from + count)));
    expect(both.count).toBeGreaterThanOrEqual(Math.max(count, truth * 0.85));
    expect(both.count).toBeLessThanOrEqual(Math.min(2 * count, truth * 1.15));
  });

  test('many groups of one person each do not lose one', () => {
    const all = people(0, 200).map((person) => answered([person]));
    expect(all.reduce(unite).count).toBe(200);
  });
});
