/** What the indexes spare: each search reads only the granules that can hold what it finds. */
import { afterAll, expect, test } from 'vitest';
import { TestEngine } from '../fixtures/engine.js';
import { compileSearch, parseQuery, type Row } from '../index.js';

const engine = new TestEngine();
afterAll(() => engine.close());

const RECORDS = 6_400;
const RARE = 3_210;
const context = {
  project: 'p',
  producer: 'o',
  boot: 'b',
  observed_time: '2026-11-21T10:00:00.000000000Z',
  resource: { 'service.name': 'orders' },
};
const rare = {
  message: 'zebra 카카오로그인이 실패 ord-77 finished',
  trace_id: 'aaaabbbbccccddddeeeeffff00001111',
  span_id: 'aaaabbbbcccc0001',
  'url.path': '/only/here',
  'client.address': '10.9.8.7',
  'error.type': 'OnlyHere',
  'exception.message': 'no quagga 응답이 없음',
  attributes: { 'order.id': 4711, only: 'x' },
};
const rows = Array.from({ length: RECORDS }, (_unused, index): Row => {
  const time = `2026-11-21T10:00:00.${String(index).padStart(9, '0')}Z`;
  const common = {
    message: `login 결제 완료 number ${index}`,
    attributes: { 'order.id': index, tier: 'gold' },
  };
  const record =
    index === RARE ? rare : { ...common, 'url.path': `/p/${index}`, trace_id: `${index}`.padStart(32, '0') };
  return { context, record: { seq: index + 1, time, kind: 'log', level: 'info', ...record } };
});
engine.createTable('records');
engine.insert('records', rows);
engine.run('OPTIMIZE TABLE records FINAL');

function granules(text: string, cursor = false): number {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const time = '2026-11-21T09:00:00.000000000Z';
  const key = { time, producer: 'o', boot: 'b', seq: 1 };
  const options = { project: 'p', from: time, to: '2026-11-22T00:00:00.000000000Z', order: 'asc' } as const;
  const { sql, params } = compileSearch(parsed.query, cursor ? { ...options, cursor: key } : options);
  const plan = engine
    .select(`EXPLAIN indexes = 1 ${sql}`, params)
    .rows.map((row) => String(row[0]))
    .join('\n');
  expect(engine.select(`SELECT seq FROM (${sql})`, params).rows.map(Number)).toContain(RARE + 1);
  return Number([...plan.matchAll(/Granules: (\d+)\//g)].at(-1)?.[1]);
}

const SEARCHES = [
  'zebra',
  '로그인',
  '"ord-77 finished"',
  'zebra ord 77 finished',
  'zebra or 카카오로그인',
  'quagga',
  '응답',
  'zebr*',
  'message:*ebra',
  'quagg* or *ebra',
  'OnlyHere',
  '/only/here',
  '10.9.8.7',
  '4711',
  'aaaabbbbccccddddeeeeffff00001111',
  'trace_id:aaaabbbbccccddddeeeeffff00001111',
  'span_id:aaaabbbbcccc0001',
  'order.id:4711',
  'error.type:OnlyHere',
  'url.path:/only/here',
  'has:only',
  'zebra level:info -level:debug',
  'zebra message:*inish* order.id:>5 -tier:gold url.path:/* client.address:10* duration_ms:<5 or zebra',
];

// One granule has it; the filters of ids and values may name a few more by mistake.
test.each(SEARCHES)('%s reads a few granules of a hundred', (text) => {
  expect(granules(text)).toBeLessThan(8);
});

test('more conditions than the engine takes into account still prune by some of them', () => {
  const words = 'zebra 로그인 실패 ord finished message:zebra (zebra or x) (실패 or y)';
  const many = `${words} error.type:OnlyHere ${'-nope '.repeat(20)}`;
  expect(granules(many)).toBeLessThan(8);
});

test('a cursor does not spoil the pruning', () => {
  expect(granules('zebra', true)).toBeLessThan(8);
  expect(granules('zebra 로그인', true)).toBeLessThan(8);
});
