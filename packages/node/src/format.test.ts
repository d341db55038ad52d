import { expect, test } from 'vitest';
import { formatMessage } from './format.js';

test.each<[string, unknown[], string]>([
  ['%s %s', ['a', 1], 'a 1'],
  ['%d%%', [50], '50%'],
  ['%i', [1.9], '1'],
  ['%j %o %O', [{ a: 1 }, [1], 'x'], '{"a":1} [1] \'x\''],
  ['%s and %s', ['one'], 'one and %s'],
  ['nothing', ['extra'], 'nothing'],
  ['%c%s', ['color: red', 'x'], 'x'],
  ['%s', [Symbol('q')], 'Symbol(q)'],
])('%j with %j is %j', (template, values, message) => {
  expect(formatMessage(template, values)).toBe(message);
});

test('a value that cannot be shown says so', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  expect(formatMessage('%j', [circular])).toBe('[unreadable]');
  expect(
    formatMessage('%s', [
      Object.create(null, {
        toString: {
          get: () => {
            throw new Error('x');
          },
        },
      }),
    ]),
  ).toBe('{}');
});
