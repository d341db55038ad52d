/**
 * Every cell of docs/reference/protocols.md, on the real server: what is taken is found by search, an identical retry adds
 * what the table says, and bad input gets a verdict and costs nothing else.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createClient } from '@sillok/api';
import type { Client } from '@sillok/api';
import { compress } from 'snappyjs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { presetConfig } from '../config.js';
import { startServer } from '../main.js';
import type { RunningServer } from '../main.js';
import { encodeLoki } from './loki-schema.js';
import { encodeOtlp } from './otlp-schema.js';

const directory = mkdtempSync(join(tmpdir(), 'sillok-protocols-'));
let server: RunningServer;
let client: Client;
let syslogPort: number;

beforeAll(async () => {
  syslogPort = await freePort();
  const { retention } = presetConfig();
  const changes = {
    dataDirectory: directory,
    port: 0,
    logLevel: 'silent',
    ballastBytes: 0,
    syslogPort,
  } as const;
  // Times here are fixed, and the record's own time decides when it goes: here none does.
  const forever = Object.fromEntries(Object.keys(retention).map((kind) => [kind, { days: 0, diskBytes: 0 }]));
  // The kinds are those of the preset.
  server = await startServer(presetConfig({ ...changes, retention: forever as typeof retention }));
  client = createClient({ url: server.url, key: server.devKey });
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      // It listens on TCP, so it has an address with a port.
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

const word = (): string => `w${randomBytes(6).toString('hex')}`;
const NS = '1763719200000000001';
const AT = '2025-11-21T10:00:00.000000001Z';

/** How a protocol says things: some texts, one of them broken if asked for. */
interface Protocol {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  body(texts: readonly string[]): Buffer;
  /** The same with one record in the middle that cannot be read. */
  broken(texts: readonly string[]): Buffer;
  /** Statuses: all taken, some taken, all garbage. */
  readonly statuses: readonly [number, number, number];
  readonly retryAdds: number;
  readonly authorization?: (key: string) => string;
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const lines = (...values: string[]): Buffer => Buffer.from(values.map((value) => `${value}\n`).join(''));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const otlpLog = (text: string) => ({ timeUnixNano: NS, body: { stringValue: text } });
const cutBytes = base64(new Uint8Array([0x2a, 100, 1]));

function otlpLogs(records: readonly string[]): Buffer {
  return Buffer.from(encodeOtlp('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] }));
}
function otlpSpans(spans: readonly string[]): Buffer {
  return Buffer.from(encodeOtlp('TracesRequest', { resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}
const span = (name: string) => ({ name, startTimeUnixNano: NS, endTimeUnixNano: NS });
const lokiStream = (values: readonly unknown[]) => json({ streams: [{ stream: { job: 'x' }, values }] });
const lokiEntry = (line: string): Buffer =>
  Buffer.from(encodeLoki('Entry', { timestamp: { seconds: 1763719200, nanos: 1 }, line }));
function lokiSnappy(entries: readonly Buffer[]): Buffer {
  const stream = Buffer.from(encodeLoki('Stream', { labels: '{job="x"}', entries }));
  return Buffer.from(compress(encodeLoki('PushRequest', { streams: [stream] })));
}
const bulkDocument = (text: string) => JSON.stringify({ '@timestamp': AT, message: text });

const PROTOCOLS: readonly Protocol[] = [
  {
    name: 'OTLP logs, JSON',
    path: '/v1/logs',
    type: 'application/json',
    body: (texts) => json({ resourceLogs: [{ scopeLogs: [{ logRecords: texts.map(otlpLog) }] }] }),
    broken: (texts) => json({ resourceLogs: [{ scopeLogs: [{ logRecords: [7, ...texts.map(otlpLog)] }] }] }),
    statuses: [200, 200, 400],
    retryAdds: 0,
  },
  {
    name: 'OTLP logs, protobuf',
    path: '/v1/logs',
    type: 'application/x-protobuf',
    body: (texts) => otlpLogs(texts.map((text) => base64(encodeOtlp('LogRecord', otlpLog(text))))),
    broken: (texts) =>
      otlpLogs([cutBytes, ...texts.map((text) => base64(encodeOtlp('LogRecord', otlpLog(text))))]),
    statuses: [200, 200, 400],
    retryAdds: 0,
  },
  {
    name: 'OTLP traces, JSON',
    path: '/v1/traces',
    type: 'application/json',
    body: (texts) => json({ resourceSpans: [{ scopeSpans: [{ spans: texts.map(span) }] }] }),
    broken: (texts) => json({ resourceSpans: [{ scopeSpans: [{ spans: [null, ...texts.map(span)] }] }] }),
    statuses: [200, 200, 400],
    retryAdds: 0,
  },
  {
    name: 'OTLP traces, protobuf',
    path: '/v1/traces',
    type: 'application/x-protobuf',
    body: (texts) => otlpSpans(texts.map((text) => base64(encodeOtlp('Span', span(text))))),
    broken: (texts) => otlpSpans([cutBytes, ...texts.map((text) => base64(encodeOtlp('Span', span(text))))]),
    statuses: [200, 200, 400],
    retryAdds: 0,
  },
  {
    name: 'Elasticsearch bulk',
    path: '/logs-app/_bulk',
    type: 'application/x-ndjson',
    body: (texts) => lines(...texts.flatMap((text) => ['{"create":{}}', bulkDocument(text)])),
    broken: (texts) =>
      lines('{"create":{}}', '{"broken":', ...texts.flatMap((text) => ['{"create":{}}', bulkDocument(text)])),
    statuses: [200, 200, 400],
    retryAdds: 0,
    authorization: (key) => `ApiKey ${Buffer.from(`id:${key}`).toString('base64')}`,
  },
  {
    name: 'Loki, JSON',
    path: '/loki/api/v1/push',
    type: 'application/json',
    body: (texts) => lokiStream(texts.map((text) => [NS, text])),
    broken: (texts) => lokiStream([['never', 'x'], ...texts.map((text) => [NS, text])]),
    statuses: [204, 400, 400],
    retryAdds: 0,
    authorization: (key) => `Basic ${Buffer.from(`user:${key}`).toString('base64')}`,
  },
  {
    name: 'Loki, snappy protobuf',
    path: '/loki/api/v1/push',
    type: 'application/x-protobuf',
    body: (texts) => lokiSnappy(texts.map(lokiEntry)),
    broken: (texts) => lokiSnappy([Buffer.from([0x0a, 100]), ...texts.map(lokiEntry)]),
    statuses: [204, 400, 400],
    retryAdds: 0,
  },
  {
    name: 'NDJSON lines',
    path: '/v1/ndjson',
    type: 'application/x-ndjson',
    body: (texts) => lines(...texts.map((msg) => JSON.stringify({ time: AT, msg }))),
    broken: (texts) => lines('{"broken":', ...texts.map((msg) => JSON.stringify({ time: AT, msg }))),
    statuses: [200, 200, 200],
    retryAdds: 0,
  },
  {
    name: 'NDJSON lines without times',
    path: '/v1/ndjson',
    type: 'application/x-ndjson',
    body: (texts) => lines(...texts.map((msg) => JSON.stringify({ msg }))),
    broken: (texts) => lines('no', ...texts.map((msg) => JSON.stringify({ msg }))),
    statuses: [200, 200, 200],
    retryAdds: 1,
  },
];

/** 40 KB that become 40 MiB, which is more than the server inflates; and more than it reads. */
const BOMB = gzipSync(Buffer.alloc(40 * 1024 * 1024, ' '));
const OVERSIZED = Buffer.alloc(17 * 1024 * 1024, ' ');

function send(protocol: Protocol, body: Buffer, headers: { [name: string]: string } = {}): Promise<Response> {
  const authorization = protocol.authorization?.(server.devKey) ?? `Bearer ${server.devKey}`;
  return fetch(server.url + protocol.path, {
    method: 'POST',
    headers: { authorization, 'content-type': protocol.type, ...headers },
    body: new Uint8Array(body),
  });
}

/** How many records say this word, once everything taken so far is visible. */
async function countOf(text: string): Promise<number> {
  await vi.waitFor(
    async () => {
      const page = await client.search({ q: text, limit: 1 });
      expect(page.freshness.lag_ms).toBe(0);
    },
    { timeout: 30_000, interval: 50 },
  );
  return (await client.search({ q: text, limit: 1000 })).records.length;
}

describe.each(PROTOCOLS)('$name', (protocol) => {
  const [okStatus, partStatus, garbageStatus] = protocol.statuses;

  test('what is taken is found, plain and gzip', async () => {
    const [one, two, packed] = [word(), word(), word()];
    expect((await send(protocol, protocol.body([`${one} 로그인`, two]))).status).toBe(okStatus);
    const gzip = { 'content-encoding': 'gzip' };
    expect((await send(protocol, gzipSync(protocol.body([packed])), gzip)).status).toBe(okStatus);
    expect([await countOf(one), await countOf(two), await countOf(packed)]).toEqual([1, 1, 1]);
  });

  test('an identical retry adds what the table says', async () => {
    const text = word();
    for (const attempt of [1, 2]) {
      expect([attempt, (await send(protocol, protocol.body([text]))).status]).toEqual([attempt, okStatus]);
    }
    expect(await countOf(text)).toBe(1 + protocol.retryAdds);
  });

  test('a broken record costs itself', async () => {
    const [one, two] = [word(), word()];
    const answer = await send(protocol, protocol.broken([one, two]));
    expect(answer.status).toBe(partStatus);
    const said = await answer.text();
    expect(said).toMatch(/rejected|not taken|not_json|errors":true|undecodable/);
    expect([await countOf(one), await countOf(two)]).toEqual([1, 1]);
  });

  test('garbage, half a gzip, a bomb, another type and another key get their verdicts', async () => {
    const garbage = await send(protocol, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x01, 0x02]));
    expect(garbage.status).toBe(garbageStatus);
    const gzip = { 'content-encoding': 'gzip' };
    const half = gzipSync(protocol.body([randomBytes(5000).toString('hex')])).subarray(0, 2000);
    expect((await send(protocol, half, gzip)).status).toBe(400);
    expect((await send(protocol, BOMB, gzip)).status).toBe(413);
    expect((await send(protocol, Buffer.from('x'), { 'content-type': 'image/png' })).status).toBe(415);
    // A client that is told 500 would send it again for ever.
    expect((await send(protocol, Buffer.from('x'), { 'content-type': '' })).status).toBe(415);
    expect((await send(protocol, Buffer.from('x'), { 'content-encoding': 'br' })).status).toBe(415);
    expect((await send(protocol, protocol.body(['x']), { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await send(protocol, OVERSIZED)).status).toBe(413);
  });
});

describe('syslog', () => {
  test('over TCP and UDP it is found; a repeat is news', async () => {
    const [tcp, udp] = [word(), word()];
    for (const attempt of [1, 2]) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(syslogPort, '127.0.0.1', () => socket.end(`<11>1 - h app - - - ${tcp}\n`));
        socket.on('close', () => resolve()).on('error', reject);
        socket.resume();
      });
      const socket = createSocket('udp4');
      await new Promise((resolve) =>
        socket.send(`<11>Nov 21 10:00:00 h app: ${udp} ${attempt}`, syslogPort, '127.0.0.1', resolve),
      );
      socket.close();
    }
    await vi.waitFor(async () => expect([await countOf(tcp), await countOf(udp)]).toEqual([2, 2]), {
      timeout: 20_000,
    });
    const page = await client.search({ q: tcp });
    expect(page.records[0]).toMatchObject({
      level: 'error',
      resource: { 'service.name': 'app', 'host.name': 'h' },
    });
  });
});

describe('the root page', () => {
  test('is Elasticsearch to its clients and itself to browsers', async () => {
    const get = async (agent: string) => fetch(server.url, { headers: { 'user-agent': agent } });
    const shipper = await get('Filebeat/8.11.0');
    expect([shipper.status, shipper.headers.get('x-elastic-product')]).toEqual([200, 'Elasticsearch']);
    const browser = await get('Mozilla/5.0');
    expect([browser.status, browser.headers.get('x-elastic-product')]).toEqual([200, null]);
  });
});

test('a label of Loki that is nested deeper than the stack costs nobody anything', async () => {
  const name = word();
  const deep = '['.repeat(9_000) + ']'.repeat(9_000);
  const values = `[["${Date.now()}000000","${name}"]]`;
  const response = await fetch(`${server.url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.devKey}`, 'content-type': 'application/json' },
    body: `{"streams":[{"stream":{"job":"x","deep":${deep}},"values":${values}}]}`,
  });
  expect(response.status).toBe(204);
  expect(await countOf(name)).toBe(1);
});

test('a span has its duration, kind, status and exception where the search looks for them', async () => {
  const name = word();
  const trace = randomBytes(16).toString('hex');
  const body = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: trace,
                spanId: 'b7ad6b7169203331',
                name,
                kind: 2,
                startTimeUnixNano: NS,
                endTimeUnixNano: '1763719200012500001',
                status: { code: 2 },
                events: [
                  {
                    name: 'exception',
                    attributes: [{ key: 'exception.type', value: { stringValue: 'TypeError' } }],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  };
  await client.http.json({ method: 'POST', path: '/v1/traces', json: body });
  expect(await countOf(name)).toBe(1);
  const page = await client.search({
    q: `trace_id:${trace} kind:span duration_ms:>12 exception.type:TypeError span.kind:server service.name:shop`,
  });
  expect(page.records).toHaveLength(1);
  expect(page.records[0]).toMatchObject({
    time: AT,
    level: 'error',
    message: name,
    attributes: { duration_ms: 12.5, otel: { status_code: 'ERROR' }, exception: { type: 'TypeError' } },
  });
});
