/** Real sockets: what is said in one piece, byte by byte, too slowly, not to the end, or by the wrong one. */
import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { sillokHttp } from '../http.js';
import { currentTrace, withTrace } from '../scope.js';
import { createTestLog } from '../test.js';
import { acceptProxyProtocol, withProxyTrace } from './server.js';
import { proxyHeaderOf } from './socket.js';
import { connectWithProxyHeader, proxyHeader } from './write.js';

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const source = { address: '203.0.113.7', port: 5678 };
const destination = { address: '10.0.0.1', port: 443 };
const HEADER = proxyHeader({ source, destination, traceparent: TRACEPARENT });
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port; // it listens
}

function opened(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  ends.push(() => socket.destroy());
  return socket;
}

async function answerOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}

/** Says back what it hears, with who is behind the proxy in front. */
function echo(): Server {
  return acceptProxyProtocol(
    createServer((socket) => {
      socket.write(`${socket.remoteAddress}:${socket.remotePort} ${proxyHeaderOf(socket)?.trace?.traceId}|`);
      socket.pipe(socket);
    }),
  );
}

test.each([
  ['in one piece with the data', [Buffer.concat([HEADER, Buffer.from('hello')])]],
  ['apart from the data', [HEADER, Buffer.from('hello')]],
  ['byte by byte', [...Buffer.concat([HEADER, Buffer.from('hello')])].map((byte) => Buffer.from([byte]))],
])('a header %s: the server hears the data, and knows who speaks', async (_how, pieces) => {
  const socket = opened(await listening(echo()));
  socket.setNoDelay(true);
  const answer = answerOf(socket);
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  socket.end();
  expect(await answer).toBe(`203.0.113.7:5678 ${'a'.repeat(32)}|hello`);
});

test('a header that ends at any byte is refused, and the server never hears of the connection', async () => {
  let connections = 0;
  const refused: string[] = [];
  const onRefused = (reason: string): void => void refused.push(reason);
  const server = acceptProxyProtocol(
    createServer(() => (connections += 1)),
    { onRefused },
  );
  const port = await listening(server);
  const cuts = Array.from({ length: HEADER.length }, (_, length) => HEADER.subarray(0, length));
  const answers = await Promise.all(
    cuts.map(async (part) => {
      const socket = opened(port);
      const answer = answerOf(socket);
      socket.end(part);
      return answer;
    }),
  );
  expect(answers).toEqual(cuts.map(() => ''));
  expect(new Set(refused)).toEqual(new Set(['the connection ended before its header was whole']));
  expect([refused.length, connections]).toEqual([HEADER.length, 0]);
});

test('what drips in slowly is refused after one deadline for all of it', async () => {
  const refused = new Promise((resolve) => {
    const server = acceptProxyProtocol(createServer(), { headerMs: 150, onRefused: resolve });
    void listening(server).then((port) => {
      const socket = opened(port);
      let at = 0;
      const drip = setInterval(() => {
        socket.write(HEADER.subarray(at, at + 1));
        at += 1;
      }, 20);
      ends.push(() => clearInterval(drip));
    });
  });
  expect(await refused).toBe('no whole header within 150 ms');
});

test('garbage is refused at once, with a record, a few a minute', async () => {
  const { log, records, logged } = createTestLog();
  const port = await listening(acceptProxyProtocol(createServer(), { log }));
  const socket = opened(port);
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  await logged({ level: 'warn' });
  expect(records()[0]).toMatchObject({
    attributes: {
      event: { name: 'proxy_protocol.refused' },
      client: { address: '127.0.0.1' },
      reason: expect.stringContaining('does not begin'),
    },
  });
  for (let index = 0; index < 30; index += 1) {
    const next = opened(port);
    next.write('x');
    await once(next, 'close');
  }
  expect(records().length).toBeLessThanOrEqual(20);
});

test('who is not one of the proxies is not listened to', async () => {
  const refused: string[] = [];
  const onRefused = (reason: string): void => void refused.push(reason);
  const server = acceptProxyProtocol(createServer(), { proxies: ['192.0.2.0/24'], onRefused });
  const socket = opened(await listening(server));
  socket.write(HEADER);
  await once(socket, 'close');
  expect(refused).toEqual(['not one of the proxies']);
  expect(() => acceptProxyProtocol(createServer(), { proxies: ['anybody'] })).toThrow(/anybody/);
});

test('an HTTP server behind it: address, port and trace of the connection are on the access record', async () => {
  const { log, logged } = createTestLog();
  const handler = sillokHttp((_request, response) => void response.end(currentTrace()?.traceId), { log });
  const port = await listening(acceptProxyProtocol(createHttpServer(handler), { log }));
  const socket = opened(port);
  const answer = answerOf(socket);
  socket.end(Buffer.concat([HEADER, Buffer.from('GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')]));
  expect(await answer).toContain('a'.repeat(32));
  expect(await logged({ kind: 'access' })).toMatchObject({
    trace_id: 'a'.repeat(32),
    parent_span_id: 'b'.repeat(16),
    attributes: { client: { address: '203.0.113.7', port: 5678 }, proxy: { protocol: 'v2' } },
  });
});

test('a request’s own traceparent counts before that of the connection', async () => {
  const { log, logged } = createTestLog();
  const handler = sillokHttp((_request, response) => void response.end('ok'), { log });
  const port = await listening(acceptProxyProtocol(createHttpServer(handler), { log }));
  const own = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
  await withTrace({ traceparent: TRACEPARENT }, () => {
    return new Promise((resolve, reject) => {
      const call = request(
        {
          path: '/b',
          headers: { traceparent: own, host: 'x' },
          createConnection: (_options, done) => {
            connectWithProxyHeader({ port, host: '127.0.0.1' }).then((socket) => done(null, socket), reject);
            return undefined;
          },
        },
        (response) => response.resume().on('close', resolve),
      );
      call.on('error', reject);
      call.end();
    });
  });
  expect(await logged({ kind: 'access' })).toMatchObject({ trace_id: 'c'.repeat(32) });
});

test('a server that does not speak HTTP continues the trace of its client', async () => {
  const { log, logged } = createTestLog();
  const server = acceptProxyProtocol(
    createServer((socket) => withProxyTrace(socket, () => log.info('spoken to'))),
  );
  const port = await listening(server);
  const socket = await withTrace({ traceparent: TRACEPARENT }, () =>
    connectWithProxyHeader({ port, host: '127.0.0.1' }),
  );
  ends.push(() => socket.destroy());
  expect((await logged({ message: 'spoken to' })).trace_id).toBe('a'.repeat(32));
  await expect(connectWithProxyHeader({ port: 1, host: '127.0.0.1' })).rejects.toThrow(/ECONNREFUSED/);
});
