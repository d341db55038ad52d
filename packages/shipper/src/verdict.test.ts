import { expect, test } from 'vitest';
import { createBackoff } from './backoff.js';
import { BACKOFF_MAX_MS, DENIED_RETRY_MS, RETRY_AFTER_MAX_MS } from './limits.js';
import { judgeAnswer, parseRetryAfter } from './verdict.js';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');
const judge = (status: number, body = '', retryAfter?: string) =>
  judgeAnswer({ status, body, retryAfter }, NOW_MS);

test('Retry-After is read as seconds or as a date, is never negative and never longer than the limit', () => {
  expect(parseRetryAfter('3', NOW_MS)).toBe(3000);
  expect(parseRetryAfter('Sat, 21 Nov 2026 10:00:07 GMT', NOW_MS)).toBe(7000);
  expect(parseRetryAfter('Sat, 21 Nov 2026 09:00:00 GMT', NOW_MS)).toBe(0);
  expect(parseRetryAfter('-5', NOW_MS)).toBe(0);
  expect(parseRetryAfter('1e99', NOW_MS)).toBe(RETRY_AFTER_MAX_MS);
  for (const odd of [undefined, '', ' ', 'soon', 'NaN']) expect(parseRetryAfter(odd, NOW_MS)).toBeUndefined();
});

test.each([0, 100, 204, 301, 408, 425, 429, 500, 502, 503, 504, 599])('HTTP %i is tried again', (status) => {
  expect(judge(status).type).toBe('retry');
});

test.each([400, 401, 403, 404, 405, 409, 415, 422])(
  'HTTP %i waits for a person and loses nothing',
  (status) => {
    expect(judge(status)).toMatchObject({ type: 'denied', status, waitMs: DENIED_RETRY_MS });
  },
);

test('only a safe whole number is an acceptance; odd entries among the rejected are passed over', () => {
  for (const through of ['-1', '1.5', '1e300', '"7"', 'null', '[7]']) {
    expect(judge(200, `{"accepted_through":${through}}`).type).toBe('retry');
  }
  const rejected = '[null,7,{"seq":"3"},{"seq":4},{"seq":5,"code":"c","reason":"r"}]';
  expect(judge(200, `{"accepted_through":9,"rejected":${rejected}}`)).toEqual({
    type: 'accepted',
    through: 9,
    rejected: [
      { seq: 4, code: 'unknown', reason: '' },
      { seq: 5, code: 'c', reason: 'r' },
    ],
  });
});

test('waits double, are drawn from the upper half of their step, stop growing, and begin anew', () => {
  const long = createBackoff(500, () => 1);
  const short = createBackoff(500, () => 0);
  const waits = Array.from({ length: 12 }, () => [short.next(), long.next()]);
  expect(waits.slice(0, 3)).toEqual([
    [250, 500],
    [500, 1000],
    [1000, 2000],
  ]);
  expect(waits.at(-1)).toEqual([BACKOFF_MAX_MS / 2, BACKOFF_MAX_MS]);
  long.reset();
  expect(long.next()).toBe(500);
});
