/** One failure rings once: everything that a webhook is told of a whole cascade, counted. */
import type { AlertShape } from '@sillok/api';
import type { FlatRecord } from '@sillok/record';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ClockedServer, minute, second } from './clocked.fixture.js';

const REQUESTS = 5;
const SETTLED = 6 * second;
let clocked: ClockedServer;
let seq = 0;

beforeEach(async () => {
  clocked = new ClockedServer();
  await clocked.start();
});
afterEach(() => clocked.dispose());

const traceOf = (index: number): string => index.toString(16).padStart(32, 'e');

type Part = (index: number) => Partial<FlatRecord>;

/** One record of each of the requests. `ageMs` keeps their order in time, whichever arrives first. */
async function each(
  service: string,
  part: Part,
  { ageMs, count = REQUESTS }: { ageMs: number; count?: number },
) {
  for (let index = 0; index < count; index += 1) {
    seq += 1;
    const record = { level: 'error', trace_id: traceOf(index), ...part(index) } as const;
    await clocked.arrives({ service, seqs: [seq], ageMs, record });
  }
}

const statement: Part = () => ({
  kind: 'span',
  message: 'SELECT carts',
  attributes: {
    ...{ 'span.kind': 'client', 'db.system.name': 'postgresql', 'exception.type': 'Error' },
    ...{
      'exception.message': 'connect ECONNREFUSED 10.0.0.5:5432',
      'server.address': '10.0.0.5',
      'server.port': 5432,
    },
  },
});
const line: Part = () => ({ message: 'connect ECONNREFUSED 10.0.0.5:5432' });
const afterthought: Part = () => ({ message: 'the order could not be placed' });
const callOf =
  (place: string): Part =>
  () => ({
    kind: 'span',
    message: 'POST',
    attributes: { 'span.kind': 'client', 'server.address': place, 'http.response.status_code': 502 },
  });
const upstream: Part = () => ({ message: 'upstream answered 502' });

/** From the database outwards: statement, line, another line, the caller's call and line, and its caller's call. */
const cascade: readonly (() => Promise<void>)[] = [
  () => each('orders', statement, { ageMs: 60 }),
  () => each('orders', line, { ageMs: 50 }),
  () => each('orders', afterthought, { ageMs: 40 }),
  () => each('gateway', callOf('orders.internal'), { ageMs: 30 }),
  () => each('gateway', upstream, { ageMs: 20 }),
  () => each('web', callOf('gateway.internal'), { ageMs: 10 }),
];

async function alerts(): Promise<AlertShape[]> {
  // The answer of GET /api/alerts.
  return (await clocked.ask('GET', '/api/alerts?limit=500')).body['alerts'] as AlertShape[];
}

async function settle(): Promise<void> {
  clocked.nowMs += SETTLED;
  await clocked.told('');
}

describe('a database that refuses connections, its service, its callers', () => {
  test.each([
    ['the database first', cascade],
    ['the outermost service first', cascade.toReversed()],
  ])('are one message, whichever arrives first: %s', async (_name, parts) => {
    for (const part of parts) await part();
    await settle();
    const texts = await clocked.told('');
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/orders → (?:postgresql )?10\.0\.0\.5:5432: /);
    const all = await alerts();
    const root = all.find(({ part_of: partOf }) => partOf === null);
    expect(root?.title).toMatch(/^orders → (?:postgresql )?10\.0\.0\.5:5432: /);
    expect(all.filter(({ part_of: partOf }) => partOf === root?.id)).toHaveLength(4);
  });

  test('end as one message, too', async () => {
    for (const part of cascade) await part();
    await settle();
    clocked.nowMs += 3 * minute;
    const texts = await clocked.told('');
    expect(texts).toHaveLength(2);
    expect(texts[1]).toMatch(/^✅ \*Resolved · dependency fails/);
    expect(texts[1]).toContain('4 more alerts are part of it');
    expect((await alerts()).filter(({ state }) => state !== 'resolved')).toEqual([]);
  });

  test('what outlasts it is told for itself', async () => {
    for (const part of cascade) await part();
    await settle();
    for (let round = 0; round < 8; round += 1) {
      clocked.nowMs += 30 * second;
      await each('gateway', upstream, { ageMs: 20 });
      await clocked.told('');
    }
    const texts = await clocked.told('');
    expect(texts.filter((text) => text.startsWith('✅'))).toHaveLength(1);
    expect(texts.at(-1)).toContain('upstream answered 502');
    expect(texts).toHaveLength(3);
  });
});

test('an error in the code and the calls that it fails are one message: that of the code', async () => {
  await each('gateway', callOf('orders.internal'), { ageMs: 10 });
  await each('gateway', upstream, { ageMs: 10 });
  await each('orders', () => ({ message: 'TypeError: total is undefined' }), { ageMs: 60 });
  await settle();
  const texts = await clocked.told('');
  expect(texts).toHaveLength(1);
  expect(texts[0]).toContain('TypeError: total is undefined');
});

test('a database that many services miss is one message; localhost is another database on each machine', async () => {
  await each('orders', line, { ageMs: 10 });
  await each('carts', line, { ageMs: 10 });
  const here: Part = () => ({ message: 'connect ECONNREFUSED 127.0.0.1:6379' });
  await each('orders', here, { ageMs: 10 });
  await each('carts', here, { ageMs: 10 });
  await settle();
  expect((await clocked.told('10.0.0.5:5432')).map((text) => text.split('\n')[1])).toEqual([
    '`orders → 10.0.0.5:5432: connect ECONNREFUSED 10.0.0.5:5432`',
  ]);
  expect(await clocked.told('127.0.0.1:6379')).toHaveLength(2);
  const all = await alerts();
  const [root] = all.filter(({ title }) => title.startsWith('orders → 10.0.0.5'));
  expect(all.filter(({ part_of: partOf }) => partOf !== null)).toMatchObject([
    { services: ['carts'], part_of: root?.id },
  ]);
});

test('one refused connection is told as one error, not as that of the statement and that of the line', async () => {
  await each('orders', statement, { ageMs: 60, count: 1 });
  await each('orders', line, { ageMs: 50, count: 1 });
  clocked.nowMs += minute;
  await settle();
  await settle();
  expect(await clocked.told('')).toHaveLength(1);
  // Then it goes on, and is more than an error.
  await each('orders', statement, { ageMs: 60 });
  await each('orders', line, { ageMs: 50 });
  await settle();
  const texts = await clocked.told('');
  expect(texts).toHaveLength(2);
  expect(texts[1]).toContain('dependency fails');
});

test('a failure in another request rings for itself', async () => {
  for (const part of cascade.slice(0, 2)) await part();
  seq += 1;
  const record = { level: 'error', message: 'card declined by mistake', trace_id: traceOf(99) } as const;
  await clocked.arrives({ service: 'payments', seqs: [seq], record });
  await settle();
  expect(await clocked.told('')).toHaveLength(2);
});
