import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from 'node:http';

import { isLoopbackAddress } from './auth.js';
import { body, line, ServerUnderTest } from './server.fixture.js';

const server = new ServerUnderTest({ openLoopback: true });
beforeAll(() => server.start());
afterAll(() => server.dispose());

/** fetch does not let a caller choose Host. */
function post(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const sent = body({ producer: 'open', boot: 'b' }, [line(1)]);
  return new Promise((resolve, reject) => {
    const call = request(server.running.url + path, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject).end(sent);
  });
}

test('open loopback takes records without a key from a program on this machine', async () => {
  expect(await post('/v1/records', {})).toBe(200);
  expect(await post('/v1/records', { host: 'localhost:4318' })).toBe(200);
});

test.each<readonly [string, Record<string, string>]>([
  ['a name that was rebound to loopback', { host: 'evil.example' }],
  ['a page of another origin', { origin: 'https://evil.example' }],
  ['a page without origin, by what the browser says of it', { 'sec-fetch-site': 'cross-site' }],
  ['a page whose origin is hidden', { origin: 'null' }],
])('open loopback refuses %s', async (_, headers) => {
  expect(await post('/v1/records', headers)).toBe(403);
});

test('open loopback is for ingest: keys are not listed to anybody', async () => {
  expect((await fetch(`${server.running.url}/api/keys`)).status).toBe(403);
});

test('a wrong key is refused even where none is needed', async () => {
  expect(await post('/v1/records', { authorization: 'Bearer nope' })).toBe(401);
});

test('loopback is told from other addresses', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].every(isLoopbackAddress)).toBe(true);
  expect(['10.0.0.1', '::ffff:10.0.0.1', 'localhost', undefined, '128.0.0.1'].some(isLoopbackAddress)).toBe(
    false,
  );
});
