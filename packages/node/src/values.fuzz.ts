import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberJson } from './values.js';

const numbers = fc.oneof(
  fc.integer(),
  fc.integer({ min: 0, max: 2_000_000_000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: 0, max: 2e9, noNaN: true }),
  fc.integer({ min: 0, max: 2_000_000_000 }).map((value) => value / 1000),
  fc.integer({ min: 0, max: 999_999_999 }).map((value) => value + 0.001),
  fc.integer({ min: 0, max: 1_000_000 }).map((value) => value * 0.001),
  fc.constantFrom(
    0,
    -0,
    0.1,
    0.5,
    999,
    1000,
    999_999,
    1_000_000,
    999_999_999,
    1e9,
    0.0005,
    0.9995,
    1e-7,
    5e-324,
  ),
);

test('numbers are written exactly as JavaScript writes them', () => {
  fc.assert(
    fc.property(numbers, (value) => {
      expect(numberJson(value)).toBe(JSON.stringify(value));
    }),
    { numRuns: 20_000 },
  );
});
