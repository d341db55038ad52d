/** What an estimate may say of the time of a statement that somebody wrote. */
import { expect, test } from 'vitest';
import { estimateStatement } from './estimate.js';

const sampled = { rows: 1_000_000, bytes: 8_000_000, ms: 3_000, exact: false };

test.each([
  'SELECT count() FROM records AS r CROSS JOIN numbers(1000000) AS m',
  'SELECT 1 FROM records r\n  left join records s USING (trace_id)',
  'SELECT count() FROM records, numbers(1000000)',
  'SELECT count() FROM records AS r, records AS s WHERE r.trace_id = s.trace_id',
  'SELECT count() FROM numbers(10), records',
])('a join says nothing of its time by its first rows: %s', (sql) => {
  expect(estimateStatement(sql, sampled)).toEqual({ ...sampled, ms: null });
});

test.each([
  'SELECT message, level FROM records WHERE level IN (1, 2)',
  'SELECT count(), max(time) FROM records GROUP BY kind, level',
  "SELECT count() FROM records WHERE message = 'they joined, too'",
])('one that reads its rows once keeps it: %s', (sql) => {
  expect(estimateStatement(sql, sampled)).toEqual(sampled);
});

test('one that was run whole is known', () => {
  const whole = { ...sampled, exact: true };
  expect(estimateStatement('SELECT 1 FROM records JOIN records USING (trace_id)', whole)).toEqual(whole);
});
