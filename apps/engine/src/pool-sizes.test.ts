import { expect, test } from 'vitest';
import { poolSizes } from './pool-sizes.js';

const GIB = 1024 ** 3;

test('a small machine gives readers less, and the writer the same', () => {
  const [large, small, tiny] = [poolSizes(16 * GIB), poolSizes(2 * GIB), poolSizes(GIB / 4)];
  expect(small.search.memoryBytes).toBeLessThan(large.search.memoryBytes);
  expect(small.insert).toEqual(large.insert);
  expect(tiny.user.memoryBytes).toBe(32 * 1024 ** 2);
});
