import { expect, test } from 'vitest';
import { PURGE_ABOVE_BYTES } from '../limits.js';
import { keepMemorySmall } from './memory-keeper.js';

test('purges above the size, one at a time, and never again once refused', async () => {
  let purges = 0;
  let refuse: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    keepMemorySmall({
      residentBytes: () => PURGE_ABOVE_BYTES,
      purge: () => {
        purges++;
        resolve();
        return new Promise((_resolve, reject) => (refuse = () => reject(new Error('unknown statement'))));
      },
    });
  });
  await asked;
  refuse();
  expect(purges).toBe(1);
});
