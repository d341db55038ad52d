/** The live tail through HTTP, on a whole server: order, filter, resuming, and readers that are slow. */
import { request } from 'node:http';
import type { LiveEvent } from '@sillok/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRecord } from '../engine.fixture.js';
import { startTestServer, type TestServer } from '../server.fixture.js';

let test1: TestServer;
beforeAll(async () => {
  test1 = await startTestServer();
});
afterAll(() => test1.stop());

/** Reads events until `count` records or skips have come. */
async function follow(options: {
  q?: string;
  lastEventId?: string;
  count: number;
  onOpen?: () => void;
}): Promise<Exclude<LiveEvent, { type: 'open' }>[]> {
  const abort = new AbortController();
  const events: Exclude<LiveEvent, { type: 'open' }>[] = [];
  const { q = '', lastEventId = '' } = options;
  for await (const event of test1.client.live({ q, lastEventId, signal: abort.signal, reconnect: false })) {
    if (event.type === 'open') options.onOpen?.();
    else events.push(event);
    if (events.length >= options.count) break;
  }
  abort.abort();
  return events;
}

const seqsOf = (events: readonly LiveEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'record' ? [event.record.seq] : []));

function opened(options: { q?: string; count: number }): {
  open: Promise<void>;
  events: ReturnType<typeof follow>;
} {
  let onOpen = (): void => undefined;
  const open = new Promise<void>((resolve) => (onOpen = resolve));
  return { open, events: follow({ ...options, onOpen }) };
}

test('records come in order as they are admitted, only those that match, only of the own project', async () => {
  const other = await test1.clientOf('other');
  const { open, events } = opened({ q: 'level:error', count: 3 });
  await open;
  await test1.send({ client: other, producer: 'theirs', records: [testRecord(1, { level: 'error' })] });
  const levels = ['error', 'info', 'error', 'info', 'error'] as const;
  await test1.send({
    producer: 'live',
    records: levels.map((level, index) => testRecord(index + 1, { level })),
  });
  expect(seqsOf(await events)).toEqual([1, 3, 5]);
});

test('a reader that reconnects gets what came meanwhile, once, from the middle of a batch on', async () => {
  const { open, events } = opened({ count: 4 });
  await open;
  const batch = (producer: string): Promise<void> =>
    test1.send({ producer, records: [1, 2, 3, 4, 5].map((seq) => testRecord(seq)) });
  await batch('resume-a');
  const first = await events;
  expect(seqsOf(first)).toEqual([1, 2, 3, 4]);
  await batch('resume-b');
  const rest = await follow({ lastEventId: first.at(-1)?.id ?? '', count: 6 });
  const names = rest.map((event) =>
    event.type === 'record' ? `${event.record.producer}/${event.record.seq}` : '',
  );
  const expected = ['resume-a/5', ...[1, 2, 3, 4, 5].map((seq) => `resume-b/${seq}`)];
  expect(names).toEqual(expected);
});

test('records that are admitted while a reader catches up come once and in order', async () => {
  const { open, events } = opened({ count: 1 });
  await open;
  await test1.send({ producer: 'busy', records: [testRecord(1)] });
  const [first] = await events;
  const sending = (async () => {
    for (let seq = 2; seq <= 200; seq += 1)
      await test1.send({ producer: 'busy', records: [testRecord(seq)] });
  })();
  const rest = await follow({ q: 'producer:busy', lastEventId: first?.id ?? '', count: 199 });
  await sending;
  expect(seqsOf(rest)).toEqual(Array.from({ length: 199 }, (_, index) => index + 2));
});

test('a slow reader holds up nobody and is told how many it missed', async () => {
  const slow = await openRaw('/api/live?q=producer:flood');
  const text = 'x'.repeat(8_000);
  const count = 4_000;
  for (let from = 1; from <= count; from += 500) {
    const records = Array.from({ length: 500 }, (_, index) => testRecord(from + index, { message: text }));
    await test1.send({ producer: 'flood', records });
  }
  let got = 0;
  let skipped = 0;
  for await (const bytes of slow) {
    for (const line of String(bytes).split('\n')) {
      if (line.startsWith('id: ')) got += 1;
      const match = /"skipped":(\d+)/.exec(line);
      if (match) {
        skipped += Number(match[1]);
        got -= 1;
      }
    }
    if (got + skipped >= count) break;
  }
  expect(skipped).toBeGreaterThan(0);
  expect(got + skipped).toBe(count);
});

test('a revoked key sees nothing more, and its open stream ends', async () => {
  const { url, devKey } = test1.server;
  const ask = (method: string, path: string, body?: string): Promise<Response> =>
    fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${devKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
  const created = await ask('POST', '/api/keys', JSON.stringify({ name: 'short', scopes: ['read'] }));
  const { id, key } = (await created.json()) as { id: string; key: string };
  const stream = await openRaw('/api/live?q=producer:revoked', key);
  expect((await ask('DELETE', `/api/keys/${id}`)).status).toBe(200);
  await test1.send({ producer: 'revoked', records: [testRecord(1)] });
  let seen = '';
  for await (const bytes of stream) seen += String(bytes);
  expect(seen).not.toContain('"producer":"revoked"');
});

test('a key whose time is over sees nothing more, and its open stream ends', async () => {
  const { url, devKey } = test1.server;
  const make = (end: unknown): Promise<Response> =>
    fetch(`${url}/api/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${devKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'short', scopes: ['read'], expires_at: end }),
    });
  for (const wrong of ['yesterday', '2020-01-01T00:00:00Z', '2900-01-01T00:00:00Z', 7]) {
    expect((await make(wrong)).status).toBe(400);
  }
  const end = new Date(Date.now() + 2_000).toISOString();
  const made = await make(end);
  expect(made.status).toBe(201);
  const { key } = (await made.json()) as { key: string };
  const stream = await openRaw('/api/live?q=producer:expired', key);
  const ask = (): Promise<Response> =>
    fetch(`${url}/api/search?limit=1`, { headers: { authorization: `Bearer ${key}` } });
  const lastsUntil = Date.parse(end);
  for (;;) {
    const { status } = await ask();
    if (status === 401) break;
    expect(status).toBe(200);
  }
  expect(Date.now()).toBeGreaterThanOrEqual(lastsUntil);
  await test1.send({ producer: 'expired', records: [testRecord(1)] });
  let seen = '';
  for await (const bytes of stream) seen += String(bytes);
  expect(seen).not.toContain('"producer":"expired"');
});

test('a search with pipes is refused, and so is one that cannot be read', async () => {
  await expect(follow({ q: '| stats count()', count: 1 })).rejects.toMatchObject({
    status: 400,
    code: 'pipes_refused',
  });
  await expect(follow({ q: 'level:(', count: 1 })).rejects.toMatchObject({
    status: 400,
    code: 'query_invalid',
  });
});

/** A connection that is not read until somebody does. */
function openRaw(path: string, key = test1.server.devKey): Promise<NodeJS.ReadableStream> {
  const { url } = test1.server;
  return new Promise((resolve, reject) => {
    request(url + path, { headers: { authorization: `Bearer ${key}` } }, resolve)
      .on('error', reject)
      .end();
  });
}
