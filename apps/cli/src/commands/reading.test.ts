/** search, tail, sql, key, export and doctor against a real server. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestServer } from '../running-server.case.js';
import type { TestServer } from '../running-server.case.js';

const TIME = '2026-11-21T10:00:00.00000000';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const EVIL = '\u001b[2J\u001b]0;owned\u0007\u202e evil';

let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  [server, other] = await Promise.all([startTestServer(), startTestServer()]);
  const header = { sillok: 1, producer: 'p', boot: 'b', resource: { 'service.name': 'shop' } };
  const records = [
    {
      seq: 1,
      time: `${TIME}1Z`,
      kind: 'log',
      level: 'info',
      message: 'first 로그인',
      attributes: { order: { id: 7 } },
    },
    { seq: 2, time: `${TIME}2Z`, kind: 'log', level: 'error', message: EVIL, trace_id: TRACE },
    // 3 never arrives.
    {
      seq: 4,
      time: `${TIME}4Z`,
      kind: 'access',
      level: 'info',
      message: 'GET /a',
      trace_id: TRACE,
      attributes: { http: { route: '/a', request: { method: 'GET' } } },
    },
    {
      seq: 5,
      time: `${TIME}5Z`,
      kind: 'access',
      level: 'info',
      message: 'GET /b',
      trace_id: 'f'.repeat(32),
      attributes: { http: { route: '/b', request: { method: 'GET' } } },
    },
    {
      seq: 6,
      time: `${TIME}6Z`,
      kind: 'span',
      level: 'info',
      message: 'nightly job',
      trace_id: 'e'.repeat(32),
      span_id: '1'.repeat(16),
    },
  ];
  await server.client.postRecords([header, ...records].map((value) => JSON.stringify(value)).join('\n'));
  await server.found('');
});
afterAll(() => Promise.all([server.close(), other.close()]));

describe('search', () => {
  test('shows the newest at the bottom, says what is missing, and lets no control character through', async () => {
    const ran = await server.run(['search', '--limit', '10']);
    expect(ran.exitCode).toBe(0);
    const lines = ran.out.trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain('INFO  shop first 로그인 order.id=7');
    expect(lines[1]).toContain('ERROR shop ␛[2J␛]0;owned␇<U+202E> evil');
    expect(lines[4]).toContain('span shop nightly job');
    expect(ran.out).not.toMatch(/\u001b|\u0007|\u202e/);
    expect(ran.err).toContain('5 records');
    expect(ran.err).toContain('1 record of this range never arrived');
    expect(ran.err).toContain('seq 3');
  });

  test('has JSON for programs, tables for pipes, and all pages', async () => {
    const page = (await server.run(['search', 'level:error', '--json'])).json();
    expect(page.records[0]).toMatchObject({ seq: 2, message: EVIL });
    const table = await server.run(['search', '| stats count() by kind | sort kind']);
    expect(table.out.split('\n')[0]).toMatch(/^kind +count/);
    expect(table.out).toMatch(/access +2/);
    const all = await server.run(['search', '--all', '--json', '--limit', '2']);
    expect(
      all.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).seq),
    ).toEqual([1, 2, 4, 5, 6]);
  });

  test('a mistake in the query is said with its place, and as JSON to programs', async () => {
    const ran = await server.run(['search', 'level:error (']);
    expect([ran.exitCode, ran.out]).toEqual([1, '']);
    expect(ran.err).toContain(`  level:error (\n  ${' '.repeat(13)}^\n`);
    const wide = await server.run(['search', '로그인 level:eror']);
    expect(wide.err).toContain(`  로그인 level:eror\n  ${' '.repeat(13)}^^^^\n`);
    const json = await server.run(['search', 'level:error (', '--json']);
    expect(JSON.parse(json.err).error).toMatchObject({ code: expect.any(String), help: expect.any(String) });
  });
});

describe('exit codes', () => {
  test('tell a silent server, a wrong key and a wrong command line apart', async () => {
    expect((await server.run(['search', '--url', 'http://127.0.0.1:1'])).exitCode).toBe(3);
    expect((await server.run(['pour', '--url', 'http://127.0.0.1:1', import.meta.filename])).exitCode).toBe(
      3,
    );
    expect((await server.run(['search', '--key', 'wrong'])).exitCode).toBe(4);
    expect((await server.run(['search', '--url', 'nonsense'])).exitCode).toBe(2);
    expect((await server.run(['search', '--url', 'localhost:4318'])).err).toContain('is not an address');
    expect((await server.run(['search', '--key', '“sillok_x”'])).err).toContain('characters that no key has');
    expect((await server.run(['search', '--no-such-flag'])).exitCode).toBe(2);
    expect((await server.run(['pur'])).err).toContain('pour');
    expect((await server.run(['--help'])).exitCode).toBe(0);
  });
});

test('sql answers a table, parameters are values, writing is refused', async () => {
  const ran = await server.run([
    'sql',
    'SELECT kind, count() AS n FROM records WHERE level = {level:String} GROUP BY kind ORDER BY kind',
    '--param',
    'level=info',
  ]);
  expect(ran.out.trim().split('\n')).toEqual([
    expect.stringMatching(/^kind +n$/),
    'access  2',
    'log     1',
    'span    1',
  ]);
  expect((await server.run(['sql', 'DROP TABLE records'])).exitCode).toBe(1);
  expect((await server.run(['sql', '--json', 'SELECT 1 AS one'])).json()).toMatchObject({
    columns: [{ name: 'one' }],
  });
});

test('tail begins with the last records and goes on with new ones', async () => {
  const stop = new AbortController();
  const running = server.run(['tail', '-n', '2', '--json'], { signal: stop.signal });
  // The tail is connected when it has been asked for: a record sent until then comes by search or by the stream, once.
  const send = (seq: number) =>
    server.client.postRecords(
      `{"sillok":1,"producer":"tail","boot":"b","resource":{}}\n{"seq":${seq},"time":"${TIME}9Z","kind":"log","level":"info","message":"tail ${seq}"}\n`,
    );
  let seq = 0;
  const metrics = async (): Promise<string> => (await fetch(`${server.server.url}/metrics`)).text();
  await vi.waitFor(async () => expect(await metrics()).toMatch(/sillok_live_readers 1/), { timeout: 20_000 });
  for (; seq < 3; seq += 1) await send(seq + 1);
  await vi.waitFor(async () => expect(await server.found('producer:tail')).toHaveLength(3), {
    timeout: 20_000,
  });
  await send(4);
  stop.abort();
  const ran = await running;
  expect(ran.exitCode).toBe(0);
  const messages = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).message);
  expect(messages.filter((message) => message.startsWith('tail')).slice(0, 3)).toEqual([
    'tail 1',
    'tail 2',
    'tail 3',
  ]);
});

test('keys are created, used, listed and revoked', async () => {
  const made = (
    await server.run(['key', 'create', '주문 서비스', '--scope', 'read', 'ingest', '--json'])
  ).json();
  expect(made).toMatchObject({ name: '주문 서비스', scopes: expect.arrayContaining(['read', 'ingest']) });
  expect((await server.run(['search', '--key', made.key])).exitCode).toBe(0);
  expect((await server.run(['key', 'list', '--key', made.key])).exitCode).toBe(4);
  expect((await server.run(['key', 'list'])).out).toContain('주문 서비스');
  expect((await server.run(['key', 'revoke', made.id])).exitCode).toBe(0);
  expect((await server.run(['search', '--key', made.key])).exitCode).toBe(4);
});

describe('export', () => {
  test('gives every record back, and poured in again it is the same', async () => {
    const path = join(server.directory, 'out.ndjson');
    expect((await server.run(['export', 'producer:p', '--out', path])).exitCode).toBe(0);
    const records = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ seq }) => seq)).toEqual([1, 2, 4, 5, 6]);
    const stdout = await server.run(['export', 'producer:p']);
    expect(stdout.out).toBe(readFileSync(path, 'utf8'));
    expect(
      (await server.run(['export', '--format', 'csv', '--fields', 'seq,level', 'producer:p'])).out,
    ).toMatch(/^seq,level\r?\n1,info/);
  });

  test.each([
    ['elasticsearch', 'order.id:7 message:first'],
    ['loki', 'order.id:7 message:first'],
  ])('into %s, twice, without doubling there', async (kind, q) => {
    // This server speaks both protocols, so it is the other side, too.
    const url = new URL(other.server.url);
    url.username = 'user';
    url.password = other.server.devKey;
    const args = ['export', 'producer:p', '--json', '--to', kind, url.href];
    expect((await server.run(args)).json()).toMatchObject({ target: kind, taken: 5, refused: 0 });
    expect((await server.run(args)).exitCode).toBe(0);
    const found = await other.found(`${q} producer:${kind === 'loki' ? 'loki' : 'elastic'}*`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      time: `${TIME}1Z`,
      level: 'info',
      resource: { 'service.name': 'shop' },
    });
  });

  test('a target that is not known is a mistake of the command line', async () => {
    expect((await server.run(['export', '--to', 'splunk', 'http://127.0.0.1:1'])).exitCode).toBe(2);
    expect((await server.run(['export', '--to', 'loki'])).exitCode).toBe(2);
  });
});

describe('doctor', () => {
  test('finds nothing wrong with a server that is well', async () => {
    const ran = await server.run(['doctor', '--json']);
    const { findings } = ran.json();
    const states = Object.fromEntries(
      findings.map(({ about, state }: { about: string; state: string }) => [about, state]),
    );
    expect(states).toMatchObject({
      node: 'good',
      server: 'good',
      engine: 'good',
      queue: 'good',
      key: 'good',
    });
  });

  test('says what to do about a silent server and a wrong key', async () => {
    const silent = await server.run(['doctor', '--url', 'http://127.0.0.1:1']);
    expect([silent.exitCode, silent.out]).toEqual([5, expect.stringContaining('sillok serve')]);
    const wrong = await server.run(['doctor', '--key', 'wrong']);
    expect([wrong.exitCode, wrong.out]).toEqual([5, expect.stringContaining('✗ key')]);
  });

  test('--coverage lists routes and jobs without a log line, and lines without a request', async () => {
    const ran = await server.run(['doctor', '--coverage', '--json', '--from', '2026-11-21']);
    expect(ran.err).toBe('');
    const found = ran.json();
    expect(found.routes).toEqual([{ service: 'shop', name: 'GET /b', count: 1, without: 1 }]);
    expect(found.jobs).toEqual([{ service: 'shop', name: 'nightly job', count: 1, without: 1 }]);
    expect(found.without_context.map(({ name }: { name: string }) => name)).toContain('first 로그인');
    expect((await server.run(['doctor', '--coverage', '--from', '2026-11-21'])).out).toContain('GET /b');
  });

  test('--overhead starts the service both ways and compares', async () => {
    const script = join(server.directory, 'service.mjs');
    const port = 20_000 + (process.pid % 20_000);
    writeFileSync(
      script,
      `import { createServer } from 'node:http';
       const slow = process.env.SILLOK_DISABLED !== '1';
       const wait = () => { for (const from = performance.now(); performance.now() - from < 3; ); };
       createServer((q, a) => { if (slow) wait(); a.end('ok'); }).listen(${port}, '127.0.0.1');`,
    );
    const ran = await server.run([
      'doctor',
      '--overhead',
      '--json',
      '--run',
      `exec ${process.execPath} ${script}`,
      '--get',
      `http://127.0.0.1:${port}/`,
    ]);
    expect(ran.exitCode).toBe(0);
    expect(ran.json().pairs).toHaveLength(5);
    expect(ran.json().ratio).toBeLessThan(1);
    expect((await server.run(['doctor', '--overhead'])).exitCode).toBe(2);
  }, 120_000);
});
