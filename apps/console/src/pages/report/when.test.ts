import { expect, test } from 'vitest';
import { scheduleOf, whenOf } from './when.js';

test.each([
  ['', { kind: 'never' }],
  ['0 9 * * 1', { kind: 'weekly', at: '09:00', day: 1 }],
  ['5 18 * * *', { kind: 'daily', at: '18:05' }],
  ['30 8 28 * *', { kind: 'monthly', at: '08:30', day: 28 }],
])('%j is said as people say it, and kept as it was', (schedule, when) => {
  expect(whenOf(schedule)).toEqual(when);
  expect(scheduleOf(whenOf(schedule))).toBe(schedule);
});

test.each(['0 9 * * 1-5', '*/10 * * * *', '0 9 31 * *', '0 9 1 * 1', '61 9 * * *', '0 24 * * *', 'nonsense'])(
  '%j stays cron, to the letter',
  (schedule) => {
    expect(whenOf(schedule)).toEqual({ kind: 'cron', text: schedule });
    expect(scheduleOf(whenOf(schedule))).toBe(schedule);
  },
);
