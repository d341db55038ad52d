import * as api from '@sillok/api';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { checked } from './reading.js';

const GARBAGE: readonly unknown[] = [
  undefined,
  null,
  '',
  'x'.repeat(100_000),
  -1,
  1e12,
  Number.NaN,
  true,
  [],
  {},
  '\0',
  '🚀',
];

function said(schema: z.ZodType, value: unknown): string {
  try {
    checked(schema, value);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('What is wrong is said in words, with the limit and without the value', () => {
  const depth = z.object({ depth: z.coerce.number().int().max(10) });
  expect(said(depth, { depth: 99 })).toBe('"depth" is not valid: it must be at most 10.');
  expect(said(depth, { depth: 'two' })).toBe('"depth" is not valid: it must be a number.');
  const who = z.object({ query: z.string().min(1).max(512) });
  expect(said(who, { query: 'kim@example.com'.repeat(100) })).toBe(
    '"query" is not valid: it must have at most 512 characters.',
  );
  expect(said(who, {})).toBe('"query" is not valid: it is missing.');
  expect(said(z.object({ order: z.enum(['newest', 'oldest']) }), { order: 'up' })).toBe(
    '"order" is not valid: it must be one of newest, oldest.',
  );
  expect(said(z.strictObject({ a: z.string() }), { a: 'b', c: 1 })).toBe(
    'The request is not valid: nothing here is called "c".',
  );
  expect(said(api.impactQuery, { service: 'a', route: '/', method: 'G ET' })).toBe(
    '"method" is not valid: a method is one word, as in GET.',
  );
});

test('No schema of the API shows the words of the library that checks it', () => {
  const schemas = Object.entries<unknown>(api).filter(
    (entry): entry is [string, z.ZodObject] => entry[1] instanceof z.ZodObject,
  );
  expect(schemas.length).toBeGreaterThan(20);
  const messages = schemas.flatMap(([name, schema]) => {
    const fields = Object.keys(schema.shape);
    const given = GARBAGE.flatMap((value) => [value, ...fields.map((field) => ({ [field]: value }))]);
    return given.map((each) => `${name}: ${said(schema, each)}`);
  });
  expect(messages.filter((message) => message.endsWith('.')).length).toBeGreaterThan(1_000);
  expect(messages.filter((message) => /Invalid|expected|Too (big|small)|undefined/.test(message))).toEqual(
    [],
  );
});
