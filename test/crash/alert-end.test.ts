/** The server is killed between the message that something fails and the one that it is over: neither is lost, each is one. */
import type { AlertShape } from '@sillok/api';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const hook = new HookSink();
let server: TestServer;

beforeAll(async () => {
  const url = await hook.start();
  server = await startTestServer({ SILLOK_ALLOW_PRIVATE_TARGETS: '1', SILLOK_ALERT_RESOLVE_SECONDS: '5' });
  const target = { kind: 'slack_webhook', name: 'ops', url };
  const json = { 'content-type': 'application/json' };
  expect((await server.post('/api/alert-targets', JSON.stringify(target), json)).status).toBe(201);
});
afterAll(async () => {
  await server.dispose();
  hook.stop();
});

const told = (service: string) =>
  hook.received.filter(({ body }) => String(body['text']).includes(`${service} → 10.0.0.9:5432`));

async function refused(service: string, count: number): Promise<void> {
  const more = { level: 'error', message: 'connect ECONNREFUSED 10.0.0.9:5432' };
  const nowMs = Date.now();
  const lines = Array.from({ length: count }, (_, index) =>
    recordLine(index + 1, timeAt(nowMs, index), more),
  );
  await postUntilTaken(server, { producer: service, boot: 'b', service }, lines);
}

test('killed in between, it tells the end once, with the count of before and without a second beginning', async () => {
  await refused('orders', 40);
  await until('it is told', 30_000, async () => told('orders').length === 1);
  await server.stop('SIGKILL');
  await server.start();
  await until('the end is told', 60_000, async () =>
    told('orders').some(({ body }) => String(body['text']).includes('Resolved')),
  );
  await server.stop('SIGKILL');
  await server.start();
  // What is told of another outage now comes after anything that there might still be to tell of this one.
  await refused('payments', 3);
  await until('another is told', 30_000, async () => told('payments').length > 0);
  const states = told('orders').map(({ body }) => /\*(\w+) ·/.exec(String(body['text']))?.[1]);
  const ids = new Set(told('orders').map(({ headers }) => headers['x-sillok-delivery']));
  // A kill between telling and noting it tells once more, under the same id; so there are two ids, in this order.
  expect(ids.size).toBe(2);
  expect(states.filter((state, index) => state !== states[index - 1])).toEqual(['New', 'Resolved']);
  const { alerts } = await server.get<{ alerts: AlertShape[] }>('/api/alerts?state=resolved');
  expect(alerts.find(({ services }) => services.includes('orders'))).toMatchObject({
    state: 'resolved',
    count: 40,
    came_back: false,
  });
});
