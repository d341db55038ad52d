/** Whatever storms, the counts add up: each occurrence is in exactly one record. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breaker } from './breaker.js';
import { PAGE_RECORDS_BURST_MAX, SIGNATURES_MAX, SIGNATURE_BURST_MAX } from './limits.js';
import type { Draft } from './types.js';

const place = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

function draft(message: string): Draft {
  return { kind: 'event', level: 'error', message, place, attributes: { 'event.name': 'browser.log' } };
}

function setUp() {
  const written: Draft[] = [];
  const clock = { ms: 0 };
  const breaker = new Breaker(
    (each) => void written.push(each),
    () => clock.ms,
  );
  const take = (text: string): void => breaker.take(text, () => draft(text));
  const sum = (): number =>
    written.reduce((total, { attributes }) => total + Number(attributes['repeat.count'] ?? 1), 0);
  return { written, clock, breaker, take, sum };
}

test('a million repeats are a handful of records, and their counts add up', () => {
  const { written, clock, breaker, take, sum } = setUp();
  for (let index = 0; index < 1_000_000; index += 1) {
    clock.ms += 0.02;
    take('the same');
    if (index % 50_000 === 0) breaker.sweep(false);
  }
  breaker.sweep(true);
  expect(sum()).toBe(1_000_000);
  expect(written.length).toBeLessThan(20);
  expect(new Set(written.map(({ attributes }) => attributes['repeat.signature'])).size).toBe(1);
});

test('a thousand different lines stay a thousand records, with a signature each', () => {
  const { written, take } = setUp();
  for (let index = 0; index < 1000; index += 1) take(`line ${index}`);
  expect(written).toHaveLength(1000);
  expect(new Set(written.map(({ attributes }) => attributes['repeat.signature'])).size).toBe(1000);
});

test('a page that never says the same twice is collapsed by shape, and then by level, without losing a count', () => {
  const { written, breaker, take, sum } = setUp();
  const words = Array.from({ length: SIGNATURES_MAX * 3 }, (_, index) =>
    `word${'abcdefghij'[index % 10]}${'klmnopqrst'[Math.floor(index / 10) % 10]} `.repeat(1 + (index % 7)),
  );
  for (let index = 0; index < 50_000; index += 1) take(`${words[index % words.length]} ${index}`);
  breaker.sweep(true);
  expect(sum()).toBe(50_000);
  expect(written.length).toBeLessThan(PAGE_RECORDS_BURST_MAX + SIGNATURES_MAX + 10);
  const by = new Set(written.map(({ attributes }) => attributes['repeat.collapsed_by']));
  expect(by.has('shape')).toBe(true);
});

test('an error now and then is never collapsed: each has its own trace', () => {
  const { written, clock, breaker, take } = setUp();
  for (let index = 0; index < 20; index += 1) {
    clock.ms += 60_000;
    take('rare');
    breaker.sweep(false);
  }
  expect(written).toHaveLength(20);
});

test('in any order of lines, sweeps and pauses each occurrence is in one record', () => {
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.record({ line: fc.nat(50), times: fc.nat(SIGNATURE_BURST_MAX * 4) }) },
    { weight: 2, arbitrary: fc.record({ pauseMs: fc.nat(100_000) }) },
    { weight: 2, arbitrary: fc.record({ all: fc.boolean() }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { clock, breaker, take, sum } = setUp();
      let taken = 0;
      for (const each of steps) {
        if ('pauseMs' in each) clock.ms += each.pauseMs;
        else if ('all' in each) breaker.sweep(each.all);
        else for (let index = 0; index < each.times; index += 1, taken += 1) take(`line ${each.line}`);
        expect(sum() + breaker.waiting).toBe(taken);
      }
    }),
    { numRuns: 100 },
  );
});
