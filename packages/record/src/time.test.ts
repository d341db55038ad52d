import { expect, test } from 'vitest';
import { isTime, nsToTime, parseTime, timeToNs } from './time.js';

test('only real dates of 1970 to 2261 with nine digits and Z are times', () => {
  expect(isTime('2026-11-21T10:00:00.000000001Z')).toBe(true);
  expect(isTime('2024-02-29T23:59:59.999999999Z')).toBe(true);
  for (const bad of [
    '2026-02-29T10:00:00.000000001Z',
    '2026-04-31T10:00:00.000000001Z',
    '2026-11-21T24:00:00.000000000Z',
    '2026-11-21T10:00:60.000000000Z',
    '2026-11-21T10:00:00.00000001Z',
    '2026-11-21 10:00:00.000000001Z',
    '2299-01-01T00:00:00.000000000Z',
    '1969-12-31T23:59:59.999999999Z',
    '2026-11-21T10:00:00.000000001Z\n',
    7,
    undefined,
  ]) {
    expect(isTime(bad), String(bad)).toBe(false);
  }
});

test('every notation of the same moment becomes one', () => {
  const canonical = '2026-11-21T10:00:00.123000000Z';
  for (const same of [
    '2026-11-21T10:00:00.123Z',
    '2026-11-21T19:00:00.123+09:00',
    '2026-11-21T19:00:00,123+0900',
    '2026-11-21 05:30:00.123 -04:30',
    '2026-11-21t10:00:00.123z',
    '2026-11-21T10:00:00.123',
    '2026-11-21T12:00:00.123+02',
    1795255200123,
    1795255200.123,
    '1795255200.123',
    '1795255200123',
    '1795255200123000',
    '1795255200123000000',
    1795255200123000,
  ]) {
    expect(parseTime(same), String(same)).toBe(canonical);
  }
});

test('digits beyond nine are cut, fewer are filled', () => {
  expect(parseTime('2026-11-21T10:00:00Z')).toBe('2026-11-21T10:00:00.000000000Z');
  expect(parseTime('2026-11-21T10:00:00.1234567899Z')).toBe('2026-11-21T10:00:00.123456789Z');
});

test('a leap second is the first moment of the next minute', () => {
  expect(parseTime('2016-12-31T23:59:60.5Z')).toBe('2017-01-01T00:00:00.500000000Z');
});

test('what is no time, or out of range, is refused', () => {
  for (const bad of [
    '',
    'yesterday',
    '2299-01-01T00:00:00Z',
    '1969-01-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '1970-01-01T00:00:00+09:00',
    '2261-12-31T23:59:59-09:00',
    '-5',
    '1e9',
    '99999999999999999999',
    'x'.repeat(1e6),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    1e19,
    2 ** 64,
    '0x10',
  ]) {
    expect(parseTime(bad), String(bad).slice(0, 40)).toBeUndefined();
  }
});

test('nanoseconds and times are the same thing', () => {
  for (const time of [
    '1970-01-01T00:00:00.000000000Z',
    '2026-11-21T10:00:00.000000001Z',
    '2261-12-31T23:59:59.999999999Z',
  ]) {
    expect(nsToTime(timeToNs(time))).toBe(time);
  }
});
