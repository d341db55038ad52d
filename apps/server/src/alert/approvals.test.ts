/** What waits for a second person is told at once, with the way to where it is decided, and is over when somebody has decided. */
import { createClient, type AlertShape, type Client } from '@sillok/api';
import { encodeRecord } from '@sillok/record';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ServerUnderTest, until } from '../server.fixture.js';
import { HookSink } from './sinks.fixture.js';

const hook = new HookSink();
const server = new ServerUnderTest({ allowPrivateTargets: true, publicUrl: 'https://sillok.shop.example' });
let client: Client;
let seq = 0;

beforeAll(async () => {
  const url = `${await hook.start()}/hook`;
  await server.start();
  client = createClient({ url: server.running.url, key: server.running.devKey });
  const target = { kind: 'slack_webhook', name: 'ops', url, language: 'ko' };
  const made = await server.post('/api/alert-targets', JSON.stringify(target), {
    'content-type': 'application/json',
  });
  expect(made.status).toBe(201);
});
afterAll(async () => {
  await server.dispose();
  hook.stop();
});

interface Step {
  readonly action: string;
  readonly by: string;
  readonly arguments: object;
  readonly outcome?: string;
}

/** An entry as `@sillok/admin` writes it. */
async function record({ action, by, outcome = 'committed', arguments: given }: Step): Promise<void> {
  seq += 1;
  const entity = action.startsWith('script.') ? 'script/fix-grades' : 'order/7';
  const [type = '', id = ''] = entity.split('/');
  const attributes = {
    'audit.id': `a-${seq}`,
    'audit.action': action,
    'audit.outcome': outcome,
    'audit.entity.type': type,
    'audit.entity.id': id,
    'audit.actor.type': 'admin',
    'audit.actor.id': `user:${by}`,
    'audit.actor.name': by,
    'audit.via.door': 'console',
    'audit.via.service': 'shop',
    ...given,
  };
  const time = `${new Date().toISOString().slice(0, -1)}000000Z`;
  const line = encodeRecord({ seq, time, kind: 'audit', level: 'info', message: action, attributes });
  const header = { sillok: 1, producer: 'shop-1', boot: 'b1', resource: { 'service.name': 'shop' } };
  const answer = await client.postRecords(`${JSON.stringify({ ...header, encoding: 'flat' })}\n${line}\n`);
  expect(answer.rejected).toEqual([]);
}

async function approvals(): Promise<readonly AlertShape[]> {
  const { url, devKey } = server.running;
  const response = await fetch(`${url}/api/alerts?state=all`, {
    headers: { authorization: `Bearer ${devKey}` },
  });
  // The answer of GET /api/alerts.
  const { alerts } = (await response.json()) as { readonly alerts: readonly AlertShape[] };
  return alerts.filter(({ kind }) => kind === 'approval');
}

const run = { 'audit.arguments.run': '01a21336-b7a0-7f12-acb1-ca4ea1b09ef9' };

test('a script that waits is told with a link to its run, and resolved by who approved it', async () => {
  await record({ action: 'script.apply.requested', by: 'Kim', arguments: run });
  await until(() => hook.texts('/hook').length === 1);
  const [text = ''] = hook.texts('/hook');
  expect(text).toContain('승인 대기');
  expect(text).toContain('script fix-grades · script.apply · Kim');
  expect(text).toContain(
    `<https://sillok.shop.example/scripts/shop/${run['audit.arguments.run']}?project=default|`,
  );
  await until(async () => (await approvals()).length === 1);
  const [alert] = await approvals();
  expect(alert).toMatchObject({ state: 'open', place: `/scripts/shop/${run['audit.arguments.run']}` });
  // Trying it once more decides nothing.
  await record({ action: 'script.plan', by: 'Kim', arguments: run });
  await record({ action: 'script.apply', by: 'Lee', arguments: run });
  await until(async () => (await approvals())[0]?.state === 'resolved');
  expect((await approvals())[0]?.events.at(-1)).toMatchObject({ what: expect.stringMatching(/resolved/) });
});

test('an action that waits is told once, not with its intent, and is over when it is turned down', async () => {
  const request = { 'audit.arguments.four_eyes.request': 'r-1' };
  await record({ action: 'order.refund.requested', by: 'Kim', arguments: request, outcome: 'intent' });
  await record({ action: 'order.refund.requested', by: 'Kim', arguments: request });
  await until(async () => (await approvals()).some(({ state }) => state === 'open'));
  const open = (await approvals()).filter(({ state }) => state === 'open');
  expect(open).toMatchObject([{ title: 'order 7 · order.refund · Kim', place: '/admin', count: 1 }]);
  await record({ action: 'order.refund.rejected', by: 'Lee', arguments: request });
  await until(async () => (await approvals()).every(({ state }) => state === 'resolved'));
  // What nobody asked for is no request.
  await record({ action: 'order.refund', by: 'Lee', arguments: {} });
  expect(await approvals()).toHaveLength(2);
});
