import { KINDS } from '@sillok/record';
import { expect, test } from 'vitest';
import type { Config } from './config.js';
import { ExpiredDays } from './expired.js';

const NOW_MS = Date.parse('2026-11-24T12:00:00Z');
// Every kind has an entry.
const retention = Object.fromEntries(
  KINDS.map((kind) => [kind, { days: kind === 'audit' ? 0 : 30, diskBytes: 0 }]),
) as unknown as Config['retention'];
const us = (time: string): number => Date.parse(time) * 1000;

test('a day is gone once the retention of its class is over, and one of a class without an end never', () => {
  const expired = new ExpiredDays(retention);
  expect(expired.has('log', us('2026-10-24T23:59:59Z'), NOW_MS)).toBe(true);
  expect(expired.has('log', us('2026-10-25T00:00:00Z'), NOW_MS)).toBe(false);
  expect(expired.has('audit', us('1999-01-01T00:00:00Z'), NOW_MS)).toBe(false);
});

test('a day that was removed because the disk was full is gone for its class alone', () => {
  const expired = new ExpiredDays(retention);
  expired.dayGone('log', '2026-11-20');
  expect(expired.has('log', us('2026-11-20T05:00:00Z'), NOW_MS)).toBe(true);
  expect(expired.has('span', us('2026-11-20T05:00:00Z'), NOW_MS)).toBe(false);
  expect(expired.has('log', us('2026-11-21T05:00:00Z'), NOW_MS)).toBe(false);
});
