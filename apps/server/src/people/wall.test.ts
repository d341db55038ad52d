/** The wall between projects: whatever a key of another project asks, no word of this project is in the answer. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { line, ServerUnderTest, until } from '../server.fixture.js';

const SECRET = '비밀단어sekrit';
const server = new ServerUnderTest();
let other = '';
let own = '';

interface Asked {
  readonly key: string;
  readonly method?: string;
  readonly json?: unknown;
}

async function ask(path: string, { key, method = 'GET', json }: Asked): Promise<string> {
  const response = await fetch(server.running.url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(20_000),
  });
  return response.text();
}

const ids: Record<string, string> = {};

beforeAll(async () => {
  own = (await server.start()).devKey;
  const wanted = { name: 'other', scopes: ['admin'], project: 'other' };
  other = String(JSON.parse(await ask('/api/keys', { key: own, method: 'POST', json: wanted })).key);
  const more = { level: 'error', message: `${SECRET} failed`, trace_id: 'a'.repeat(32), user_hash: SECRET };
  await server.send({ producer: `${SECRET}-1`, boot: 'b' }, [
    line(1, more),
    line(2, { ...more, kind: 'access' }),
  ]);
  const make = async (name: string, path: string, json: object): Promise<void> => {
    ids[name] = String(JSON.parse(await ask(path, { key: own, method: 'POST', json })).id);
  };
  await make('saved', '/api/saved', { name: SECRET, q: SECRET, shared: true });
  await make('dashboards', '/api/dashboards', { name: SECRET, panels: [] });
  await make('reports', '/api/reports', { name: SECRET, cards: [{ title: SECRET, measure: 'calls' }] });
  await make('alert-rules', '/api/alert-rules', { name: SECRET, q: SECRET, kind: 'absence' });
  const mail = { kind: 'mail', name: SECRET, to: ['a@b.example'] };
  await make('alert-targets', '/api/alert-targets', mail);
  await server.visible();
  await until(async () => (await ask('/api/alerts', { key: own })).includes(SECRET));
  ids['alerts'] = String(JSON.parse(await ask('/api/alerts', { key: own })).alerts[0].id);
});
afterAll(() => server.dispose());

const q = encodeURIComponent(SECRET);
const reads = [
  '/api/search?q=',
  '/api/search?q=%7C%20stats%20count()%20by%20message',
  `/api/context?producer=${q}-1&boot=b&seq=1`,
  '/api/fields',
  '/api/fields/message/values',
  '/api/fields/producer/values',
  '/api/histogram?by=level',
  '/api/estimate?q=',
  '/api/export',
  '/api/saved',
  '/api/alerts',
  '/api/alert-rules',
  '/api/alert-targets',
  '/api/dashboards',
  '/api/reports',
  '/api/deploys?from=-60d',
  '/api/members',
  '/api/keys',
  '/api/settings/history',
  '/api/rules',
];

test.each(reads)('GET %s tells nothing of another project', async (path) => {
  // What the asker wrote itself is repeated in the error.
  const text = (await ask(path, { key: other })).replaceAll(`${SECRET}-1/b/1`, '');
  expect(text).not.toContain(SECRET);
});

test('the same calls tell of it to its own project', async () => {
  const answers = await Promise.all(reads.map((path) => ask(path, { key: own })));
  expect(answers.filter((text) => text.includes(SECRET)).length).toBeGreaterThan(10);
});

test('SQL and panels count nothing, whatever their text says', async () => {
  // The project has entries of its own, about its key.
  const statements = [
    `SELECT count() FROM records WHERE kind != 'audit'`,
    `SELECT count() FROM records WHERE kind != 'audit' AND project = 'default'`,
    'SELECT message FROM sillok.records',
    `SELECT seq FROM records WHERE kind != 'audit' UNION ALL SELECT seq FROM records WHERE kind != 'audit'`,
  ];
  for (const query of statements) {
    const text = await ask('/api/sql', { key: other, method: 'POST', json: { query } });
    expect(text).not.toContain(SECRET);
    expect(text).toMatch(/"rows":\[(\[0\])?\]|"error"/);
  }
  for (const language of ['search', 'sql']) {
    const panel = {
      id: 'p',
      kind: 'number',
      language,
      q: language === 'sql' ? statements[0] : 'not kind:audit',
    };
    const text = await ask('/api/panels/run', { key: other, method: 'POST', json: { panel, from: '-90d' } });
    expect(text).toContain('[[0]]');
  }
});

test('an id of another project is answered like one that is not there, and names nothing', async () => {
  for (const [kind, id] of Object.entries(ids)) {
    for (const method of ['GET', 'PUT', 'DELETE', 'POST']) {
      const json = method === 'PUT' || method === 'POST' ? {} : undefined;
      const asked = { key: other, method, json };
      const absent = (await ask(`/api/${kind}/nobody`, asked)).replaceAll('nobody', 'ID');
      expect((await ask(`/api/${kind}/${id}`, asked)).replaceAll(id, 'ID')).toBe(absent);
    }
  }
  expect(await ask('/api/alerts', { key: own })).toContain(SECRET);
});

test('the live tail shows nothing of it', async () => {
  const abort = new AbortController();
  const response = await fetch(`${server.running.url}/api/live?q=`, {
    headers: { authorization: `Bearer ${other}` },
    signal: abort.signal,
  });
  let text = '';
  const reading = (async () => {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString();
  })().catch(() => undefined);
  await server.send({ producer: `${SECRET}-2`, boot: 'b' }, [line(1, { message: SECRET })]);
  await server.send({ producer: 'mine', boot: 'b' }, [line(1, { message: 'seen' })], other);
  await until(() => text.includes('seen'));
  abort.abort();
  await reading;
  expect(text).not.toContain(SECRET);
});
