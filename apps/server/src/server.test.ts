/** The way of records through a whole server: what is taken, what is refused, and what a reader then finds. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { body, line, lines, ServerUnderTest, until } from './server.fixture.js';

const server = new ServerUnderTest();
beforeAll(() => server.start());
afterAll(() => server.dispose());

const countOf = (producer: string) =>
  `SELECT count(), uniqExact(boot, seq) FROM records WHERE producer = '${producer}'`;

describe('native batches', () => {
  test('records are acknowledged, and then in the store with who wrote them', async () => {
    const producer = { producer: 'first', boot: 'b1' };
    expect(await server.verdict(producer, lines(1, 3))).toEqual({
      accepted_through: 3,
      rejected: [],
      known: 0,
    });
    const sql =
      "SELECT project, producer, boot, seq, message, `service.name` FROM records WHERE producer = 'first' ORDER BY seq";
    const rows = await server.select(sql);
    expect(rows[2]).toEqual(['default', 'first', 'b1', 3, 'record 3', 'orders']);
    expect(rows.length).toBe(3);
  });

  test('the same batch again adds nothing and says so', async () => {
    const producer = { producer: 'twice', boot: 'b1' };
    await server.verdict(producer, lines(1, 50));
    const again = await server.verdict(producer, lines(1, 60));
    expect(again).toEqual({ accepted_through: 60, rejected: [], known: 50 });
    expect(await server.select(countOf('twice'))).toEqual([[60, 60]]);
  });

  test('two requests with the same records at once add them once', async () => {
    const producer = { producer: 'race', boot: 'b1' };
    await Promise.all([1, 2, 3].map(() => server.verdict(producer, lines(1, 100))));
    expect(await server.select(countOf('race'))).toEqual([[100, 100]]);
  });

  test('the same identity with other content is set aside and named; what was there stays', async () => {
    const producer = { producer: 'clone', boot: 'b1' };
    await server.verdict(producer, lines(1, 5));
    const verdict = await server.verdict(producer, [line(3), line(4, { message: 'another' }), line(6)]);
    expect(verdict).toMatchObject({
      accepted_through: 6,
      known: 1,
      rejected: [{ seq: 4, code: 'identity_conflict' }],
    });
    expect(await server.select("SELECT message FROM records WHERE producer = 'clone' AND seq = 4")).toEqual([
      ['record 4'],
    ]);
    const kept = readFileSync(join(server.directory, 'aside', 'identity-conflicts.ndjson'), 'utf8').trim();
    expect(JSON.parse(kept)).toMatchObject({
      producer: 'clone',
      seq: 4,
      line: line(4, { message: 'another' }),
    });
  });

  test('a number twice in one batch: the same content once, other content is a conflict', async () => {
    const producer = { producer: 'inner', boot: 'b1' };
    const verdict = await server.verdict(producer, [line(1), line(1), line(2), line(2, { level: 'error' })]);
    expect(verdict).toMatchObject({
      accepted_through: 2,
      known: 1,
      rejected: [{ seq: 2, code: 'identity_conflict' }],
    });
    expect(await server.select(countOf('inner'))).toEqual([[2, 2]]);
  });

  test('one bad record among ten thousand costs only itself', async () => {
    const producer = { producer: 'bad', boot: 'b1' };
    const all = lines(1, 10_000);
    all[6999] = '{"seq":7000,"time":"2026-';
    const verdict = await server.verdict(producer, all);
    expect(verdict.accepted_through).toBe(10_000);
    expect(verdict.rejected).toMatchObject([{ seq: 7000, code: 'not_json' }]);
    expect(await server.select(countOf('bad'))).toEqual([[9999, 9999]]);
    const { state } = server.running.deps;
    const gaps = state.gaps({
      project: 'default',
      from: '2026-11-21T00:00:00.000000000Z',
      to: '2026-11-22T00:00:00.000000000Z',
      limit: 100,
    });
    expect(gaps.filter((gap) => gap.producer === 'bad')).toEqual([]);
  });

  test('kinds that alternate go into their classes and come back as one row of numbers', async () => {
    const producer = { producer: 'mixed', boot: 'b1', encoding: 'flat' as const };
    const kinds = ['log', 'span', 'access', 'audit', 'event', 'script'];
    const all = Array.from({ length: 600 }, (_, index) =>
      line(index + 1, { kind: kinds[index % kinds.length] }),
    );
    await server.verdict(producer, all);
    expect(await server.verdict(producer, all)).toMatchObject({ known: 600, rejected: [] });
    const rows = await server.select(
      "SELECT class, kind, count() FROM records WHERE producer = 'mixed' GROUP BY 1, 2 ORDER BY 1",
    );
    expect(rows).toEqual(kinds.toSorted().map((kind) => [kind, kind, 100]));
  });

  test('records whose day retention has removed are told as such when they come again', async () => {
    const producer = { producer: 'old', boot: 'b1', encoding: 'flat' as const };
    const both = [line(1, { time: '2020-01-01T00:00:00.000000000Z' }), line(2)];
    expect(await server.verdict(producer, both)).not.toHaveProperty('expired');
    expect(await server.verdict(producer, both)).toMatchObject({ known: 2, expired: 1 });
  });

  test('what was withheld is named as a gap, also when the rest came shuffled', async () => {
    const producer = { producer: 'gaps', boot: 'b1' };
    const seqs = Array.from({ length: 400 }, (_, index) => ((index * 149) % 400) + 1).filter(
      (seq) => seq % 100 !== 50,
    );
    await server.verdict(
      producer,
      seqs.slice(0, 170).map((seq) => line(seq)),
    );
    await server.verdict(
      producer,
      seqs.slice(170).map((seq) => line(seq)),
    );
    const day = { from: '2026-11-21T00:00:00.000000000Z', to: '2026-11-22T00:00:00.000000000Z' };
    const gaps = server.running.deps.state.gaps({ project: 'default', ...day, limit: 100 });
    const own = gaps.filter((gap) => gap.producer === 'gaps').map(({ from, to }) => [from, to]);
    expect(own).toEqual([
      [50, 50],
      [150, 150],
      [250, 250],
      [350, 350],
    ]);
    const before = { from: '2026-11-20T00:00:00.000000000Z', to: '2026-11-20T23:00:00.000000000Z' };
    expect(server.running.deps.state.gaps({ project: 'default', ...before, limit: 100 })).toEqual([]);
  });

  test('numbers that the client gave up are not gaps', async () => {
    const producer = { producer: 'quota', boot: 'b1', encoding: 'flat' as const };
    const told = {
      attributes: { 'sillok.dropped.from': 3, 'sillok.dropped.to': 9, 'sillok.dropped.reason': 'quota' },
    };
    await server.verdict(producer, [line(1), line(2), line(10, told), line(11)]);
    const day = { from: '2026-11-21T00:00:00.000000000Z', to: '2026-11-22T00:00:00.000000000Z' };
    const gaps = server.running.deps.state.gaps({ project: 'default', ...day, limit: 100 });
    expect(gaps.filter((gap) => gap.producer === 'quota')).toEqual([]);
  });

  test('a token is waited for, and one that never came is told apart', async () => {
    const producer = { producer: 'token', boot: 'b1' };
    await server.verdict(producer, lines(1, 10));
    const { state } = server.running.deps;
    expect(await state.waitVisible({ project: 'default', ...producer, seq: 10 }, 30_000)).toEqual({
      state: 'visible',
    });
    expect(await state.waitVisible({ project: 'default', ...producer, seq: 11 }, 1)).toEqual({
      state: 'timeout',
      safe: 'unknown',
    });
  });

  test('the live feed has records after the fsync, and since a position again', async () => {
    const producer = { producer: 'live', boot: 'b1' };
    const { state } = server.running.deps;
    const seen: { seqs: number[]; position: { class: string; segment: number; offset: number } }[] = [];
    const stop = state.onAdmitted((batch) => {
      if (batch.producer === 'live')
        seen.push({ seqs: batch.records.map(({ seq }) => seq), position: batch.position });
    });
    await server.verdict(producer, lines(1, 2));
    await server.verdict(producer, [line(3), line(4, { kind: 'span' }), line(5)]);
    stop();
    expect(seen.map(({ seqs }) => seqs)).toEqual([[1, 2], [3, 5], [4]]);
    const again: number[][] = [];
    for await (const batch of state.admittedSince(seen[0]!.position)) {
      if (batch.producer === 'live') again.push(batch.records.map(({ seq }) => seq));
    }
    expect(again).toEqual([[1, 2], [3, 5], [4]]);
  });
});

describe('foreign records', () => {
  const admit = (content: string | undefined, messages: readonly string[]) =>
    server.running.deps.admission.admitForeign({
      project: 'default',
      protocol: 'otlp',
      resource: { 'service.name': 'café' },
      records: messages.map((message, index) => ({ message, kind: index % 2 === 0 ? 'log' : 'span' })),
      ...(content === undefined ? {} : { content }),
    });

  test('get numbers of their own; a request whose content was taken adds nothing', async () => {
    expect(await admit('hash-1', ['a', 'b', 'c'])).toEqual({ accepted: 3, rejected: [], repeated: false });
    expect(await admit('hash-1', ['a', 'b', 'c'])).toEqual({ accepted: 3, rejected: [], repeated: true });
    expect(await admit(undefined, ['a'])).toMatchObject({ accepted: 1, repeated: false });
    const rows = await server.select(
      "SELECT seq, message, kind FROM records WHERE producer = 'otlp/café' ORDER BY seq",
    );
    expect(rows).toEqual([
      [1, 'a', 'log'],
      [2, 'b', 'span'],
      [3, 'c', 'log'],
      [4, 'a', 'log'],
    ]);
  });
});

test('a secret in a record that no SDK has touched does not reach the disk', async () => {
  await server.running.deps.admission.admitForeign({
    project: 'default',
    protocol: 'ndjson',
    resource: { 'service.name': 'leaky' },
    records: [{ message: 'login', password: 'hunter2-very-secret', user: { token: 'tok-4711-secret' } }],
  });
  await server.visible();
  const folder = join(server.directory, 'queue', 'log');
  const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
  expect(written.join('')).toContain('ndjson/leaky');
  expect(written.join('')).not.toMatch(/hunter2|tok-4711/);
});

describe('projects and keys', () => {
  const createKey = async (project: string, scopes: string[]) => {
    const response = await server.post('/api/keys', JSON.stringify({ name: 'test', project, scopes }), {
      'content-type': 'application/json',
    });
    expect(response.status).toBe(201);
    // The answer of POST /api/keys.
    return (await response.json()) as { id: string; key: string };
  };

  test('a producer belongs to the project that used it first', async () => {
    const { key } = await createKey('other', ['ingest']);
    await server.verdict({ producer: 'owned', boot: 'b1' }, lines(1, 2));
    const refused = await server.send({ producer: 'owned', boot: 'b2' }, lines(1, 2), key);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ error: { code: 'producer_of_other_project' } });
    expect(await server.verdict({ producer: 'theirs', boot: 'b1' }, lines(1, 2), key)).toMatchObject({
      accepted_through: 2,
    });
    expect(await server.select("SELECT DISTINCT project FROM records WHERE producer = 'theirs'")).toEqual([
      ['other'],
    ]);
  });

  test('a key does what its scopes say, and nothing once it is revoked', async () => {
    const { id, key } = await createKey('default', ['ingest']);
    const listing = await fetch(`${server.running.url}/api/keys`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(listing.status).toBe(403);
    expect((await server.send({ producer: 'scoped', boot: 'b1' }, [line(1)], key)).status).toBe(200);
    const { url, devKey } = server.running;
    const headers = { authorization: `Bearer ${devKey}` };
    expect((await fetch(`${url}/api/keys/${id}`, { method: 'DELETE', headers })).status).toBe(200);
    expect((await server.send({ producer: 'scoped', boot: 'b1' }, [line(2)], key)).status).toBe(401);
    const { keys } = (await (await fetch(`${url}/api/keys`, { headers })).json()) as {
      keys: Record<string, unknown>[];
    };
    const shown = keys.find((each) => each['id'] === id);
    expect(shown).toMatchObject({ uses: 2, scopes: ['ingest'] });
    expect(Date.parse(String(shown?.['last_used_at']))).toBeGreaterThan(Date.now() - 60 * 60_000);
    expect(shown?.['revoked_at']).not.toBe(null);
    expect(JSON.stringify(keys)).not.toContain('hash');
  });

  test('the file of the local key is for its owner only', () => {
    expect(statSync(join(server.directory, 'dev-key')).mode & 0o777).toBe(0o600);
  });
});

describe('requests that are refused whole', () => {
  const codeOf = async (response: Response) => {
    // Every error body has this shape.
    const { error } = (await response.json()) as { error: { code: string; message: string; help: string } };
    expect(error.message.length * error.help.length).toBeGreaterThan(0);
    return [response.status, error.code];
  };
  const gzip = { 'content-encoding': 'gzip' };
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20));

  test.each<readonly [string, string | Uint8Array, Record<string, string>, [number, string]]>([
    ['a gzip bomb', new Uint8Array(bomb), gzip, [413, 'body_too_large']],
    ['broken gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]), gzip, [400, 'body_broken']],
    ['brotli', 'x', { 'content-encoding': 'br' }, [415, 'encoding_refused']],
    ['no header line', `${line(1)}\n`, {}, [400, 'bad_header']],
    ['an empty body', '', {}, [400, 'bad_header']],
    ['a header without producer', body({ producer: '', boot: 'b' }, [line(1)]), {}, [400, 'bad_header']],
    [
      'a wrong key',
      body({ producer: 'p', boot: 'b' }, [line(1)]),
      { authorization: 'Bearer nope' },
      [401, 'key_unknown'],
    ],
    ['no key', body({ producer: 'p', boot: 'b' }, [line(1)]), { authorization: '' }, [401, 'key_missing']],
  ])('%s', async (...[, sent, headers, expected]) => {
    expect(await codeOf(await server.post('/v1/records', sent, headers))).toEqual(expected);
  });

  test('afterwards no memory is held for bodies', async () => {
    await until(async () => {
      const metrics = await (await fetch(`${server.running.url}/metrics`)).text();
      return /^sillok_bodies_in_flight_bytes 0$/m.test(metrics);
    });
  });

  test('a call that does not exist is told in the same shape', async () => {
    expect(await codeOf(await server.post('/v1/nothing', '{}'))).toEqual([404, 'not_found']);
  });
});

test('a path that cannot be decoded is refused in the same shape', async () => {
  const response = await fetch(`${server.running.url}/api/fields/%ff/values`);
  expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'bad_request' } }]);
});

test('health names each dependency', async () => {
  await until(() => server.isReady());
  const ready = await fetch(`${server.running.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({ ready: true, engine: { ready: true }, queue: { ready: true } });
  expect(await (await fetch(`${server.running.url}/livez`)).json()).toMatchObject({ alive: true });
});
