/**
 * Bad input from outside, through the real server: each kind gets a clear verdict, costs only itself, and never
 * harms the server. What is valid beside it is stored.
 */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  batchBody,
  headerLine,
  postBatch,
  recordLine,
  timeAt,
  type Producer,
  type Verdict,
} from './lib/native.js';
import { startTestServer, type TestServer } from './lib/server.js';

let server: TestServer;
let counter = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

function fresh(): Producer {
  counter += 1;
  return { producer: `bad-${counter}`, boot: 'b1', service: `bad-${counter}` };
}

async function verdictOf(producer: Producer, lines: readonly string[]): Promise<Verdict> {
  const response = await postBatch(server, producer, lines);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  // The shape is the public contract's answer to this call.
  return JSON.parse(text) as Verdict;
}

const now = timeAt(Date.now(), 0);

test('one bad record among 10,000 costs only itself and is listed', async () => {
  const producer = fresh();
  const lines = Array.from({ length: 10_000 }, (_, i) =>
    i === 6_999 ? '{"seq":7000,"time":"2026-' : recordLine(i + 1, now),
  );
  const verdict = await verdictOf(producer, lines);
  expect(verdict.rejected.length).toBe(1);
  expect(verdict.rejected[0]?.code).toMatch(/^[a-z_]+$/);
  expect(verdict.rejected[0]?.reason.length).toBeGreaterThan(10);
  const found = await server.waitFor({ q: `service.name:${producer.service}`, from: '-1h' }, 9_999);
  expect(found.length).toBe(9_999);
});

describe('one odd record between two good ones', () => {
  const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
  const line = (attributes: string, more = ''): string =>
    `{"seq":2,"time":"${now}","kind":"log","level":"info","message":"odd"${more},"attributes":${attributes}}`;
  const cases: readonly (readonly [string, string])[] = [
    ['depth 200,000', line(deep)],
    ['a key of 1 MB', line(`{"${'k'.repeat(1_000_000)}":1}`)],
    [
      '__proto__ and constructor',
      line('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    ],
    ['a lone surrogate', line('{"a":"\\ud800"}')],
    ['the year 2299', line('{}').replace(now, '2299-01-01T00:00:00.000000000Z')],
    ['NaN', line('{"a":NaN}')],
    ['2^64', line('{"a":18446744073709551616,"b":1e400}')],
    ['duplicate keys', line('{"a":1,"a":2}', ',"kind":"audit","seq":9')],
    ['two values on a line', `${line('{}')}${line('{}')}`],
    ['null time', line('{}').replace(`"${now}"`, 'null')],
    [
      'a message with CRLF and escape sequences',
      line('{}', ',"message":"a\\r\\n{\\"seq\\":9}\\u001b[31m\\u0007"'),
    ],
    ['a conflict of a dotted and a nested key', line('{"a.b":1,"a":{"b":2}}')],
    ['an array instead of an object', '[1,2,3]'],
    ['seq as text', line('{}').replace('"seq":2', '"seq":"2"')],
    ['seq below one', line('{}').replace('"seq":2', '"seq":-1')],
    ['not JSON at all', 'hello, world'],
    ['bytes that are not UTF-8', line('{"a":"\u0000\ufffd"}')],
  ];

  test.each(cases)('%s', async (_, odd) => {
    const producer = fresh();
    const verdict = await verdictOf(producer, [recordLine(1, now), odd, recordLine(3, now)]);
    for (const each of verdict.rejected) {
      expect(each.code).toMatch(/^[a-z_]+$/);
      expect(each.reason).not.toBe('');
    }
    const range = { q: `service.name:${producer.service}`, from: '2020-01-01T00:00:00Z' };
    const found = await server.waitFor(range, 3 - verdict.rejected.length);
    const seqs = found.map((record) => record.seq);
    expect(seqs).toContain(1);
    expect(seqs).toContain(3);
    expect(({} as Record<string, unknown>)['polluted']).toBe(undefined);
    expect(found.length + verdict.rejected.length).toBe(3);
    expect(seqs.filter((seq) => seq !== 1 && seq !== 3).length + verdict.rejected.length).toBe(1);
  });
});

describe('requests that are refused whole', () => {
  const refused = async (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ): Promise<number> => {
    const response = await server.post('/v1/records', body, {
      'content-type': 'application/x-ndjson',
      ...headers,
    });
    // Every error body has this shape.
    const error = ((await response.json()) as { error: { code: string; message: string; help: string } })
      .error;
    expect(error.code).toMatch(/^[a-z_]+$/);
    expect(error.message).not.toBe('');
    expect(error.help).not.toBe('');
    return response.status;
  };

  test('a gzip bomb is cut off while it inflates', async () => {
    const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024, 0x20), { level: 9 });
    expect(await refused(new Uint8Array(bomb), { 'content-encoding': 'gzip' })).toBe(413);
  });

  test('broken gzip', async () => {
    expect(await refused(new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]), { 'content-encoding': 'gzip' })).toBe(
      400,
    );
  });

  test('another encoding than gzip', async () => {
    expect(await refused('x', { 'content-encoding': 'br' })).toBe(415);
  });

  test('no header line', async () => {
    expect(await refused(`${recordLine(1, now)}\n`, {})).toBe(400);
  });

  test('a wrong key and no key', async () => {
    const body = batchBody(fresh(), [recordLine(1, now)]);
    expect(await refused(body, { authorization: 'Bearer nope' })).toBe(401);
    expect((await fetch(`${server.url}/v1/records`, { method: 'POST', body })).status).toBe(401);
  });

  test('an empty header field', async () => {
    const body = `${headerLine({ producer: '', boot: 'b' })}\n${recordLine(1, now)}\n`;
    expect(await refused(body, {})).toBe(400);
  });
});

test('afterwards the server is well and its memory is bounded', async () => {
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});
