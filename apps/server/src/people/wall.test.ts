/** The wall between projects: whatever a key of another project asks, no word of this project is in the answer. */
import { ROUTES } from '@sillok/api';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { line, ServerUnderTest, until } from '../server.fixture.js';

const SECRET = '비밀단어sekrit';
const TRACE = 'a'.repeat(32);
const PERSON = 'u1_person';
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
  const more = { level: 'error', message: `${SECRET} failed`, trace_id: TRACE, user_hash: PERSON };
  await server.send({ producer: `${SECRET}-1`, boot: 'b' }, [
    line(1, more),
    line(2, { ...more, kind: 'access', 'http.route': `/${SECRET}`, duration_ms: 5 }),
  ]);
  const entity = { type: 'order', id: '7' };
  const entry = {
    id: 'e1',
    action: 'order.change',
    entity,
    actor: { type: 'admin', id: SECRET },
    subject: PERSON,
  };
  const audited = { service: { name: SECRET }, entries: [entry] };
  await ask('/v1/audit', { key: own, method: 'POST', json: audited });
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
  `/api/trace/${TRACE}`,
  `/api/scenario?person=${PERSON}`,
  '/api/why?q=level:error',
  '/api/others?q=level:error',
  '/api/patterns',
  '/api/errors',
  '/api/error-links',
  '/api/heatmap',
  '/api/endpoints',
  '/api/map',
  `/api/retries?id=${TRACE}`,
  '/api/trends',
  '/api/sessions',
  '/api/invitations',
  '/api/projects',
  '/api/debug-route',
  '/api/databases',
  '/api/replays',
  '/api/admin',
  '/api/audit?entity=order/7',
  '/api/audit/groups?q=order',
  '/api/audit/export?format=csv',
  '/api/audit/receipt?id=e1',
  '/api/audit/review?month=2026-10',
  '/api/audit/checkpoint',
  '/api/session',
];

/** Reads whose wall is tested beside what they read, and calls that tell nothing of a project. */
const APART: Readonly<Record<string, string>> = {
  live: 'below',
  endpoint: 'as endpoints',
  impact: 'as endpoints',
  history: 'above, as /api/settings/history',
  userReset: 'changes; users are of the server',
  userSignIn: 'changes; users are of the server',
  users: 'owners only: owner-routes.test.ts',
  user: 'owners only: owner-routes.test.ts',
  project: 'owners only: owner-routes.test.ts',
  personLookup: 'identity/identity.test.ts',
  personOpen: 'identity/identity.test.ts',
  personErase: 'identity/erase.test.ts',
  demo: 'says only whether it runs',
  debugRouteVerify: 'tells what the caller sent',
  signIn: 'the same to everybody',
  oidcBegin: 'the same to everybody',
  oidcReturn: 'the same to everybody',
  samlBegin: 'the same to everybody',
  samlReturn: 'the same to everybody',
  samlMetadata: 'the same to everybody',
  auditVerifier: 'the key of the whole server, which is public',
  auditKeyChanges: 'the key of the whole server, which is public',
  auditConsistency: 'hashes',
  wall: 'by the secret of a wall: dashboard tests',
  wallOne: 'by the secret of a wall: dashboard tests',
  wallRun: 'by the secret of a wall: dashboard tests',
  browserKills: 'changes',
  browserSourceMaps: 'takes in',
  auditEntries: 'takes in',
  records: 'takes in',
  livez: 'of the server',
  readyz: 'of the server',
};

test('no read of the table that server and clients share is left out here', () => {
  const asked = (path: string): boolean => reads.some((read) => read.startsWith(path.replace(/\/:.*/, '')));
  const forgotten = Object.entries(ROUTES).filter(([name, path]) => !asked(path) && !(name in APART));
  // These are asked below, or change only who asks.
  const below = [
    'sql',
    'sqlQuery',
    'panelRun',
    'panelEstimate',
    'password',
    'sessionProject',
    'reportPreview',
    'alertPreview',
  ];
  expect(forgotten.map(([name]) => name).filter((name) => !below.includes(name))).toEqual([]);
});

test.each(reads)('GET %s tells nothing of another project', async (path) => {
  // What the asker wrote itself is repeated in the error.
  const text = (await ask(path, { key: other })).replaceAll(`${SECRET}-1/b/1`, '');
  expect(text).not.toContain(SECRET);
});

test('the same calls tell of it to its own project', async () => {
  const answers: string[] = [];
  // One after the other: so many at once are refused.
  for (const path of reads) answers.push(await ask(path, { key: own }));
  expect(answers.filter((text) => text.includes(SECRET)).length).toBeGreaterThan(15);
  // Each is asked as it should be: an error would tell nothing to anybody.
  expect(reads.filter((_, index) => answers[index]?.startsWith('{"error"'))).toEqual([]);
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

test('previews of alerts and reports count nothing of it either', async () => {
  const rule = { name: 'n', q: 'not kind:audit', kind: 'threshold' };
  const report = { name: 'r', cards: [{ title: 'Calls', q: 'not kind:audit', measure: 'calls' }] };
  const counted = /"(value|now|calls|people)":[1-9]/;
  const preview = { key: other, method: 'POST', json: { report } };
  expect(await ask('/api/reports/preview', preview)).not.toMatch(counted);
  expect(await ask('/api/reports/preview', { ...preview, key: own })).toMatch(counted);
  const theirs = await ask('/api/alert-rules/preview', { ...preview, json: { rule, from: '-24h' } });
  expect(theirs).toContain('"value":0');
  expect(theirs).not.toMatch(counted);
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
