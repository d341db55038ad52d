import { expect, test } from 'vitest';
import { TEXT_CHARACTERS_MAX } from './limits.js';
import { lineOf } from './line.js';

const place = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

function attributesOf(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const draft = { kind: 'event', level: 'info', message: 'm', place, attributes } as const;
  return JSON.parse(lineOf(draft, { seq: 1, ms: 1_700_000_000_000.25, ids: {} })).attributes;
}

test('the query of an address is in no text, wherever the address stands', () => {
  const stack =
    'Error: x\n    at f (https://shop.example/a.js?token=secret:3:14)\n    at https://shop.example/?t=secret#x:1:2';
  expect(attributesOf({ stack })['stack']).toBe(
    'Error: x\n    at f (https://shop.example/a.js:3:14)\n    at https://shop.example/:1:2',
  );
  const message = 'GET "https://api.example/v1?mail=secret" failed, see http://a.example/x?y';
  expect(attributesOf({ message })['message']).toBe(
    'GET "https://api.example/v1" failed, see http://a.example/x',
  );
});

test('what cannot be JSON, is too long or too many is said, and nothing throws', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`k${index}`, index]));
  expect(attributesOf({ cycle, big: 1n, text: 'x'.repeat(TEXT_CHARACTERS_MAX + 5) })).toMatchObject({
    cycle: '[object Object]',
    big: '1',
    text: expect.stringMatching(/… \(5 characters more\)$/),
  });
  expect(attributesOf(many)['browser.attributes.left_out']).toBe(10);
});

test('times have nine digits', () => {
  const draft = { kind: 'event', level: 'info', message: 'm', place, attributes: {} } as const;
  const line = lineOf(draft, { seq: 7, ms: 1_700_000_000_000.25, ids: { user_hash: 'u' } });
  expect(JSON.parse(line)).toMatchObject({ seq: 7, time: '2023-11-14T22:13:20.000250000Z', user_hash: 'u' });
});
