/** Rows of a panel as lines: what a reader takes for the truth of a curve. */
import type { PanelAnswer } from '@sillok/api';
import { expect, test } from 'vitest';
import { linesOf } from './series.js';

const MINUTE_MS = 60_000;
const FROM = Date.parse('2026-11-02T09:00:00Z');

type Rows = PanelAnswer['rows'];

/** Five minutes, a bar a minute. */
function answer(columns: readonly string[], rows: Rows): PanelAnswer {
  return {
    columns: columns.map((name) => ({ name, type: 'String' })),
    rows,
    truncated: false,
    from: new Date(FROM).toISOString(),
    to: new Date(FROM + 5 * MINUTE_MS).toISOString(),
    bucket_ms: MINUTE_MS,
    freshness: { visible_through: new Date(FROM).toISOString(), lag_ms: 0 },
    gaps: 0,
    cost: { rows_read: rows.length, bytes_read: 0, elapsed_ms: 0 },
  };
}

const valuesOf = (line: { readonly points: readonly { readonly value: number }[] } | undefined): number[] =>
  (line?.points ?? []).map(({ value }) => value);

test('a minute without records is zero, and not a line from one to the next', () => {
  const { lines, highest } = linesOf(
    answer(
      ['t', 'calls'],
      [
        ['2026-11-02 09:01:00', '4'],
        ['2026-11-02 09:04:00', '2'],
      ],
    ),
  );
  expect(lines).toHaveLength(1);
  expect(valuesOf(lines[0])).toEqual([0, 4, 0, 0, 2]);
  expect(lines[0]?.points[1]?.ms).toBe(FROM + MINUTE_MS);
  expect(highest).toBe(4);
});

test('texts name the lines, the largest first, and a time of the engine is in UTC', () => {
  const { lines } = linesOf(
    answer(
      ['t', 'route', 'calls'],
      [
        ['2026-11-02 09:00:00', '/carts', 1],
        ['2026-11-02T09:00:00Z', '/orders', 5],
        ['2026-11-02 09:02:00', '/orders', 6],
      ],
    ),
  );
  expect(lines.map(({ name, total }) => [name, total])).toEqual([
    ['/orders', 11],
    ['/carts', 1],
  ]);
  expect(valuesOf(lines[0])).toEqual([5, 0, 6, 0, 0]);
});

test('several numbers are lines of their own, named by their columns', () => {
  const { lines } = linesOf(answer(['t', 'p50', 'p95'], [['2026-11-02 09:00:00', 10, 40]]));
  expect(lines.map(({ name }) => name)).toEqual(['p95', 'p50']);
});

test('what holds a text that is no number in one row is a name and not a number', () => {
  const { lines } = linesOf(
    answer(
      ['t', 'code', 'calls'],
      [
        ['2026-11-02 09:00:00', '200', 3],
        ['2026-11-02 09:00:00', 'timeout', 1],
      ],
    ),
  );
  expect(lines.map(({ name }) => name)).toEqual(['200', 'timeout']);
});

test('nothing found is no line', () => {
  expect(linesOf(answer(['t', 'calls'], []))).toMatchObject({ lines: [], highest: 0 });
});
