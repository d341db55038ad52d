/** The worked example of docs/guides/rules.md, executed; and what a rule file does to native records. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { readConfig } from '../config.js';
import { ServerUnderTest, type TestProducer } from '../server.fixture.js';

const GUIDE = readFileSync(new URL('../../../../docs/guides/rules.md', import.meta.url), 'utf8');
const FLAT: TestProducer = { producer: 'orders-1', boot: 'b1', encoding: 'flat' };
const SENT =
  '{"seq":1,"time":"2026-11-21T10:00:00.000000001Z","kind":"log","level":"info","message":"m","attributes":{"elapsed":1.5,"status":"teapot"}}';

let server: ServerUnderTest;
afterEach(() => server?.dispose());

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(GUIDE)?.[1] ?? '';
}

async function startWith(rules: string): Promise<void> {
  const config: { rulesFile?: string } = {};
  server = new ServerUnderTest(config);
  config.rulesFile = join(server.directory, 'sillok.rules');
  writeFileSync(config.rulesFile, rules);
  await server.start();
}

function get(path: string, key = server.running.devKey): Promise<Response> {
  return fetch(server.running.url + path, { headers: { authorization: `Bearer ${key}` } });
}

/** The body of an answer as the test expects it: another shape fails the test by itself. */
async function bodyOf<T>(response: Response | Promise<Response>): Promise<T> {
  return (await response).json() as Promise<T>;
}

async function messagesOf(q: string): Promise<string[]> {
  const answer = get(`/api/search?q=${encodeURIComponent(q)}`);
  const { records } = await bodyOf<{ records: { message: string }[] }>(answer);
  return records.map(({ message }) => message);
}

/** The files of the data folder in which the text stands. */
function filesWith(text: string): string[] {
  const names = readdirSync(server.directory, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => {
    const path = join(server.directory, name);
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    return isFile && readFileSync(path, 'utf8').includes(text);
  });
}

test('the example of the guide: each search finds the first line, and the second is reported', async () => {
  await startWith(block('rules'));
  const sent = await server.post('/v1/ndjson?service.name=gateway', block('ndjson'));
  expect(await sent.json()).toMatchObject({ accepted: 2 });
  await server.visible();
  const searches = block('searches').trim().split('\n');
  expect(searches).toHaveLength(6);
  for (const q of [...searches, 'req.method:GET', 'elapsed:1.5', 'sillok.original.order.id:7'])
    expect([q, await messagesOf(q)]).toEqual([q, ['slow']]);
  const answer = await bodyOf<{ rules: object }>(get('/api/rules'));
  expect(answer).toMatchObject(JSON.parse(block('json')));
  expect(answer.rules).toMatchObject({ routes: ['/orders/:id/items/*'], levels: { notable: 'warn' } });
  const metrics = await (await get('/metrics')).text();
  expect(metrics).toContain('sillok_type_conflicts_total{field="duration_ms"} 1\n');
});

test('native records get the rules too, keep their originals, and are known when sent again', async () => {
  await startWith('unit elapsed s = duration_ms ms\nalias status = http.response.status_code\n');
  expect(await server.verdict(FLAT, [SENT])).toEqual({ accepted_through: 1, rejected: [], known: 0 });
  expect(await server.verdict(FLAT, [SENT])).toEqual({ accepted_through: 1, rejected: [], known: 1 });
  const rows = await server.select('SELECT duration_ms, attributes FROM records');
  expect(rows).toEqual([
    [
      1500,
      {
        elapsed: '1.5',
        status: 'teapot',
        'sillok.conflict.http.response.status_code': 'status is not a uint16',
      },
    ],
  ]);
});

test('a record sent again after the rules changed is known, not a conflict', async () => {
  await startWith('unit elapsed s = duration_ms ms\n');
  await server.verdict(FLAT, [SENT]);
  await server.stop();
  writeFileSync(join(server.directory, 'sillok.rules'), 'alias elapsed = took\n');
  await server.start();
  expect(await server.verdict(FLAT, [SENT])).toEqual({ accepted_through: 1, rejected: [], known: 1 });
});

test('without rules a canonical line is not touched, and there is nothing to list', async () => {
  server = new ServerUnderTest();
  await server.start();
  const secret = SENT.replace('teapot', 'Bearer abcdefghijklmnopqrstuvwxyz0123456789');
  await server.verdict(FLAT, [secret]);
  expect(filesWith(`\n${secret}\n`)).toEqual([expect.stringContaining('queue')]);
  expect(await (await get('/api/rules')).json()).toEqual({ rules: null, conflicts: [] });
});

test('a bad file stops the start and names its line', async () => {
  await expect(startWith('# ours\nalias a b\n')).rejects.toThrow(
    /sillok\.rules cannot be used: Rule file, line 2: alias FIELD = FIELD/,
  );
});

test('a file that is not there stops the start', async () => {
  server = new ServerUnderTest({ rulesFile: '/nowhere/sillok.rules' });
  await expect(server.start()).rejects.toThrow(/\/nowhere\/sillok\.rules cannot be used: ENOENT/);
});

test('the file is named by flag or environment', () => {
  expect(readConfig({ env: { SILLOK_RULES: 'a' } }).rulesFile).toBe('a');
  expect(readConfig({ args: ['--rules', 'b'] }).rulesFile).toBe('b');
});

test('the rules are not for those who may only send', async () => {
  await startWith('');
  const asked = JSON.stringify({ name: 'n', scopes: ['ingest'] });
  const made = server.post('/api/keys', asked, { 'content-type': 'application/json' });
  const { key } = await bodyOf<{ key: string }>(made);
  expect((await get('/api/rules', key)).status).toBe(403);
});
