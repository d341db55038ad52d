/**
 * What a slice is compared with, and whether the planted condition comes first: twenty services with a fault each, beside many records of
 * others that look quite different, through HTTP on a whole server with a real engine.
 */
import type { FlatAttributes, FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../read/server.fixture.js';
import { at } from '../story.fixture.js';

const SEEDS = 20;
const REQUESTS = 150;
const OTHERS = 4_000;
const FIELDS = ['payment.method', 'cart.coupon', 'cache.node', 'member.tier', 'feature.checkout'] as const;
let server: TestServer;

/** xorshift32. */
function randomOf(seed: number): (max: number) => number {
  let state = (seed + 1) * 2_654_435_761;
  return (max) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % max;
  };
}

const planted = (seed: number) => ({ field: FIELDS[seed % FIELDS.length] ?? '', value: `v${seed % 3}` });

/** A request: what was asked stands in its access record and in a line, what went wrong in a line that says nothing of it. */
function requestOf(seed: number, index: number, random: (max: number) => number): FlatRecord[] {
  const attributes: FlatAttributes = Object.fromEntries(FIELDS.map((field) => [field, `v${random(4)}`]));
  const { field, value } = planted(seed);
  const failed = random(100) < (attributes[field] === value ? 90 : 4);
  const trace = `${seed.toString(16).padStart(4, '0')}${index.toString(16).padStart(28, '0')}`;
  const time = at((index / REQUESTS) * 3_600_000);
  const each = { time, trace_id: trace, 'http.route': index % 2 === 0 ? '/order' : '/cart' } as const;
  const status = failed ? 500 : 200;
  const records: FlatRecord[] = [
    { ...each, seq: 0, kind: 'log', level: 'info', message: 'begins', attributes },
    {
      ...{ ...each, seq: 0, kind: 'access', level: failed ? 'error' : 'info', message: `POST ${status}` },
      ...{ 'http.request.method': 'POST', 'http.response.status_code': status, duration_ms: 5 },
      attributes,
    },
  ];
  if (failed) {
    records.push({
      ...each,
      seq: 0,
      kind: 'log',
      level: 'error',
      message: `order ${index} failed`,
      attributes: {},
    });
  }
  return records;
}

/** Of other services: with fields and values that no shop has, and of all kinds. */
function otherOf(index: number, random: (max: number) => number): FlatRecord {
  const kind = (['log', 'span', 'access', 'event'] as const)[index % 4] ?? 'log';
  return {
    ...{ seq: index + 1, time: at((index / OTHERS) * 3_600_000), kind, message: 'something' },
    level: random(50) === 0 ? 'error' : 'info',
    ...(kind === 'access' && {
      'http.request.method': 'GET',
      'user_agent.original': 'curl/8.0',
      duration_ms: 3,
    }),
    trace_id: `ffff${Math.floor(index / 4)
      .toString(16)
      .padStart(28, '0')}`,
    attributes: { 'filler.region': `r${random(3)}`, 'filler.number': random(1_000_000) },
  };
}

beforeAll(async () => {
  server = await startTestServer();
  const send = async (
    service: string,
    environment: string,
    records: readonly FlatRecord[],
  ): Promise<void> => {
    const resource = { 'service.name': service, 'deployment.environment.name': environment };
    const numbered = records.map((record, index) => ({ ...record, seq: index + 1 }));
    await server.send({ producer: service, records: numbered, resource });
  };
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const random = randomOf(seed);
    const requests = Array.from({ length: REQUESTS }, (_, index) => requestOf(seed, index, random));
    await send(`shop-${seed}`, 'test', requests.flat());
  }
  const random = randomOf(99);
  await send(
    'filler',
    'production',
    Array.from({ length: OTHERS }, (_, index) => otherOf(index, random)),
  );
  // Always fails, but for another endpoint of the same service; and lines without traces.
  const broken = (index: number): FlatRecord => ({
    ...{ seq: 0, time: at(index * 1_000), kind: 'access', message: 'GET', 'http.request.method': 'GET' },
    ...(index < 60
      ? { 'http.route': '/broken', level: 'error', attributes: { 'db.pool': 'blue' } }
      : { 'http.route': '/fine', level: 'info', attributes: { 'db.pool': 'green' } }),
  });
  await send(
    'broken',
    'test',
    Array.from({ length: 120 }, (_, index) => broken(index)),
  );
  await server.client.search({ after: server.token('broken', 120), limit: 1 });
});
afterAll(() => server.stop());

describe('the planted condition comes first', () => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))('seed %i', async (seed) => {
    const ofRequests = await server.client.why({ q: `service.name:shop-${seed} kind:access level:error` });
    expect(ofRequests.conditions[0]).toMatchObject(planted(seed));
    expect(ofRequests.unit).toBe('record');
    // What all of the service's records have, and the others have not, is no reason.
    expect(ofRequests.conditions.map(({ field }) => field)).not.toContain('deployment.environment.name');
    // The line that failed has none of the fields: the request that it was written in has.
    const ofLines = await server.client.why({ q: `service.name:shop-${seed} kind:log level:error` });
    expect(ofLines.conditions[0]).toMatchObject(planted(seed));
    expect(ofLines.unit).toBe('trace');
  });
});

test('failing requests are compared with those of the same service that did not fail, and it is said', async () => {
  const why = await server.client.why({ q: 'service.name:shop-3 kind:access level:error http.route:/cart' });
  expect(why.comparable).toEqual({
    kinds: ['access'],
    shared: [
      { field: 'service.name', value: 'shop-3' },
      { field: 'http.route', value: '/cart' },
      { field: 'http.request.method', value: 'POST' },
    ],
    succeeded: true,
  });
  // As a search, it finds what was compared.
  const { rows } = await server.client.table({ q: `${why.base_q} | stats count()` });
  expect(rows[0]?.[0]).toBe(why.base);
  expect(why.slice + why.base).toBe(REQUESTS / 2);
});

test('where an endpoint always fails, with the others of its service', async () => {
  const why = await server.client.why({ q: 'service.name:broken http.route:/broken' });
  expect(why.comparable).toMatchObject({ shared: [{ field: 'service.name', value: 'broken' }] });
  expect(why).toMatchObject({ slice: 60, base: 60 });
  expect(why.conditions[0]).toMatchObject({ field: 'db.pool', value: 'blue' });
});

test('a base that was asked for is taken as it is: everything, of which a part is drawn', async () => {
  const why = await server.client.why({ q: 'service.name:shop-3 kind:access level:error', base_q: '*' });
  expect(why).toMatchObject({ comparable: null, base_q: '*' });
  expect(why.sample).toBeLessThan(1);
  // About as many as it says.
  const all = (await server.client.table({ q: '* | stats count()' })).rows[0]?.[0];
  expect(why.base).toBeGreaterThan(Number(all) * why.sample * 0.8);
  expect(why.base).toBeLessThan(Number(all) * why.sample * 1.2);
});

test('errors of all services against all others: kinds and services that are alike on both sides are no reasons', async () => {
  const why = await server.client.why({ q: 'service.name:filler level:error', unit: 'record' });
  expect(why.comparable?.kinds).toEqual(['access', 'event', 'log', 'span']);
  expect(why.conditions).toEqual([]);
});
