/** Bodies in flight, over real connections: who holds memory, and who has to wait. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../log.js';
import { createApp } from './app.js';
import { BodyBudget, useRawBodies } from './body.js';

const BUDGET_BYTES = 100_000;
let app: FastifyInstance;
let budget: BodyBudget;
let nowMs = 0;
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  nowMs = 0;
  budget = new BodyBudget(BUDGET_BYTES, () => nowMs);
  app = createApp({ log: createLog('silent'), isStopping: () => false });
  await app.register(async (scope: FastifyInstance) => {
    useRawBodies(scope, budget);
    // The parser of this scope gives Buffers.
    scope.post('/take', async (request) => ({ bytes: (request.body as Buffer).length }));
  });
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

interface Slow {
  readonly socket: Socket;
  readonly answer: () => string;
}

/** Announces a body and sends only a part of it. */
function sendPart(part: Buffer, announced: number, more = ''): Slow {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.on('error', () => undefined);
  socket.write(`POST /take HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${announced}\r\n\r\n`);
  socket.write(part);
  return { socket, answer: () => answer };
}

const post = (bytes: number): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/take`, { method: 'POST', body: Buffer.alloc(bytes) });

test('who announces much and sends nothing keeps nobody out', async () => {
  const stuck = [1, 2, 3, 4].map(() => sendPart(Buffer.from('x'), 16_000_000, 'Content-Encoding: gzip\r\n'));
  await vi.waitFor(() => expect(budget.used).toBe(stuck.length));
  const response = await post(BUDGET_BYTES / 2);
  expect(await response.json()).toEqual({ bytes: BUDGET_BYTES / 2 });
});

test('a body that got stuck gives way to others, with an answer, and not before its time', async () => {
  const stuck = sendPart(Buffer.alloc(80_000), 200_000);
  await vi.waitFor(() => expect(budget.used).toBe(80_000));
  expect((await post(50_000)).status).toBe(429);
  nowMs = 5_001;
  expect((await post(50_000)).status).toBe(200);
  await once(stuck.socket, 'close');
  expect(stuck.answer()).toContain('429 Too Many Requests');
  expect(stuck.answer()).toContain('arrived too slowly');
  expect(budget.used).toBe(0);
});

test('where there is room for all, a slow body is waited for', async () => {
  const slow = sendPart(Buffer.alloc(10), 20);
  await vi.waitFor(() => expect(budget.used).toBe(10));
  nowMs = 60_000;
  expect((await post(50_000)).status).toBe(200);
  slow.socket.write(Buffer.alloc(10));
  await vi.waitFor(() => expect(slow.answer()).toContain('{"bytes":20}'));
});

test('a connection that is cut in the middle of its body gives its room back', async () => {
  const cut = sendPart(Buffer.alloc(80_000), 200_000);
  await vi.waitFor(() => expect(budget.used).toBe(80_000));
  cut.socket.destroy();
  await vi.waitFor(() => expect(budget.used).toBe(0));
});

test('gzip takes room for what it becomes, and gives it back', async () => {
  const bomb = gzipSync(Buffer.alloc(BUDGET_BYTES * 20));
  const headers = { 'content-encoding': 'gzip' };
  const response = await fetch(`http://127.0.0.1:${port}/take`, { method: 'POST', body: bomb, headers });
  expect(response.status).toBe(429);
  await vi.waitFor(() => expect(budget.used).toBe(0));
});

test.each([
  ['half a request', 'POST /take HTTP/1.1\r\nContent-Len', 400, 'request_broken'],
  [
    'two lengths',
    'POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
    400,
    'request_broken',
  ],
  ['the beginning of TLS', '\u0016\u0003\u0001\u0000\u00c8\u0001', 400, 'tls_refused'],
  [
    'headers that are too long',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'an empty Content-Type',
    'POST /take HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: \r\nContent-Length: 1\r\n\r\nx',
    415,
    'content_type_refused',
  ],
])('%s is refused in the shape of all errors', async (...[, request, status, code]) => {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.end(Buffer.from(request, 'latin1'));
  await once(socket, 'close');
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { error: Record<string, string> };
  expect(Object.keys(body.error)).toEqual(['code', 'message', 'help']);
  expect(body.error['code']).toBe(code);
});
