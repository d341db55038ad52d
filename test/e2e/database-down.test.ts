/**
 * The shop's PostgreSQL stops while every process stays up and says that it is well: one message within the time of the rule,
 * judged by the times that the alert itself keeps; hundreds of failures later it is still one; and when PostgreSQL is back the
 * alert ends by itself and says how long it was.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertShape } from '@sillok/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { startShop, type Shop } from '../../examples/shop/shop.mjs';
import { createCustomer, order, signIn, type Customer } from '../../examples/shop/traffic.mjs';
import { postgresMissing } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const isMissing = postgresMissing !== undefined;
/** Instead of two minutes, so that the test does not wait for them. */
const RESOLVE_SECONDS = 8;
const TOLD_WITHIN_MS = 60_000;
const MORE_FAILURES = 200;
const hook = new HookSink();
let server: TestServer;
let shop: Shop;
let folder: string;
let customer: Customer;

beforeAll(async () => {
  if (isMissing) return;
  const url = await hook.start();
  server = await startTestServer({
    SILLOK_ALLOW_PRIVATE_TARGETS: '1',
    SILLOK_ALERT_RESOLVE_SECONDS: String(RESOLVE_SECONDS),
  });
  const target = { kind: 'slack_webhook', name: 'ops', url: `${url}/ops`, severity_min: 'critical' };
  const json = { 'content-type': 'application/json' };
  expect((await server.post('/api/alert-targets', JSON.stringify(target), json)).status).toBe(201);
  folder = mkdtempSync(join(tmpdir(), 'sillok-database-down-'));
  shop = await startShop({ url: server.url, key: server.key, folder });
  customer = createCustomer(1, shop, { subject: 'buyer', nickname: 'Minji', provider: 'haneul' });
  expect(await signIn(customer)).toBe(true);
  expect((await order(customer, 'tea')).status).toBe(201);
});
afterAll(async () => {
  await shop?.stop();
  await server?.dispose();
  hook.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function outage(): Promise<AlertShape | undefined> {
  const { alerts } = await server.get<{ alerts: AlertShape[] }>('/api/alerts');
  return alerts.find(({ kind, services }) => kind === 'dependency' && services.includes('orders'));
}

const told = (): string[] => hook.texts('/ops').filter((text) => text.includes('orders →'));

async function healthOf(name: string): Promise<number> {
  const port = shop.children.get(name)?.ports?.[0];
  return (await fetch(`http://127.0.0.1:${port}/health`)).status;
}

test.skipIf(isMissing)(
  `a database that is stopped under healthy processes is told by itself, once, and ends by itself (${postgresMissing ?? 'PostgreSQL'})`,
  { timeout: 240_000 },
  async () => {
    await shop.haltDatabase?.();
    await until('it is told', TOLD_WITHIN_MS, async () => {
      expect((await order(customer, 'tea')).status).toBeGreaterThanOrEqual(500);
      expect(await healthOf('orders')).toBe(200);
      return told().length > 0;
    });
    const [first = ''] = told();
    expect(first).toMatch(/^🔴 \*New · dependency fails/);
    expect(first).toMatch(/ECONNREFUSED/);
    const opened = await outage();
    const toldEvent = opened?.events.find(({ what }) => what === 'told_open');
    const afterMs = Date.parse(toldEvent?.time ?? '') - Date.parse(opened?.first_time ?? '');
    expect(afterMs).toBeGreaterThan(0);
    expect(afterMs).toBeLessThanOrEqual(TOLD_WITHIN_MS);

    for (let count = 0; count < MORE_FAILURES; count += 20)
      await Promise.all(Array.from({ length: 20 }, () => order(customer, 'tea')));
    await until('all are counted', 60_000, async () => ((await outage())?.count ?? 0) >= MORE_FAILURES);
    expect(told()).toEqual([first]);

    await shop.restartDatabase?.();
    await until('an order succeeds', 60_000, async () => (await order(customer, 'tea')).status === 201);
    await server.waitFor({ q: 'service.name:orders message:ordered' }, 2);
    await until('it has ended', 60_000, async () => told().length > 1);
    const ended = await outage();
    expect(ended).toMatchObject({ state: 'resolved', people: 1 });
    expect(told()).toHaveLength(2);
    expect(told()[1]).toMatch(/^✅ \*Resolved · dependency fails/);
    expect(told()[1]).toMatch(/went unnoticed for \d+ s · lasted (?:\d+ min )?\d+ s/);
    // By itself: nobody pressed anything.
    expect(ended?.events.find(({ what }) => what === 'resolved')?.by).toBeNull();
  },
);
