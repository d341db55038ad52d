/** Hours of endpoints and the trends that are read from them, on a whole server with a real engine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FlatRecord } from '@sillok/record';
import { presetConfig } from '../../config.js';
import { ServerUnderTest } from '../../server.fixture.js';
import { createClient, type Client } from '@sillok/api';
import { encodeRecord } from '@sillok/record';
import { quantileOf } from './buckets.js';
import { crossingOf, trendOfDays, type Point } from './line.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 20;
const PER_DAY = 24;
const now = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const { retention } = presetConfig();
const forever = Object.fromEntries(Object.keys(retention).map((kind) => [kind, { days: 0, diskBytes: 0 }]));

// The kinds are those of the preset.
const keep = forever as typeof retention; // the same kinds, another rule for each
const server = new ServerUnderTest({ retention: keep });
let client: Client;
let seq = 0;

/** One request a quarter of an hour; `ms` says how slow it is on that day. */
function request(
  day: number,
  index: number,
  more: { route: string; ms: number; failed?: boolean },
): FlatRecord {
  seq += 1;
  const { route, ms, failed = false } = more;
  return {
    seq,
    time: new Date(now - day * DAY_MS + index * 900_000).toISOString().replace('Z', '000000Z'),
    kind: 'access',
    level: failed ? 'error' : 'info',
    message: `GET ${route}`,
    duration_ms: ms,
    'http.request.method': 'GET',
    'http.route': route,
    'http.response.status_code': failed ? 500 : 200,
  };
}

async function send(records: readonly FlatRecord[]): Promise<void> {
  const producer = { producer: 'shop', boot: 'b1', encoding: 'flat' } as const;
  const verdict = await server.verdict(producer, records.map(encodeRecord));
  expect(verdict.rejected).toEqual([]);
  await server.visible();
}

beforeAll(async () => {
  const { url, devKey } = await server.start();
  client = createClient({ url, key: devKey });
  await server.visible();
  const records: FlatRecord[] = [];
  for (let day = DAYS; day >= 1; day -= 1) {
    for (let index = 0; index < PER_DAY; index += 1) {
      records.push(request(day, index, { route: '/slower', ms: 200 + (DAYS - day) * 20 + (index % 5) }));
      records.push(request(day, index, { route: '/steady', ms: 100 + (index % 7) * 3 + ((day * 7) % 5) }));
    }
  }
  await send(records);
  await server.running.upkeep();
});
afterAll(() => server.dispose());

async function total(route: string): Promise<number> {
  const { endpoints } = await client.trends({ days: 60, route });
  return endpoints.flatMap(({ points }) => points).reduce((sum, { requests }) => sum + requests, 0);
}

describe('GET /api/trends', () => {
  test('the endpoint that gets slower comes first, with the day on which it reaches its limit', async () => {
    const { endpoints, rolled_up_to: upTo } = await client.trends({ days: 60, limit_ms: 1000 });
    const [first, second] = endpoints;
    expect(first).toMatchObject({ route: '/slower', is_over: false, p95: { getting: 'worse', days: DAYS } });
    expect(first?.p95?.change_per_day).toBeGreaterThan(15);
    expect(first?.p95?.change_per_day).toBeLessThan(25);
    const inDays = (Date.parse(first?.crosses?.expected ?? '') - now) / DAY_MS;
    expect(inDays).toBeGreaterThan(14);
    expect(inDays).toBeLessThan(28);
    expect(second).toMatchObject({ route: '/steady', crosses: null, p95: { getting: 'steady' } });
    expect(upTo).not.toBeNull();
  });

  test('a second run adds nothing; a record that comes late is counted once', async () => {
    expect(await total('/steady')).toBe(DAYS * PER_DAY);
    await server.running.upkeep();
    await server.running.upkeep();
    expect(await total('/steady')).toBe(DAYS * PER_DAY);
    await send([request(5, 3, { route: '/steady', ms: 100 })]);
    await server.running.upkeep();
    expect(await total('/steady')).toBe(DAYS * PER_DAY + 1);
  });

  test('hours stay when their records have expired', async () => {
    const store = server.running.deps.store();
    const day = new Date(now - 3 * DAY_MS).toISOString().slice(0, 10);
    await store.dropDay('access', day);
    await server.running.upkeep();
    expect(await total('/slower')).toBe(DAYS * PER_DAY);
  });

  test('another project sees none of them', async () => {
    const { key } = await client.keys.create({ name: 'other', scopes: ['read'], project: 'other' });
    const other = createClient({ url: server.running.url, key });
    expect((await other.trends({})).endpoints).toEqual([]);
  });
});

describe('a line through days', () => {
  const days = (count: number, value: (day: number) => number): Point[] =>
    Array.from({ length: count }, (_unused, day) => ({ day, value: value(day) }));

  test('says nothing from six days', () => {
    expect(
      trendOfDays(
        days(6, (day) => day * 100),
        true,
      ),
    ).toBeNull();
  });

  test('calls scatter no trend, though its slope is not zero', () => {
    const line = trendOfDays(
      days(14, (day) => 100 + ((day * 37) % 11) * 9),
      true,
    );
    expect(line).toMatchObject({ getting: 'steady' });
    expect(
      crossingOf(
        days(14, (day) => 100 + ((day * 37) % 11) * 9),
        line,
        1000,
      ),
    ).toBeNull();
  });

  test('gives the crossing an interval that holds the true day', () => {
    const points = days(30, (day) => 300 + day * 10 + ((day * 7) % 5) * 4);
    const crosses = crossingOf(points, trendOfDays(points, true), 1000);
    const day = (text: string | null | undefined): number => Date.parse(text ?? '') / 86_400_000;
    expect(day(crosses?.earliest)).toBeLessThanOrEqual(70);
    expect(day(crosses?.latest)).toBeGreaterThanOrEqual(69);
  });

  test('what gets better, or is over the limit already, crosses nothing', () => {
    const falling = days(20, (day) => 900 - day * 10);
    expect(trendOfDays(falling, true)).toMatchObject({ getting: 'better' });
    const over = days(20, (day) => 1100 + day * 10);
    expect(crossingOf(over, trendOfDays(over, true), 1000)).toBeNull();
  });

  test('a quantile from buckets is right within five in a hundred', () => {
    const values = Array.from({ length: 1000 }, (_unused, index) => 10 + index);
    const counts = new Map<string, number>();
    for (const value of values) {
      const bucket = String(Math.floor(Math.log2(value) * 8));
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }
    const p95 = quantileOf([...counts], 0.95) ?? 0;
    expect(Math.abs(p95 - 960) / 960).toBeLessThan(0.05);
    expect(quantileOf([], 0.95)).toBeNull();
  });
});
