/** Comparing and grouping, through HTTP on a whole server with a real engine. */
import type { FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../read/server.fixture.js';
import { at } from '../story.fixture.js';

let server: TestServer;
const COUNT = 3_000;
const MINUTE_MS = 60_000;
const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 KAKAOTALK 10.4.5',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 14; SM-S918N) SamsungBrowser/23.0',
];

/** Logins over 100 minutes. One in three is in KakaoTalk's own browser and fails; of the rest, one cache node fails. */
function login(index: number): FlatRecord {
  const agent = AGENTS[index % 3] ?? '';
  const node = `cache-${index % 7}`;
  const failed = agent.includes('KAKAOTALK') || node === 'cache-4';
  return {
    seq: index + 1,
    time: at((index / COUNT) * 100 * MINUTE_MS),
    kind: 'access',
    level: failed ? 'error' : 'info',
    message: `POST /login ${failed ? 502 : 200}`,
    trace_id: index.toString(16).padStart(32, '0'),
    user_hash: `u-${index % 500}`,
    'http.request.method': 'POST',
    'http.route': '/login',
    'http.response.status_code': failed ? 502 : 200,
    'user_agent.original': agent,
    duration_ms: failed ? 3000 : 12 + (index % 5),
    ...(failed ? { 'error.type': '502' } : {}),
    attributes: { 'cache.node': node, 'customer.id': `c${index % 11}`, 'request.number': index },
  };
}

const STACK = (line: number, hash: string): string =>
  `TypeError: x is undefined\n    at Cart.add (https://shop.example/assets/main-${hash}.js:${line}:7)\n` +
  `    at onClick (https://shop.example/assets/main-${hash}.js:${line + 90}:1)\n    at node_modules/react/index.js:1:1`;

function errorLine(index: number): FlatRecord {
  return {
    seq: index + 1,
    time: at(index * MINUTE_MS),
    kind: 'log',
    level: 'error',
    message: `cart ${index} failed`,
    session_hash: `s-${index % 4}`,
    'exception.type': 'TypeError',
    'exception.message': 'x is undefined',
    // Each person has a bundle of their own, whose name the engine does not see through: only its finer form is one.
    'exception.stacktrace': STACK(10 + index, `${'abcd'[index % 4]}${index}b2c3d4`),
    attributes: { 'customer.id': `c${index % 3}` },
  };
}

function line(index: number): FlatRecord {
  const isLate = index >= 60;
  const message =
    isLate && index % 2 === 0 ? `disk sda${index} is full` : `주문 ${index} 결제 완료: ${index * 7}원`;
  return { seq: index + 1, time: at(index * MINUTE_MS), kind: 'log', level: 'info', message };
}

beforeAll(async () => {
  server = await startTestServer();
  const send = async (producer: string, version: string, records: readonly FlatRecord[]): Promise<void> => {
    const resource = { 'service.name': producer.replace(/-\d$/, ''), 'service.version': version };
    await server.send({ producer, records, resource });
    await server.client.search({ after: server.token(producer, records.length), limit: 1 });
  };
  const all = Array.from({ length: COUNT }, (_, index) => login(index));
  await send('login', '1.0.0', all);
  const errors = Array.from({ length: 40 }, (_, index) => errorLine(index));
  const okay = { ...errorLine(0), level: 'info', message: 'started', 'exception.type': undefined } as const;
  await send('cart-1', '1.0.0', [
    { ...okay, 'exception.stacktrace': undefined, 'exception.message': undefined },
  ]);
  await send(
    'cart-2',
    '1.1.0',
    errors.map((each) => ({ ...each, time: each.time.replace('T05', 'T06') })),
  );
  await send(
    'lines',
    '1.0.0',
    Array.from({ length: 120 }, (_, index) => line(index)),
  );
});
afterAll(() => server.stop());

describe('GET /api/why', () => {
  const q = 'service.name:login level:error';
  const base_q = 'service.name:login';

  test('the condition that the failing logins share comes first', async () => {
    const why = await server.client.why({ q, base_q });
    expect(why.slice + why.base).toBe(COUNT);
    expect(why.conditions[0]).toMatchObject({ field: 'user_agent.original', base_share: 0 });
    expect(why.conditions[0]?.value).toMatch(/KAKAOTALK|iPhone/);
    expect(why.conditions.map(({ field }) => field)).not.toContain('request.number');
    expect(why.consequences.map(({ field }) => field)).toContain('http.response.status_code');
    expect(why.sample).toBe(1);
  });

  test('and with that left out, the second fault', async () => {
    const why = await server.client.why({ q, base_q, except: 'user_agent.original:*KAKAOTALK*' });
    expect(why.conditions[0]).toMatchObject({
      field: 'cache.node',
      value: 'cache-4',
      slice_share: 1,
      base_share: 0,
      lift: null,
      search: 'cache.node:cache-4',
    });
    expect(why.conditions).toHaveLength(1);
  });

  test('a condition’s search finds exactly what it counted', async () => {
    const [first] = (await server.client.why({ q, base_q })).conditions;
    const { rows } = await server.client.table({ q: `${q} ${first?.search} | stats count()` });
    expect(rows[0]?.[0]).toBe(first?.slice);
  });

  test('by trace: what stands in any record of it', async () => {
    const why = await server.client.why({ q, base_q, unit: 'trace' });
    expect(why.slice + why.base).toBe(COUNT);
    expect(why.conditions[0]?.field).toBe('user_agent.original');
  });

  test('nothing is made up where nothing differs, and where there is nothing to compare with', async () => {
    const half = await server.client.why({ q: 'service.name:login request.number:<1500', base_q });
    expect(half.conditions).toEqual([]);
    const none = await server.client.why({ q: 'service.name:nobody', base_q });
    expect(none).toMatchObject({ slice: 0, base: COUNT, conditions: [], consequences: [] });
  });

  test('pipes, and searches that cannot be read, are refused', async () => {
    await expect(server.client.why({ q: '* | stats count()' })).rejects.toMatchObject({
      code: 'pipes_refused',
    });
    await expect(server.client.why({ q, except: '(' })).rejects.toMatchObject({ code: 'query_invalid' });
  });
});

test('others: how many people and customers, and since which release', async () => {
  const logins = await server.client.others({ q: 'service.name:login level:error' });
  expect(logins).toMatchObject({ records: 1286, people: 500, customers: 11, since_release: null });
  const cart = await server.client.others({ q: 'service.name:cart level:error' });
  expect(cart).toMatchObject({
    records: 40,
    sessions: 4,
    since_release: { service: 'cart', version: '1.1.0' },
  });
  expect(cart.trend.reduce((sum, { count }) => sum + count, 0)).toBe(40);
  expect(await server.client.others({ q: 'nothing here' })).toMatchObject({ records: 0, first: null });
});

test('errors: one group, however lines and bundles move; with people, releases and frames', async () => {
  const { groups } = await server.client.errors({ sort: 'count' });
  const cart = groups.find(({ service }) => service === 'cart');
  expect(cart).toMatchObject({
    type: 'TypeError',
    count: 40,
    people: 4,
    customers: 3,
    sessions: 4,
    first: at(0).replace('T05', 'T06'),
    last: at(39 * MINUTE_MS).replace('T05', 'T06'),
    releases: [{ version: '1.1.0', count: 40 }],
  });
  expect(cart?.frames).toHaveLength(2);
  expect(cart?.trend.reduce((sum, each) => sum + each, 0)).toBe(40);
  expect(groups.filter(({ service }) => service === 'cart')).toHaveLength(1);
  expect((await server.client.search({ q: cart?.search ?? '', limit: 100 })).records).toHaveLength(40);
});

test('patterns: forms of messages with counts, and which of them are new', async () => {
  const q = 'service.name:lines';
  const { patterns, records } = await server.client.patterns({
    q,
    from: at(60 * MINUTE_MS),
    to: at(120 * MINUTE_MS),
  });
  expect(records).toBe(60);
  expect(
    patterns.map(({ template, count, before, is_new: isNew }) => [template, count, before, isNew]),
  ).toEqual([
    ['disk <*> is full', 30, 0, true],
    ['주문 <*> 결제 완료: <*>', 30, 60, false],
  ]);
  const found = await server.client.search({ q: `${q} ${patterns[0]?.search}`, limit: 100 });
  expect(found.records).toHaveLength(30);
  expect(patterns[0]?.trend).toHaveLength(24);
});

test('endpoints and their heatmap: counts are all there', async () => {
  const { endpoints } = await server.client.endpoints({});
  expect(endpoints).toMatchObject([
    { service: 'login', method: 'POST', route: '/login', requests: COUNT, errors: 1286, versions: ['1.0.0'] },
  ]);
  const one = await server.client.endpoint({
    service: 'login',
    route: '/login',
    method: 'POST',
    buckets: 20,
  });
  expect(one.total).toMatchObject({ requests: COUNT, errors: 1286, p99_ms: 3000 });
  expect(one.series.reduce((sum, { requests }) => sum + requests, 0)).toBe(COUNT);
  const { columns, bounds_ms: bounds } = one.heatmap;
  expect(columns.flatMap(({ counts }) => counts).reduce((sum, each) => sum + each, 0)).toBe(COUNT);
  expect(
    columns.every(
      ({ counts, errors }) => counts.length === bounds.length + 1 && errors.length === counts.length,
    ),
  ).toBe(true);
  const { heatmap } = await server.client.heatmap({
    q: 'service.name:login',
    field: 'request.number',
    buckets: 10,
  });
  expect(heatmap.columns.flatMap(({ counts }) => counts).reduce((sum, each) => sum + each, 0)).toBe(COUNT);
});
