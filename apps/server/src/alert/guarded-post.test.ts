/** Webhooks reach public addresses only, whatever their names say the second time. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { guardedPost, isPublic } from './guarded-post.js';

let port = 0;
let hits: string[] = [];
const server = createServer((request, response) => {
  hits.push(String(request.headers.host));
  if (request.url === '/redirect') response.writeHead(302, { location: '/secret' }).end();
  else response.end('ok');
});
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port; // it listens
});
afterAll(() => void server.close());

test.each([
  'http://127.0.0.1:PORT/',
  'http://localhost:PORT/',
  'http://[::1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f.1:PORT/',
  'http://0.0.0.0:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.1/',
  'http://[fd00::1]/',
  'http://[64:ff9b::7f00:1]/',
])('%s is refused, and nothing is sent', async (url) => {
  hits = [];
  const post = guardedPost({ url: url.replace('PORT', String(port)), body: '{}', allowPrivate: false });
  await expect(post).rejects.toMatchObject({ code: 'target_refused' });
  expect(hits).toEqual([]);
});

test('other protocols are refused', async () => {
  const post = guardedPost({ url: 'file:///etc/passwd', body: '', allowPrivate: true });
  await expect(post).rejects.toMatchObject({ code: 'target_refused' });
});

test('a name with one private address among public ones is refused', async () => {
  const resolve = async () => [
    { address: '93.184.216.34', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];
  const post = guardedPost({ url: `http://mixed.example:${port}/`, body: '', allowPrivate: false, resolve });
  await expect(post).rejects.toMatchObject({ code: 'target_refused' });
});

test('a name is looked up once, and the connection goes where that look-up said', async () => {
  let looks = 0;
  const resolve = async () => {
    looks += 1;
    return [{ address: '127.0.0.1', family: 4 }];
  };
  hits = [];
  const answer = await guardedPost({
    url: `http://rebound.example:${port}/`,
    body: '{}',
    allowPrivate: true,
    resolve,
  });
  expect(answer).toMatchObject({ status: 200, text: 'ok' });
  expect(looks).toBe(1);
  expect(hits).toEqual([`rebound.example:${port}`]);
});

test('a redirect is not followed', async () => {
  hits = [];
  const url = `http://127.0.0.1:${port}/redirect`;
  expect((await guardedPost({ url, body: '', allowPrivate: true })).status).toBe(302);
  expect(hits).toHaveLength(1);
});

test('what is public', () => {
  expect(['93.184.216.34', '2606:4700::1111'].every(isPublic)).toBe(true);
  expect(
    ['127.0.0.1', '::1', '100.64.0.1', '192.168.1.1', '224.0.0.1', 'nonsense', '2002:7f00:1::'].some(
      isPublic,
    ),
  ).toBe(false);
});
