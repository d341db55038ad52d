import { afterAll, describe, expect, test } from 'vitest';
import { fromStoredText } from '@sillok/record';
import { TestEngine } from '../fixtures/engine.js';
import {
  compileFieldList,
  compileFieldValues,
  compileHistogram,
  compileStats,
  fieldOf,
  parseQuery,
  type Query,
  type Row,
  type Statement,
} from '../index.js';

const engine = new TestEngine();
afterAll(() => engine.close());

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.query;
}

const resource = { 'service.name': 'orders', 'k8s.pod': 'x' };
const context = {
  project: 'p',
  producer: 'o',
  boot: 'b',
  observed_time: '2026-11-21T10:00:00.000000000Z',
  resource,
};

/** An hour, one record a second: levels, routes and attributes by remainders. */
const rows = Array.from({ length: 3600 }, (_unused, index): Row => {
  const clock = `${String(Math.floor(index / 60)).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}`;
  const known = index % 2 === 0 ? { 'http.route': `/r${index % 4}`, duration_ms: index } : {};
  const attributes = {
    n: index % 3 === 0 ? String(index % 5) : index % 5,
    'k\\.d': 'v',
    level: 'own',
    'resource.x': 1,
    empty: '',
  };
  const level = index % 10 === 0 ? 'error' : 'info';
  const time = `2026-11-21T10:${clock}.000000000Z`;
  return {
    context,
    record: { seq: index + 1, time, kind: 'log', level, message: 'm', ...known, attributes },
  };
});
engine.createTable('records');
engine.insert('records', rows);

const scope = { project: 'p', from: '2026-11-21T10:00:00.000000000Z', to: '2026-11-21T11:00:00.000000000Z' };

function answer(statement: Statement | undefined): readonly (readonly unknown[])[] {
  if (!statement) throw new Error('there is a stats stage');
  const { names, rows: found } = engine.select(statement.sql, statement.params);
  expect(names).toEqual(statement.columns);
  return found;
}

const stats = (text: string, options = {}): readonly (readonly unknown[])[] =>
  answer(compileStats(queryOf(text), { ...scope, ...options }));

describe('stats', () => {
  test('without records: zero, and null for what has no value', () => {
    expect(
      stats('nosuch | stats count(), avg(duration_ms), p95(duration_ms), sum(n), min(duration_ms)'),
    ).toEqual([[0, null, null, null, null]]);
  });

  test('numbers and texts that are numbers are one group and are summed alike', () => {
    const groups = Array.from({ length: 5 }, (_unused, index) => [String(index), 720, 720 * index]);
    expect(stats('| stats count(), sum(n) by n | sort n')).toEqual(groups);
  });

  test('a field that is absent is the group null, and is not counted', () => {
    expect(stats('| stats count(), count(duration_ms), count_distinct(http.route) by http.route')).toEqual([
      [null, 1800, 0, 0],
      ['/r0', 900, 900, 1],
      ['/r2', 900, 900, 1],
    ]);
  });

  test('names of columns cannot collide with what is counted', () => {
    expect(stats('| stats count() as time, max(time) as project, count() as _a0, count() as level')).toEqual([
      [3600, '2026-11-21T10:59:59.000000000Z', 3600, 3600],
    ]);
    expect(stats('| stats count() as "`x\\\\` { p1:String }"')).toEqual([[3600]]);
  });

  test('the rate is per second of the bin, or of the range', () => {
    expect(stats('| stats rate()')).toEqual([[1]]);
    expect(stats('level:error | stats rate() by bin(30m)')).toEqual([
      ['2026-11-21T10:00:00.000000000Z', 0.1],
      ['2026-11-21T10:30:00.000000000Z', 0.1],
    ]);
  });

  test('days begin at midnight of the zone, weeks on Monday', () => {
    const zone = { zoneOffsetMinutes: 540 };
    expect(stats('| stats count() by bin(1d)', zone)).toEqual([['2026-11-20T15:00:00.000000000Z', 3600]]);
    expect(stats('| stats count() by bin(1w)', zone)).toEqual([['2026-11-15T15:00:00.000000000Z', 3600]]);
    expect(stats('| stats count() by bin(1d)', { zoneOffsetMinutes: -480 })).toEqual([
      ['2026-11-21T08:00:00.000000000Z', 3600],
    ]);
  });

  test('bins may be shorter than a second', () => {
    expect(stats('| stats count() by bin(500ms) | limit 2')).toEqual([
      ['2026-11-21T10:00:00.000000000Z', 1],
      ['2026-11-21T10:00:01.000000000Z', 1],
    ]);
  });

  test('a name with a dot in one key is counted with the name in two, also when few records have it', () => {
    const each = (paths: readonly string[]): readonly Row[] =>
      paths.map((path, index): Row => {
        const time = `2026-11-21T10:00:0${index}.000000000Z`;
        const attributes = { [path]: index + 1 };
        return {
          context,
          record: { seq: index + 1, time, kind: 'log', level: 'info', message: 'm', attributes },
        };
      });
    engine.createTable('dotted');
    engine.insert('dotted', each(['x.y', 'other', String.raw`x\.y`]));
    const dotted = { table: 'dotted' };
    expect(stats('| stats count(), sum(x.y) by x.y | sort x.y', dotted)).toEqual([
      ['1', 1, 1],
      ['3', 1, 3],
      [null, 1, null],
    ]);
    // The one with the dot in its key is not in the range, so nobody looks for it.
    const before = { ...dotted, to: '2026-11-21T10:00:02.000000000Z' };
    expect(stats('| stats sum(x.y)', before)).toEqual([[1]]);
  });

  test('limit before sort keeps the first rows of the order before it', () => {
    expect(stats('| stats count() by n | sort n | limit 2 | sort -n | limit 1')).toEqual([['1', 720]]);
  });
});

describe('histogram', () => {
  test('bars of a readable width by level; the first begins at or before the range', () => {
    const statement = compileHistogram(queryOf(''), { ...scope, buckets: 7 });
    expect([statement.widthNs, statement.first]).toEqual([600_000_000_000n, scope.from]);
    const found = answer(statement);
    expect(found.slice(0, 2)).toEqual([
      [scope.from, 'error', 60],
      [scope.from, 'info', 540],
    ]);
    expect(found).toHaveLength(12);
  });
});

describe('fields', () => {
  test('names are as a search takes them', () => {
    const list = new Map(answer(compileFieldList(queryOf(''), scope)).map((row) => [row[0], row[1]]));
    expect(list.get('time')).toBe(3600);
    expect(list.get('http.route')).toBe(1800);
    expect(list.get('service.name')).toBe(3600);
    expect(list.get(String.raw`k\.d`)).toBe(3600);
    expect([
      list.get('attributes.level'),
      list.get('attributes.resource.x'),
      list.get('resource.k8s.pod'),
    ]).toEqual([3600, 3600, 3600]);
    for (const name of list.keys()) expect(parseQuery(`has:${String(name)}`)).toMatchObject({ ok: true });
  });

  test('attributes are counted by type: the number 7 and the text 7 are two', () => {
    const found = answer(compileFieldList(queryOf(''), scope)).map((row) => [row[0], row[2]]);
    const types = new Map(found.map(([name, counts]) => [name, counts]));
    expect(types.get('n')).toEqual({ number: 2400, text: 1200 });
    expect(types.get('attributes.level')).toEqual({ text: 3600 });
    expect([types.get('http.route'), types.get('time')]).toEqual([{}, {}]);
    const stored = ['-1e5', '.5', '-', '7 ', 'true', 'null', '[1]', '{}', '"[1]"', '007', ''];
    const each = stored.map((text, index): Row => {
      const attributes = { v: fromStoredText(text) };
      const time = `2026-11-21T10:00:${10 + index}.000000000Z`;
      return {
        context,
        record: { seq: index + 1, time, kind: 'log', level: 'info', message: 'm', attributes },
      };
    });
    engine.createTable('typed');
    engine.insert('typed', each);
    const listed = answer(compileFieldList(queryOf(''), { ...scope, table: 'typed' }));
    expect(listed.find(([name]) => name === 'v')?.[2]).toEqual({
      number: 1,
      text: 6,
      boolean: 1,
      null: 1,
      list: 1,
      object: 1,
    });
  });

  test('values of a field, the most frequent first', () => {
    expect(answer(compileFieldValues(queryOf('level:error'), fieldOf('http.route'), scope))).toEqual([
      ['/r0', 180],
      ['/r2', 180],
    ]);
    expect(answer(compileFieldValues(queryOf(''), fieldOf('k.d'), scope))).toEqual([['v', 3600]]);
  });
});
