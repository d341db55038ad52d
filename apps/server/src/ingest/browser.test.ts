/** What browsers may send, from where, how much, and who silences them. The sender here is plain HTTP, as a mobile app is. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { body, line, lines, ServerUnderTest, until } from '../server.fixture.js';

const SHOP = 'https://shop.example';
const server = new ServerUnderTest();
let pageKey = '';
let appKey = '';
beforeAll(async () => {
  await server.start();
  pageKey = await createKey({ origins: [SHOP] });
  appKey = await createKey({});
});
afterAll(() => server.dispose());

async function createKey(more: object): Promise<string> {
  const wanted = JSON.stringify({ name: 'web', scopes: ['browser'], ...more });
  const response = await server.post('/api/keys', wanted, { 'content-type': 'application/json' });
  expect(response.status).toBe(201);
  // The answer of POST /api/keys.
  return ((await response.json()) as { key: string }).key;
}

interface Sent {
  readonly key?: string;
  readonly origin?: string;
  readonly source?: string;
  readonly isGzip?: boolean;
  readonly app?: string;
  readonly release?: string;
}

let sources = 0;
/** As a page sends it; each call from an address of its own, so that no test uses up another's quota. */
function send(producer: string, records: readonly string[], sent: Sent = {}): Promise<Response> {
  const { key = pageKey, origin = SHOP, source = `10.0.0.${(sources += 1)}`, isGzip } = sent;
  const { app = 'shop', release = '1.0.0' } = sent;
  const resource = { 'service.name': app, 'service.version': release };
  const text = body({ producer, boot: 'b1', ...{ resource } }, records);
  return fetch(`${server.running.url}/v1/browser?key=${key}${isGzip ? '&gzip=1' : ''}`, {
    method: 'POST',
    body: isGzip ? new Uint8Array(gzipSync(text)) : text,
    headers: { 'content-type': 'text/plain', 'x-forwarded-for': source, ...(origin && { origin }) },
  });
}

async function outcome(response: Promise<Response>): Promise<[number, string | undefined]> {
  const answer = await response;
  // Every error body has this shape.
  const read = (await answer.json()) as { error?: { code: string } };
  return [answer.status, read.error?.code];
}

describe('who may send', () => {
  test('a page of an allowed origin: taken, readable by the page, stored once', async () => {
    const response = await send('page', lines(1, 3));
    expect(response.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(await response.json()).toEqual({ accepted_through: 3, rejected: [], known: 0, kill: false });
    expect(await (await send('page', lines(1, 4))).json()).toMatchObject({ accepted_through: 4, known: 3 });
    const rows = await server.select(
      "SELECT count(), uniqExact(seq), any(`service.name`) FROM records WHERE producer = 'browser/default/page'",
    );
    expect(rows).toEqual([[4, 4, 'shop']]);
  });

  test.each<readonly [string, Sent, [number, string]]>([
    ['a page of another origin', { origin: 'https://evil.example' }, [403, 'origin_refused']],
    ['a page whose origin is hidden', { origin: 'null' }, [403, 'origin_refused']],
    ['a program with the key of a page', { origin: '' }, [403, 'origin_refused']],
    ['a key that is unknown', { key: 'sillok_nope' }, [401, 'key_unknown']],
    ['no key', { key: '' }, [401, 'key_missing']],
  ])('%s is refused', async (_name, sent, expected) => {
    expect(await outcome(send('refused', lines(1, 1), sent))).toEqual(expected);
  });

  test('an app without an origin sends with a key without origins, and a page does not', async () => {
    expect(await outcome(send('app', lines(1, 1), { key: appKey, origin: '' }))).toEqual([200, undefined]);
    expect((await outcome(send('app', lines(1, 1), { key: appKey })))[0]).toBe(403);
  });

  test('the key reads nothing and sends nothing to other ways in', async () => {
    const headers = { authorization: `Bearer ${pageKey}` };
    expect((await fetch(`${server.running.url}/api/search?q=*`, { headers })).status).toBe(403);
    const native = await server.post('/v1/records', body({ producer: 'p', boot: 'b' }, [line(1)]), headers);
    expect(native.status).toBe(403);
  });

  test('a preflight is answered without a key, and origins are checked when a key is made', async () => {
    const url = `${server.running.url}/v1/browser`;
    const headers = { origin: SHOP, 'access-control-request-method': 'POST' };
    const preflight = await fetch(url, { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, POST',
    ]);
    const wanted = JSON.stringify({ name: 'x', scopes: ['browser'], origins: ['shop'] });
    const refused = await server.post('/api/keys', wanted, { 'content-type': 'application/json' });
    expect(refused.status).toBe(400);
  });
});

describe('what is not believed', () => {
  test('a browser that says it is a service writes under a name of its own', async () => {
    await server.verdict({ producer: 'orders-7f', boot: 'b1' }, lines(1, 2));
    await send('orders-7f', [line(3, { message: 'forged' })]);
    const own = await server.select("SELECT max(seq) FROM records WHERE producer = 'orders-7f'");
    expect(own).toEqual([[2]]);
  });

  test('an audit entry from a browser is kept as an event and says what it claimed to be', async () => {
    await send('forger', [line(1, { kind: 'audit', message: 'admin did it' })]);
    const rows = await server.select(
      "SELECT kind, attributes['browser.kind.refused'] FROM records WHERE producer = 'browser/default/forger'",
    );
    expect(rows).toEqual([['event', 'audit']]);
  });

  test('lines that claim to be redacted are searched for secrets all the same', async () => {
    const sent = body({ producer: 'leaky', boot: 'b1', encoding: 'flat' }, [
      line(1, { message: 'login', attributes: { password: 'hunter2-very-secret' } }),
    ]);
    const headers = { authorization: `Bearer ${appKey}` };
    expect((await server.post('/v1/browser', sent, headers)).status).toBe(200);
    const rows = await server.select(
      "SELECT toString(attributes) FROM records WHERE producer = 'browser/default/leaky'",
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('hunter2');
  });

  test('a body that is no batch, too large, or a bomb', async () => {
    const headers = { authorization: `Bearer ${appKey}` };
    const post = (sent: string | Uint8Array, query = '') =>
      outcome(server.post(`/v1/browser${query}`, sent, headers));
    expect(await post('hello')).toEqual([400, 'bad_header']);
    expect(await post('')).toEqual([400, 'bad_header']);
    expect(await post('x'.repeat(600_000))).toEqual([413, 'body_too_large']);
    expect(await post(new Uint8Array(gzipSync(Buffer.alloc(9_000_000))), '?gzip=1')).toEqual([
      413,
      'body_too_large',
    ]);
  });

  test('gzip is told in the address, since a header would need a preflight', async () => {
    const sent = new Uint8Array(gzipSync(body({ producer: 'zipped', boot: 'b1' }, lines(1, 2))));
    const response = await server.post('/v1/browser?gzip=1', sent, { authorization: `Bearer ${appKey}` });
    expect(await response.json()).toMatchObject({ accepted_through: 2 });
  });
});

describe('a noisy source', () => {
  test('has used up its own quota, while another address still sends with the same key', async () => {
    const megabytes = [line(1), '\n'.repeat(1_000_000)];
    // The bucket fills while it is emptied: how many it takes depends on the machine.
    let refused: [number, string | undefined] = [200, undefined];
    for (let sent = 0; refused[0] === 200 && sent < 500; sent += 1)
      refused = await outcome(send('noisy', megabytes, { source: '10.9.9.9', isGzip: true }));
    expect(refused).toEqual([429, 'quota_used_up']);
    expect(await outcome(send('calm', [line(1)]))).toEqual([200, undefined]);
    const verdict = await server.verdict({ producer: 'service', boot: 'b1' }, lines(1, 5));
    expect(verdict.accepted_through).toBe(5);
  });
});

describe('the kill switch', () => {
  const headers = { 'content-type': 'application/json' };
  const config = async (release: string) => {
    const query = `key=${pageKey}&app=loud&release=${release}`;
    const response = await fetch(`${server.running.url}/v1/browser/config?${query}`, {
      headers: { origin: SHOP },
    });
    return response.json();
  };

  test('silences one release, says so in the answer and in the config, and is undone', async () => {
    const target = JSON.stringify({ app: 'loud', release: '2.0.0' });
    expect((await server.post('/api/browser/kills', target, headers)).status).toBe(201);
    const loud = { app: 'loud', release: '2.0.0' };
    const refused = await send('loud', lines(1, 5), loud);
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { kill: true, error: { code: 'app_killed' } },
    ]);
    expect([await config('2.0.0'), await config('1.9.0')]).toEqual([{ kill: true }, { kill: false }]);
    expect((await send('loud', lines(1, 5), { ...loud, release: '1.9.0' })).status).toBe(200);

    const told = line(6, { attributes: { 'sillok.dropped.from': 1, 'sillok.dropped.to': 5 } });
    expect((await send('last-word', [told], loud)).status).toBe(200);

    const removed = await fetch(`${server.running.url}/api/browser/kills`, {
      method: 'DELETE',
      body: target,
      headers: { ...headers, authorization: `Bearer ${server.running.devKey}` },
    });
    expect(removed.status).toBe(200);
    expect((await send('loud-again', lines(1, 5), loud)).status).toBe(200);
    const audits = await server.select(
      `SELECT attributes['audit.action'], attributes['audit.outcome'] FROM records
       WHERE kind = 'audit' AND attributes['audit.entity.id'] = 'loud@2.0.0' ORDER BY seq`,
    );
    expect(audits).toEqual(
      ['browser.kill', 'browser.restore'].flatMap((action) => [
        [action, 'intent'],
        [action, 'committed'],
      ]),
    );
  });

  test('holds over a restart, and is thrown by operators only', async () => {
    const kill = JSON.stringify({ app: 'silent' });
    const asPage = { ...headers, authorization: `Bearer ${pageKey}` };
    expect((await server.post('/api/browser/kills', kill, asPage)).status).toBe(403);
    expect((await server.post('/api/browser/kills', '{"app":""}', headers)).status).toBe(400);
    expect((await server.post('/api/browser/kills', kill, headers)).status).toBe(201);
    expect(existsSync(join(server.directory, 'browser-kills.json'))).toBe(true);
    await server.stop();
    await server.start();
    await until(() => server.isReady());
    expect((await send('silent', lines(1, 5), { app: 'silent' })).status).toBe(403);
    expect(readFileSync(join(server.directory, 'browser-kills.json'), 'utf8')).toContain('silent');
  });
});
