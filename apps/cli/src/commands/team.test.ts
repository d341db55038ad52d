/** user and alert against a real server. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestServer } from '../running-server.case.js';
import type { TestServer } from '../running-server.case.js';

const EVIL = '\u001b[2J결제 실패';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test('alerts are listed without obeying their text, and acknowledged and resolved by their id', async () => {
  expect((await server.run(['alert', 'list'])).err).toContain('Nothing is wrong');
  const header = { sillok: 1, producer: 'p', boot: 'b', resource: { 'service.name': 'shop' } };
  const record = { seq: 1, time: new Date().toISOString(), kind: 'log', level: 'error', message: EVIL };
  await server.client.postRecords([header, record].map((value) => JSON.stringify(value)).join('\n'));
  const list = async () => (await server.run(['alert', 'list', '--json'])).json().alerts;
  await vi.waitFor(async () => expect(await list()).toHaveLength(1), { timeout: 20_000, interval: 50 });
  const shown = await server.run(['alert', 'list']);
  expect(shown.out).toContain('결제 실패');
  expect(shown.out).not.toContain('\u001b[2J');
  const [{ id }] = await list();
  expect((await server.run(['alert', 'acknowledge', id])).out).toMatch(/is acknowledged/);
  expect((await server.run(['alert', 'resolve', id, '--json'])).json()).toMatchObject({ state: 'resolved' });
  expect(await list()).toEqual([]);
  expect((await server.run(['alert', 'list', '--all', '--json'])).json().alerts).toHaveLength(1);
  expect((await server.run(['alert', 'resolve', 'nobody'])).exitCode).not.toBe(0);
});

test('somebody is invited, and listed and removed once they have joined', async () => {
  const made = await server.run(['user', 'invite', 'lee@shop.example', '--role', 'member']);
  const secret = /#invitation=(\S+)/.exec(made.out)?.[1];
  expect((await server.run(['user', 'invite', 'not an address'])).exitCode).not.toBe(0);
  const { url } = server.server;
  const joined = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ invitation: secret, name: '이', password: 'a sentence as password' }),
  });
  expect(joined.status).toBe(200);
  const { members } = (await server.run(['user', 'list', '--json'])).json();
  expect(members).toMatchObject([{ email: 'lee@shop.example', name: '이', role: 'member' }]);
  expect((await server.run(['user', 'remove', members[0].id])).exitCode).toBe(0);
  expect((await server.run(['user', 'list', '--json'])).json()).toEqual({ members: [] });
});
