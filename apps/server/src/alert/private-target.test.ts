/** A whole server as it comes: what a target may reach, until its operator says otherwise. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';
import { HookSink } from './sinks.fixture.js';

const server = new ServerUnderTest();
const hook = new HookSink();
let hookUrl = '';

beforeAll(async () => {
  hookUrl = await hook.start();
  await server.start();
});
afterAll(async () => {
  await server.dispose();
  hook.stop();
});

async function testOf(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const json = { 'content-type': 'application/json' };
  const target = { kind: 'slack_webhook', name: 'ops', url, language: 'en' };
  const made = await server.post('/api/alert-targets', JSON.stringify(target), json);
  if (made.status >= 400) return { status: made.status, text: await made.text() };
  const { id } = (await made.json()) as { id: string };
  const tried = await server.post(`/api/alert-targets/${id}/test`, '{}', json);
  return { status: tried.status, text: await tried.text() };
}

test('a webhook on this machine or in a private network is refused, nothing arrives, and the answer says what to do', async () => {
  const { port } = new URL(hookUrl);
  const urls = [
    hookUrl,
    `http://localhost:${port}`,
    `http://[::ffff:127.0.0.1]:${port}`,
    'http://10.0.0.7/x',
  ];
  for (const url of urls) {
    const { status, text } = await testOf(url);
    expect([url, status >= 400]).toEqual([url, true]);
    expect(text).toContain('SILLOK_ALLOW_PRIVATE_TARGETS');
  }
  expect(hook.texts('/')).toEqual([]);
});
