/** Node services as their authors write them: Express and Fastify under load, and a pino app with another destination. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program } from '../lib/programs.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures', 'node');
let server: TestServer;
let folder: string;
const programs: Program[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-node-'));
  server = await startTestServer();
});
afterAll(async () => {
  for (const program of programs) await program.stop();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function start(fixture: string, env: NodeJS.ProcessEnv = {}): Program {
  const program = new Program(process.execPath, [join(fixtures, fixture)], {
    SILLOK_URL: server.url,
    SILLOK_KEY: server.key,
    SILLOK_SPOOL_DIR: join(folder, fixture),
    ...env,
  });
  programs.push(program);
  return program;
}

async function everythingVisible(): Promise<void> {
  await until(
    'everything is visible',
    60_000,
    async () => (await server.search({ q: 'x' })).freshness.lag_ms === 0,
  );
}

test('Express under load: three records for each request, each with its order and its trace', async () => {
  const service = start('express.mjs');
  const port = Number((await service.printed(/^(\d+)$/m))[1]);
  const requests = Array.from({ length: 50 }, (_, i) => ({ path: `/orders/${i + 100}` }));
  const load = await autocannon({ url: `http://127.0.0.1:${port}`, connections: 20, amount: 2000, requests });
  expect(load['2xx']).toBe(2000);
  const failed = await fetch(`http://127.0.0.1:${port}/orders/13`);
  expect(failed.status).toBe(500);

  const q = 'service.name:orders kind:access';
  const access = await server.waitFor({ q, from: '-1h' }, 2001);
  expect(access.length).toBe(2001);
  const logs = await server.waitFor({ q: 'service.name:orders kind:log order.id:>0', from: '-1h' }, 4002);
  expect(logs.length).toBe(4002);
  const orderOf = new Map<string, Set<unknown>>();
  for (const record of logs) {
    const set = orderOf.get(record.trace_id ?? '') ?? new Set();
    const { order } = record.attributes;
    orderOf.set(record.trace_id ?? '', set.add(JSON.stringify(order)));
  }
  expect(orderOf.size).toBe(2001);
  expect([...orderOf.values()].every((orders) => orders.size === 1)).toBe(true);

  const error = (await server.search({ q: 'service.name:orders level:error lookup', from: '-1h' }))
    .records[0];
  expect(JSON.stringify(error?.attributes)).toContain('order 13 cannot be read');
  const trace = await server.searchAll({ q: `trace_id:${error?.trace_id}`, from: '-1h', order: 'asc' });
  expect(trace.map((record) => record.message).slice(0, 2)).toEqual(['주문을 찾는다', 'lookup failed']);
  expect(trace.at(-1)?.kind).toBe('access');
  expect((await server.search({ q: 'service.name:orders', from: '-1h' })).gaps).toEqual([]);
});

test('Fastify under load: bodies, context and no password', async () => {
  const service = start('fastify.mjs');
  const port = Number((await service.printed(/^(\d+)$/m))[1]);
  const load = await autocannon({
    url: `http://127.0.0.1:${port}/carts/7`,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    body: JSON.stringify({ sku: 'a1', card: '4111 1111 1111 1111' }),
    connections: 10,
    amount: 1000,
  });
  expect(load['2xx']).toBe(1000);
  const q = 'service.name:cart trace_id:4bf92f3577b34da6a3ce929d0e0e4736';
  const found = await server.waitFor({ q, from: '-1h' }, 3000);
  expect(found.length).toBe(3000);
  expect(found.filter((record) => record.kind === 'access').length).toBe(1000);
  expect(
    found.every((record) => record.kind === 'access' || JSON.stringify(record).includes('"cart":{"id":7}')),
  ).toBe(true);
  const all = JSON.stringify(found);
  expect(all).not.toContain('hunter2');
  expect(all).not.toContain('4111 1111 1111 1111');
});

test('an unmodified pino app: only its destination changed', async () => {
  const program = start('pino.mjs');
  await program.printed(/written/);
  const found = await server.waitFor({ q: 'service.name:pino-app worker:3', from: '-1h', order: 'asc' }, 201);
  expect(found.map((record) => record.message).slice(0, 3)).toEqual(['step 1', 'step 2', 'step 3']);
  expect(found[4]?.attributes).toMatchObject({ i: 5, nested: { a: [1, 2] } });
  expect(found.at(-1)?.level).toBe('error');
  expect(JSON.stringify(found.at(-1))).toContain('bad step');
});

test('with the server away for the whole run, everything arrives later', async () => {
  await everythingVisible();
  await server.stop();
  const program = start('pino.mjs', { SILLOK_SERVICE: 'ignored', SILLOK_SPOOL_DIR: join(folder, 'away') });
  await program.printed(/written/);
  await program.stop('SIGKILL');
  await server.start();
  const before = (await server.searchAll({ q: 'service.name:pino-app worker:3', from: '-1h' })).length;
  expect(before).toBe(201);
  const next = start('pino.mjs', { SILLOK_SPOOL_DIR: join(folder, 'away') });
  await next.printed(/written/);
  const found = await server.waitFor({ q: 'service.name:pino-app worker:3', from: '-1h' }, 603);
  expect(found.length).toBe(603);
});
