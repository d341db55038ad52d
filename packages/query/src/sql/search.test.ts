import { afterAll, describe, expect, test } from 'vitest';
import { TestEngine } from '../fixtures/engine.js';
import {
  compareKeys,
  compileContext,
  compileSearch,
  decodeRow,
  keyOf,
  parseQuery,
  type Order,
  type Query,
  type RecordKey,
  type Row,
} from '../index.js';

const engine = new TestEngine();
afterAll(() => engine.close());

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.query;
}

const PRODUCERS = ['a', 'a-1', 'A', '주문', '\ue000', '😀', '\uffee'];
const TIMES = [
  '2026-11-21T10:00:00.000000000Z',
  '2026-11-21T10:00:00.000000001Z',
  '2026-11-20T23:59:59.999999999Z',
];

/** Three times, seven producers, two boots: nearly every record shares its time with hundreds of others. */
const rows: Row[] = PRODUCERS.flatMap((producer) =>
  ['b', 'B'].flatMap((boot) => {
    const context = { project: 'p', producer, boot, observed_time: TIMES[0] ?? '', resource: {} };
    return Array.from({ length: 60 }, (_unused, index): Row => {
      const time = TIMES[index % TIMES.length] ?? '';
      return { context, record: { seq: index + 1, time, kind: 'log', level: 'info', message: `m${index}` } };
    });
  }),
);
engine.createTable('records');
engine.insert(
  'records',
  rows.toSorted((left, right) => right.record.seq - left.record.seq),
);
engine.insert('records', [
  {
    context: { project: 'other', producer: 'a', boot: 'b', observed_time: TIMES[0] ?? '', resource: {} },
    record: { seq: 1, time: TIMES[0] ?? '', kind: 'log', level: 'info', message: 'm1' },
  },
]);
const sorted = rows.map(keyOf).toSorted(compareKeys);

function page(text: string, options: { order: Order; limit: number; cursor?: RecordKey }): RecordKey[] {
  const { sql, params } = compileSearch(queryOf(text), { project: 'p', ...options });
  return engine.select(sql, params).rows.map((row) => keyOf(decodeRow(row)));
}

function allPages(order: Order, limit: number): RecordKey[] {
  const found: RecordKey[] = [];
  for (;;) {
    const cursor = found.at(-1);
    const next = page('', { order, limit, ...(cursor ? { cursor } : {}) });
    found.push(...next);
    if (next.length < limit) return found;
  }
}

describe('pages', () => {
  test('ascending pages give every record once, in the order of bytes', () => {
    expect(allPages('asc', 97)).toEqual(sorted);
  });

  test('descending is the exact reverse, whatever the size of the page', () => {
    expect(allPages('desc', 101)).toEqual(sorted.toReversed());
  });

  test('a page in the middle is the same from both sides', () => {
    const [before, at, after] = sorted.slice(300, 303);
    expect(page('', { order: 'asc', limit: 1, ...(at ? { cursor: at } : {}) })).toEqual([after]);
    expect(page('', { order: 'desc', limit: 1, ...(at ? { cursor: at } : {}) })).toEqual([before]);
  });

  test('another project is never on a page', () => {
    expect(page('m1', { order: 'asc', limit: 1000 })).toHaveLength(14);
  });

  test('the range includes its start and not its end', () => {
    const [from = '', to = ''] = TIMES;
    const { sql, params } = compileSearch(queryOf(''), { project: 'p', from, to, limit: 10_000 });
    expect(engine.select(sql, params).rows).toHaveLength(rows.length / 3);
  });

  test('the stages after pipes set order and number of records', () => {
    const { sql, params } = compileSearch(queryOf('| sort time | limit 3'), { project: 'p' });
    expect(engine.select(sql, params).rows.map((row) => keyOf(decodeRow(row)))).toEqual(sorted.slice(0, 3));
  });
});

test('the neighbours of a record are those beside it, nearest first', () => {
  const key = sorted[400];
  if (!key) throw new Error('there are more records');
  const neighbours = (direction: 'before' | 'after'): RecordKey[] => {
    const { sql, params } = compileContext(undefined, { project: 'p', key, direction, limit: 3 });
    return engine.select(sql, params).rows.map((row) => keyOf(decodeRow(row)));
  };
  expect(neighbours('before')).toEqual(sorted.slice(397, 400).toReversed());
  expect(neighbours('after')).toEqual(sorted.slice(401, 404));
});

describe('how the engine reads', () => {
  const plan = (order: Order, cursor?: RecordKey): string => {
    const { sql, params } = compileSearch(queryOf(''), {
      project: 'p',
      order,
      ...(cursor ? { cursor } : {}),
    });
    return engine
      .select(`EXPLAIN indexes = 1, actions = 1 ${sql}`, params)
      .rows.map((row) => String(row[0]))
      .join('\n');
  };

  test('in the order of the table, so that it can stop early', () => {
    expect(plan('asc')).toContain('Read type: InOrder');
    expect(plan('desc')).toContain('Read type: InReverseOrder');
  });

  test('from the cursor on by the primary key, also among records of one time', () => {
    engine.run('OPTIMIZE TABLE records FINAL');
    const time = TIMES[0] ?? '';
    const within = sorted.filter((key) => key.time === time);
    const granules = (index: number): number => {
      const cursor = within.at(index);
      const found = [...plan('asc', cursor).matchAll(/Granules: (\d+)/g)].at(-1);
      return Number(found?.[1]);
    };
    expect(granules(-1)).toBeLessThan(granules(0));
  });
});
