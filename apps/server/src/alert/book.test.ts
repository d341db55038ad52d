import { expect, test } from 'vitest';

import { AlertBook } from './book.js';
import {
  CAME_BACK_MS,
  RESOLVE_QUIET_MS,
  RESOLVE_QUIET_MS_MAX,
  RESOLVE_QUIET_MS_MIN,
  TOLD_MAX,
} from './limits.js';
import { lengths } from './message.js';
import type { Signal } from './signal.js';

const signal: Signal = {
  project: 'p',
  rule: 'builtin.new_error',
  kind: 'new_error',
  group: 'f1',
  severity: 'warning',
  title: 'it failed',
  q: 'level:error',
  time: '1970-01-01T00:00:00.000Z',
  count: 1,
};
const never = (): boolean => false;

test('an alert resolves itself when it is quiet, and opens again as the same one', () => {
  const book = new AlertBook();
  const alert = book.raise(signal, 0);
  book.raise(signal, 1_000);
  expect(book.resolveQuiet(RESOLVE_QUIET_MS, never)).toEqual([]);
  expect(book.resolveQuiet(1_000 + RESOLVE_QUIET_MS, never)).toEqual([alert]);
  expect(book.raise(signal, 300_000)).toBe(alert);
  expect(alert).toMatchObject({ state: 'open', cameBack: true, count: 3 });
  expect(alert.resolvedMs).toBe(undefined);
});

test('a shorter quiet of the settings does not make what is looked for by the clock open and close', () => {
  const book = new AlertBook(0);
  const arrived = book.raise(signal, 0);
  const silent = book.raise({ ...signal, rule: 'builtin.silent', kind: 'silent', group: 'pay' }, 0);
  expect(book.resolveQuiet(RESOLVE_QUIET_MS_MIN - 1, never)).toEqual([]);
  expect(book.resolveQuiet(RESOLVE_QUIET_MS_MIN, never)).toEqual([arrived]);
  expect(book.resolveQuiet(RESOLVE_QUIET_MS - 1, never)).toEqual([]);
  expect(book.resolveQuiet(RESOLVE_QUIET_MS, never)).toEqual([silent]);
});

test('one that was quiet for a day is another alert that came back', () => {
  const book = new AlertBook();
  const first = book.raise(signal, 0);
  book.resolve(first, 'me', 1);
  const second = book.raise(signal, CAME_BACK_MS);
  expect(second.id).not.toBe(first.id);
  expect(second).toMatchObject({ cameBack: true, count: 1 });
});

test('a sparse error does not open and close with each record, and ends after an hour at most', () => {
  const book = new AlertBook();
  const minute = 60_000;
  for (let at = 0; at <= 50; at += 10) book.raise(signal, at * minute);
  expect(book.resolveQuiet(60 * minute, never)).toEqual([]);
  expect(book.resolveQuiet(81 * minute, never)).toHaveLength(1);
  expect(RESOLVE_QUIET_MS_MAX).toBe(60 * minute);
});

test('how long it went unnoticed and how long it lasted', () => {
  const book = new AlertBook();
  const alert = book.raise(signal, 2_000);
  book.raise({ ...signal, time: '1970-01-01T00:01:00.000Z' }, 61_000);
  expect(lengths(alert)).toEqual({ unnoticedMs: null, lastedMs: 61_000 });
  book.acknowledge(alert, 'me', 42_000);
  expect(lengths(alert).unnoticedMs).toBe(42_000);
});

test('the log line and the access record of one failure count once, people of both', () => {
  const book = new AlertBook();
  const alert = book.raise({ ...signal, recordKind: 'log', people: ['a'] }, 0);
  book.raise({ ...signal, recordKind: 'access', people: ['b'] }, 0);
  expect(alert.count).toBe(1);
  expect([...alert.people]).toEqual(['a', 'b']);
});

test('beyond twenty new ones the others are quiet and one tells how many', () => {
  const book = new AlertBook();
  for (let index = 0; index < TOLD_MAX + 5; index += 1) book.raise({ ...signal, group: `f${index}` }, index);
  const told = book.list().filter(({ isQuiet, kind }) => !isQuiet && kind === 'new_error');
  expect(told).toHaveLength(TOLD_MAX);
  expect(book.list().find(({ kind }) => kind === 'flood')).toMatchObject({ count: 5, isQuiet: false });
  const dependency = book.raise({ ...signal, kind: 'dependency', rule: 'builtin.dependency' }, 100);
  expect(dependency.isQuiet).toBe(false);
});

test('an alert of another project is not found by its id', () => {
  const book = new AlertBook();
  const { id } = book.raise(signal, 0);
  expect(book.find('other', id)).toBe(undefined);
  expect(book.find('p', id)?.id).toBe(id);
});
