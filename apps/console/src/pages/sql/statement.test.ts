import { expect, test } from 'vitest';
import { chartOf, csvOf, ndjsonOf, parametersOf } from './statement.js';

test('parameters are found once, and none inside quotes or comments', () => {
  const query =
    "SELECT {a:String}, '{b:String}', `{c:X}` -- {d:X}\nWHERE x IN {list:Array(UInt64)} AND y = {a:String}";
  expect(parametersOf(query)).toEqual([
    { name: 'a', type: 'String' },
    { name: 'list', type: 'Array(UInt64)' },
  ]);
});

const hour = { name: 'hour', type: "DateTime('UTC')" };
const level = { name: 'level', type: 'LowCardinality(String)' };
const count = { name: 'n', type: 'UInt64' };

test('a text beside a time splits the series; what is missing is a hole and not a zero', () => {
  const rows = [
    ['2026-11-21T01:00:00Z', 'info', 2],
    ['2026-11-21T00:00:00Z', 'info', '1'],
    ['2026-11-21T01:00:00Z', 'error', 5],
  ];
  const chart = chartOf({ columns: [hour, level, count], rows });
  expect(chart?.x).toEqual([1_795_219_200, 1_795_222_800]);
  expect(chart?.series).toEqual([
    { name: 'info', values: [1, 2] },
    { name: 'error', values: [null, 5] },
  ]);
});

test('names against numbers are bars, and text alone is no chart', () => {
  expect(chartOf({ columns: [level, count], rows: [['info', 2]] })?.kind).toBe('names');
  expect(chartOf({ columns: [level], rows: [['info']] })).toBeUndefined();
});

test('a formula in a result is text in the file', () => {
  const answer = { columns: [level, count], rows: [['=HYPERLINK("x")', -2]] };
  expect(csvOf(answer)).toBe('level,n\r\n"\'=HYPERLINK(""x"")",-2\r\n');
  expect(ndjsonOf(answer)).toBe('{"level":"=HYPERLINK(\\"x\\")","n":-2}\n');
});
