/** Statements before they go to a database: what is taken, and where values are bound. */
import { expect, test } from 'vitest';

import { bindStatement } from './statement.js';

test.each([
  ['postgresql', 'SELECT {a}, {b:int}, {a:text};', { sql: 'SELECT $1, $2::int, $1::text', values: [1, 2] }],
  ['postgresql', `SELECT '{a}' || {a} -- {b}`, { sql: `SELECT '{a}' || $1 -- {b}`, values: [1] }],
  ['postgresql', 'SELECT $t${a}$t$, "{b}", {b}', { sql: 'SELECT $t${a}$t$, "{b}", $1', values: [2] }],
  ['postgresql', `SELECT e'\\'{a}', {a}`, { sql: `SELECT e'\\'{a}', $1`, values: [1] }],
  ['mysql', 'SELECT {a}, {b:int}, {a}', { sql: 'SELECT ?, ?, ?', values: [1, 2, 1] }],
  ['mysql', 'SELECT `{a}`, "\\"{a}", {a} # {b}', { sql: 'SELECT `{a}`, "\\"{a}", ? # {b}', values: [1] }],
] as const)('%s: %s', (dialect, query, bound) => {
  const params = { a: 1, b: 2 };
  expect(bindStatement(dialect, { query, params })).toEqual({ ok: true, bound });
});

test.each([
  ['DELETE FROM orders', /begins with "DELETE"/],
  ['-- SELECT\nTRUNCATE orders', /begins with "TRUNCATE"/],
  ['', /begins with ""/],
  ['SELECT {c}', /binds \{c\}/],
  ['SELECT pg_cancel_backend(7)', /"pg_cancel_backend" does more than read.* goes in as \{name\}/],
])('%s is refused with what is wrong', (query, reason) => {
  expect(bindStatement('postgresql', { query, params: {} })).toEqual({
    ok: false,
    reason: expect.stringMatching(reason),
  });
});

test('a hint that lifts the limit of time is refused in MySQL', () => {
  const query = 'SELECT /*+ MAX_EXECUTION_TIME(0) */ SLEEP(3600)';
  expect(bindStatement('mysql', { query, params: {} })).toMatchObject({ ok: false });
});
