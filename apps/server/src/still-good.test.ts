/** Rights that end while an answer is being made. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { ROUTES } from '@sillok/api';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { createAuthenticator } from './auth.js';
import { createApp } from './http/app.js';
import { createLog } from './log.js';
import { line, ServerUnderTest } from './server.fixture.js';
import { KeyRing, makeKey } from './settings/keys.js';
import { refuseLateAnswers } from './still-good.js';

const server = new ServerUnderTest();
beforeAll(() => server.start());
afterAll(() => server.dispose());

interface Key {
  readonly id: string;
  readonly key: string;
}

async function newKey(): Promise<Key> {
  const json = { 'content-type': 'application/json' };
  const made = await server.post('/api/keys', JSON.stringify({ name: 'k', scopes: ['read'] }), json);
  return (await made.json()) as Key; // the answer of a call that was taken
}

function revoke({ id }: Key): Promise<Response> {
  const { url, devKey } = server.running;
  return fetch(`${url}/api/keys/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${devKey}` } });
}

/** A connection that is read only when somebody does. */
async function begin(path: string, { key }: Key): Promise<IncomingMessage> {
  const call = httpRequest(server.running.url + path, { headers: { authorization: `Bearer ${key}` } }).end();
  const [response] = (await once(call, 'response')) as [IncomingMessage]; // what the event carries
  return response;
}

test('an export breaks off when its key is revoked', async () => {
  const count = 10_000;
  const text = 'x'.repeat(4_000);
  for (let from = 1; from <= count; from += 2_000) {
    const lines = Array.from({ length: 2_000 }, (_, index) => line(from + index, { message: text }));
    expect((await server.send({ producer: 'much', boot: 'b' }, lines)).status).toBe(200);
  }
  await server.visible();
  const key = await newKey();
  const response = await begin('/api/export?q=producer:much&format=ndjson', key);
  expect([response.statusCode, response.headers['sillok-records']]).toEqual([200, String(count)]);
  expect((await revoke(key)).status).toBe(200);
  let got = 0;
  const reading = (async () => {
    for await (const piece of response) got += String(piece).split('\n').length - 1;
  })();
  await expect(reading).rejects.toThrow(/aborted/);
  expect(got).toBeLessThan(count);
}, 120_000);

test('an answer that is ready after its key was revoked is not given; what a change answers is', async () => {
  const keys = new KeyRing();
  const auth = createAuthenticator({ keys, openLoopback: false });
  const app = createApp({ log: createLog('silent'), isStopping: () => false });
  refuseLateAnswers(app, auth);
  const done = new Map<string, () => void>();
  for (const url of [ROUTES.sql, ROUTES.keys]) {
    app.post(url, async (request) => {
      auth.authenticate(request, 'read');
      await new Promise<void>((resolve) => done.set(url, resolve));
      return { rows: ['secret'] };
    });
  }
  const { key, stored } = makeKey({ name: 'k', project: 'default', scopes: ['read'] }, '');
  keys.apply({ change: 'key.create', key: stored });
  const ask = (url: string) =>
    app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${key}` }, payload: {} });
  const [statement, change] = [ask(ROUTES.sql), ask(ROUTES.keys)];
  await vi.waitFor(() => expect(done.size).toBe(2));
  keys.apply({ change: 'key.revoke', id: stored.id, at: '2026-11-25T00:00:00Z' });
  for (const resolve of done.values()) resolve();
  expect([(await statement).statusCode, (await change).statusCode]).toEqual([401, 200]);
  expect((await statement).body).not.toContain('secret');
  await app.close();
});
