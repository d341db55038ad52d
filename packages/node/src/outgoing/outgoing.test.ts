/** Real calls over real sockets: fetch, undici, node:http, axios, each answered, refused, torn, timed out and given up. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import http, { request as requestByName } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import axios from 'axios';
import type { Envelope } from '@sillok/record';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sillokHttp } from '../http.js';
import { outgoingHeaders, withTrace } from '../scope.js';
import type { Logger } from '../logger.js';
import { sillok } from '../sillok.js';
import { createTestLog } from '../test.js';
import { instrumentOutgoing, withAttempt } from './instrument.js';

const BAGGAGE = { baggage: 'sillok.global_trace_id=story-7,customer=acme' };
const { log, logged, records, clear } = createTestLog();
let server: Server;
let url: string;
let seen: IncomingMessage['headers'][] = [];
let release: () => void = () => undefined;
/** Statuses that the next requests are answered with; then 200. */
let answers: number[] = [];

beforeAll(async () => {
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push(request.headers);
    request.resume();
    if (request.url?.startsWith('/silent') === true) return;
    if (request.url?.startsWith('/torn') === true) {
      response.writeHead(200, { 'content-length': '100' });
      response.write('part', () => response.destroy());
      return;
    }
    response.statusCode = answers.shift() ?? 200;
    response.end('{"ok":true}');
  };
  server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens
});
beforeEach(() => {
  clear();
  seen = [];
  answers = [];
});
afterEach(() => release());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const spans = (): Envelope[] => records({ kind: 'span' });
const attributesOf = (span: Envelope | undefined): object => span?.attributes ?? {};

function plain(target: string, options: http.RequestOptions = {}, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(target, options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('close', () => (response.complete ? resolve(text) : reject(new Error('torn'))));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const clients: {
  readonly name: string;
  readonly get: (target: string, options?: Call) => Promise<unknown>;
}[] = [
  {
    name: 'fetch',
    get: async (target, { signal, headers, method } = {}) => {
      const init = { ...(signal && { signal }), ...(headers && { headers }), ...(method && { method }) };
      return (await fetch(target, init)).text();
    },
  },
  { name: 'node:http', get: (target, options = {}) => plain(target, options) },
  {
    name: 'axios',
    get: (target, { signal, headers, method = 'GET' } = {}) =>
      axios.request({
        url: target,
        method,
        ...(signal && { signal }),
        ...(headers && { headers }),
        proxy: false,
      }),
  },
];

interface Call {
  readonly signal?: AbortSignal;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

for (const { name, get } of clients) {
  describe(name, () => {
    beforeEach(() => {
      release = instrumentOutgoing({ log });
    });

    test('a call is a client span below the current one, and the called service hangs below it', async () => {
      await withTrace(BAGGAGE, () => log.span('checkout', () => get(`${url}/orders/7?token=secret`)));
      const [call, checkout] = spans();
      expect(call).toMatchObject({
        level: 'info',
        message: 'GET /orders/7',
        parent_span_id: checkout?.span_id,
        global_trace_id: 'story-7',
        attributes: {
          span: { kind: 'client', start_time: expect.any(String) },
          http: { request: { method: 'GET' }, response: { status_code: 200 } },
          server: { address: '127.0.0.1', port: Number(new URL(url).port) },
          url: { path: '/orders/7', scheme: 'http' },
        },
      });
      expect(JSON.stringify(call)).not.toContain('secret');
      expect(seen[0]).toMatchObject({
        traceparent: `00-${call?.trace_id}-${call?.span_id}-03`,
        baggage: expect.stringContaining('story-7'),
      });
    });

    test('outside of a request a call begins a trace', async () => {
      await get(`${url}/job`);
      expect(seen[0]?.['traceparent']).toContain(spans()[0]?.trace_id);
    });

    test('a header of outgoingHeaders() gives way to the span; a stranger’s trace is passed on untouched', async () => {
      const stranger = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await withTrace({}, async () => {
        await get(`${url}/a`, { headers: outgoingHeaders() });
        await get(`${url}/b`, { headers: { traceparent: stranger } });
      });
      const [own] = spans();
      expect(seen[0]?.['traceparent']).toContain(own?.span_id);
      expect(seen[1]?.['traceparent']).toBe(stranger);
    });

    test('answers that fail have a level, a status and an error.type', async () => {
      answers = [404, 503];
      await get(`${url}/missing`).catch(() => undefined);
      await get(`${url}/broken`).catch(() => undefined);
      expect(spans()).toMatchObject([
        { level: 'warn', attributes: { error: { type: '404' }, otel: { status_code: 'ERROR' } } },
        { level: 'error', attributes: { error: { type: '503' }, otel: { status_code: 'ERROR' } } },
      ]);
    });

    test('refused, not found, torn, timed out and given up: each has its error.type', async () => {
      const closed = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => closed.once('listening', resolve));
      const { port } = closed.address() as AddressInfo; // it listened
      await new Promise((resolve) => closed.close(resolve));
      await expect(get(`http://127.0.0.1:${port}/`)).rejects.toThrow();
      await expect(get('http://nowhere.invalid/')).rejects.toThrow();
      await expect(get(`${url}/torn`)).rejects.toThrow();
      await expect(get(`${url}/silent/late`, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
      await logged({ message: 'GET /silent/late' });
      const abort = new AbortController();
      const arrived = new Promise((resolve) => server.once('request', resolve));
      const given = get(`${url}/silent/dropped`, { signal: abort.signal });
      await arrived;
      abort.abort();
      await expect(given).rejects.toThrow();
      await logged({ message: 'GET /silent/dropped' });
      const types = spans().map(({ attributes }) => Reflect.get(Object(attributes['error']), 'type'));
      expect(types[0]).toBe('ECONNREFUSED');
      expect(types[1]).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
      expect(types[2]).toMatch(/^(UND_ERR_SOCKET|aborted|ECONNRESET)$/);
      // axios says of both only that the caller's signal ended them.
      expect(types.slice(3)).toEqual([name === 'axios' ? 'aborted' : 'timeout', 'aborted']);
      for (const span of spans()) expect(span.level).toBe('error');
    });

    test('the same call after a failure counts as sent again, with the evidence; after a success it does not', async () => {
      answers = [503, 503, 200, 200];
      await withTrace({}, async () => {
        for (let index = 0; index < 4; index += 1) await get(`${url}/stock/7`).catch(() => undefined);
        await get(`${url}/stock/8`);
      });
      const resends = spans().map((span) => Reflect.get(Object(attributesOf(span)), 'http').request);
      expect(resends).toEqual([
        { method: 'GET' },
        { method: 'GET', resend_count: 1, resend_evidence: 'same_call' },
        { method: 'GET', resend_count: 2, resend_evidence: 'same_call' },
        { method: 'GET' },
        { method: 'GET' },
      ]);
    });

    test('a POST counts as sent again only with an idempotency key or when the host says so', async () => {
      answers = [503, 503, 503, 200, 503];
      const key = { 'idempotency-key': 'order-7-raw-key' };
      await withTrace({}, async () => {
        await get(`${url}/pay`, { method: 'POST' }).catch(() => undefined);
        await get(`${url}/pay`, { method: 'POST' }).catch(() => undefined);
        await get(`${url}/pay`, { method: 'POST', headers: key }).catch(() => undefined);
        await get(`${url}/pay`, { method: 'POST', headers: key });
        await withAttempt(3, () => get(`${url}/pay`, { method: 'POST' })).catch(() => undefined);
      });
      const resends = spans().map((span) => Reflect.get(Object(attributesOf(span)), 'http').request);
      expect(resends).toMatchObject([
        { method: 'POST' },
        { method: 'POST' },
        { method: 'POST' },
        { resend_count: 1, resend_evidence: 'idempotency_key' },
        { resend_count: 2, resend_evidence: 'attempt' },
      ]);
      expect(resends.map((each: object) => 'resend_count' in each)).toEqual([
        false,
        false,
        false,
        true,
        true,
      ]);
      expect(spans()[3]?.attributes).toMatchObject({
        request: { idempotency_key: expect.stringMatching(/^[0-9a-f]{32}$/) },
      });
      expect(JSON.stringify(records())).not.toContain('raw-key');
    });

    test('calls that overlap are not repetitions', async () => {
      answers = [503, 503];
      await withTrace({}, () => Promise.allSettled([get(`${url}/stock/7`), get(`${url}/stock/7`)]));
      for (const span of spans()) expect(JSON.stringify(span.attributes)).not.toContain('resend');
    });
  });
}

test('a fetch that times out before its connection stands says so, and one that is given up then, too', async () => {
  release = instrumentOutgoing({ log });
  const reasons = [new DOMException('too late', 'TimeoutError'), undefined];
  for (const reason of reasons) {
    const service = createServer().listen(0, '127.0.0.1');
    await once(service, 'listening');
    const { port } = service.address() as AddressInfo; // it listens
    const gone = new AbortController();
    // As soon as `fetch` has returned; a connection needs a turn of the event loop.
    const giveUp = (): void => queueMicrotask(() => gone.abort(reason));
    subscribe('undici:client:beforeConnect', giveUp);
    await expect(fetch(`http://127.0.0.1:${port}/late`, { signal: gone.signal })).rejects.toThrow();
    unsubscribe('undici:client:beforeConnect', giveUp);
    await logged({ message: 'GET /late' });
    service.closeAllConnections();
    await new Promise((resolve) => service.close(resolve));
    expect(spans()).toMatchObject([
      { attributes: { error: { type: reason === undefined ? 'aborted' : 'timeout' } } },
    ]);
    clear();
  }
});

test('the record of the called service has the hash of the same idempotency key', async () => {
  release = instrumentOutgoing({ log });
  const handler = sillokHttp((_request, response) => void response.end('ok'), { log });
  const service = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => service.once('listening', resolve));
  const { port } = service.address() as AddressInfo; // it listens
  const headers = { 'idempotency-key': 'k-1', connection: 'close' };
  await plain(`http://127.0.0.1:${port}/pay`, { method: 'POST', headers });
  await new Promise((resolve) => service.close(resolve));
  const [call] = spans();
  const [access] = records({ kind: 'access' });
  expect(access?.parent_span_id).toBe(call?.span_id);
  expect(access?.attributes['request']).toEqual(call?.attributes['request']);
});

describe('hosts', () => {
  test('a foreign host gets the bare trace or nothing, one of ours gets all', async () => {
    const foreign = `http://shop.example.com:${new URL(url).port}/x`;
    const ask = async (own: Logger, options: object): Promise<IncomingMessage['headers'] | undefined> => {
      release();
      release = instrumentOutgoing({ log: own, ...options });
      seen = [];
      await withTrace(BAGGAGE, () => plain(foreign, { lookup: toLoopback }));
      return seen[0];
    };
    const bare = await ask(log, {});
    expect([typeof bare?.['traceparent'], bare?.['baggage']]).toEqual(['string', undefined]);
    const nothing = await ask(log, { foreignHosts: 'nothing' });
    expect([nothing?.['traceparent'], nothing?.['baggage']]).toEqual([undefined, undefined]);
    const ours = createTestLog({ context: { insideHosts: ['*.example.com'] } });
    expect((await ask(ours.log, {}))?.['baggage']).toContain('story-7');
  });

  const toLoopback: http.RequestOptions['lookup'] = (_host, options, done) => {
    if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  };
});

test('imports by name and http.get are watched, headers given as a list are not touched', async () => {
  release = instrumentOutgoing({ log });
  await withTrace({}, async () => {
    await new Promise<void>((resolve) => {
      requestByName(`${url}/named`, (response) => response.resume().on('close', resolve)).end();
    });
    await new Promise<void>((resolve) => {
      http.get(`${url}/got`, (response) => void response.resume().on('close', resolve));
    });
    const headers = ['Host', new URL(url).host];
    await plain(`${url}/list`, { headers });
  });
  expect(spans().map(({ message }) => message)).toEqual(['GET /named', 'GET /got', 'GET /list']);
  expect(seen.map((headers) => typeof headers['traceparent'])).toEqual(['string', 'string', 'undefined']);
});

test('an answer nobody listens for and an error nobody listens for behave as without us', async () => {
  release = instrumentOutgoing({ log });
  const request = http.get(`${url}/unheard`);
  await new Promise((resolve) => request.once('close', resolve));
  expect(spans()[0]).toMatchObject({ message: 'GET /unheard', level: 'info' });
  expect(request.listenerCount('error') + request.listenerCount('response')).toBe(0);
});

test('after its end nothing is recorded, and the modules are as they were', async () => {
  const before = http.request;
  const fetchBefore = globalThis.fetch;
  release = instrumentOutgoing({ log });
  expect(http.request).not.toBe(before);
  expect(globalThis.fetch).not.toBe(fetchBefore);
  release();
  expect(http.request).toBe(before);
  expect(globalThis.fetch).toBe(fetchBefore);
  await plain(`${url}/x`);
  await (await fetch(`${url}/x`)).text();
  expect(spans()).toEqual([]);
});

test('what is ignored is neither recorded nor continued', async () => {
  release = instrumentOutgoing({ log, ignore: (_host, path) => path === '/livez' });
  await withTrace({}, () => plain(`${url}/livez`));
  expect([spans(), seen[0]?.['traceparent']]).toEqual([[], undefined]);
});

test('the shipper’s own calls make no spans: each of them would have to be shipped, too', async () => {
  const spoolDirectory = mkdtempSync(join(tmpdir(), 'sillok-outgoing-'));
  const shipped: string[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      shipped.push(gunzipSync(Buffer.concat(chunks)).toString());
      response.end('{"accepted_through":1000,"rejected":[]}');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => receiver.once('listening', resolve));
  const own = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`; // it listens
  const shipping = sillok({ service: 'shipping', url: own, spoolDirectory, captureFatal: false });
  release = instrumentOutgoing({ log: shipping });
  shipping.info('to be shipped');
  await plain(`${url}/recorded`);
  await shipping.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  rmSync(spoolDirectory, { recursive: true });
  const names = [...shipped.join('').matchAll(/"kind":"span","level":"info","message":"([^"]*)"/g)];
  expect(names.map(([, message]) => message)).toEqual(['GET /recorded']);
});
