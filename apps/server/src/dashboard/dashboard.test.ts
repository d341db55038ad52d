/** Dashboards and reports in a whole server: panels follow their variables, walls show one board, nothing crosses projects. */
import type { PanelAnswer, PanelRunBody, ReportAnswer } from '@sillok/api';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { HookSink } from '../alert/sinks.fixture.js';
import { ServerUnderTest, until } from '../server.fixture.js';

const hook = new HookSink();
const server = new ServerUnderTest({ allowPrivateTargets: true, publicUrl: 'https://sillok.shop.example' });
let hookUrl = '';
const keys: Record<string, string> = {};
const DAY_MS = 86_400_000;

interface Asked {
  readonly key?: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(method: string, path: string, { key = 'dev', json, headers }: Asked = {}) {
  const response = await fetch(server.running.url + path, {
    method,
    headers: {
      ...(key !== '' && { authorization: `Bearer ${keys[key]}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  // Answers of the API are objects.
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Access records of two customers: four a day for five weeks, then many in the last week, by a new release. */
async function fill(): Promise<void> {
  const now = Date.now();
  for (const version of ['1.0.0', '2.0.0']) {
    const isNew = version === '2.0.0';
    const times = isNew
      ? Array.from({ length: 432 }, (_, index) => now - 1_000 - index * 1_000)
      : Array.from({ length: 200 }, (_, index) => now - 7 * DAY_MS - 60_000 - index * ((34 * DAY_MS) / 200));
    const lines = times.map((ms, index) =>
      JSON.stringify({
        seq: index + 1,
        time: new Date(ms).toISOString(),
        kind: 'access',
        level: index % 10 === 0 ? 'error' : 'info',
        message: 'GET /pay',
        'http.route': index % 4 === 0 ? '/rare' : '/pay',
        duration_ms: index % 100,
        user_hash: `p${index % 5}`,
        attributes: { 'customer.id': index % 2 === 0 ? 'acme' : 'beta' },
      }),
    );
    const header = { sillok: 1, producer: `pay-${version}`, boot: 'b', encoding: 'flat' };
    const resource = { 'service.name': 'pay', 'service.version': version };
    const body = [JSON.stringify({ ...header, resource }), ...lines].map((line) => `${line}\n`).join('');
    expect((await server.post('/v1/records', body)).status).toBe(200);
  }
  await server.visible();
}

beforeAll(async () => {
  hookUrl = await hook.start();
  keys['dev'] = (await server.start()).devKey;
  for (const [name, project] of Object.entries({ viewer: 'default', other: 'other' })) {
    const scopes = name === 'viewer' ? ['read'] : ['admin'];
    keys[name] = String((await ask('POST', '/api/keys', { json: { name, scopes, project } })).body['key']);
  }
  await fill();
});
afterAll(async () => {
  await server.dispose();
  hook.stop();
});

async function run(
  panel: Partial<PanelRunBody['panel']>,
  more: Partial<PanelRunBody> = {},
): Promise<PanelAnswer> {
  const whole = { id: 'p', kind: 'number', q: '', ...panel };
  const { status, body } = await ask('POST', '/api/panels/run', {
    json: { panel: whole, from: '-60d', ...more },
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body as unknown as PanelAnswer; // the answer of the call
}

const variables = [{ name: 'customer', field: 'customer.id' }];

test('one customer chosen: searches and SQL follow, and a hostile value is only a value', async () => {
  const sql = {
    kind: 'table' as const,
    language: 'sql' as const,
    q: `SELECT count() FROM records
        WHERE kind = 'access' AND ({customer:String} = '' OR attributes['customer.id'] = {customer:String})`,
  };
  expect((await run({ q: 'kind:access' })).rows).toEqual([[632]]);
  expect((await run(sql, { variables })).rows).toEqual([[632]]);
  for (const panel of [{ q: 'kind:access' }, sql]) {
    const found = await run(panel, { variables, values: { customer: 'acme' } });
    expect(found.rows).toEqual([[316]]);
    const hostile = await run(panel, { variables, values: { customer: 'x" OR level:info' } });
    expect(hostile.rows).toEqual([[0]]);
  }
});

test('a time series is cut into bars by itself, a list needs to count something', async () => {
  const series = await run(
    { kind: 'time_series', q: 'kind:access | stats count() by http.route' },
    { from: '-24h' },
  );
  expect(series.columns.map(({ name }) => name)).toEqual(['time', 'http.route', 'count()']);
  expect(series.bucket_ms).toBeGreaterThan(0);
  expect(series.rows.reduce((sum, row) => sum + Number(row[2]), 0)).toBe(432);
  const refused = await ask('POST', '/api/panels/run', {
    json: { panel: { id: 'x', kind: 'top_list', q: 'level:error' } },
  });
  expect(refused).toMatchObject({ status: 400, body: { error: { help: expect.stringContaining('stats') } } });
});

test('a heatmap spreads a number over time in steps that double', async () => {
  const { rows } = await run({ kind: 'heatmap', q: 'service.version:2.0.0' }, { from: '-24h' });
  expect(rows.reduce((sum, row) => sum + Number(row[2]), 0)).toBe(432);
  expect(new Set(rows.map((row) => row[1])).size).toBeGreaterThan(4);
});

test('an estimate comes before, and a release is a marker', async () => {
  const panel = { id: 'p', kind: 'number', q: 'kind:access' };
  const { body } = await ask('POST', '/api/panels/estimate', { json: { panel, from: '-60d' } });
  expect(body).toMatchObject({ rows: expect.any(Number), ms: expect.any(Number) });
  // By what it reads, however busy the machine is: far below the ten seconds from which on a panel asks first.
  expect(body['ms']).toBeLessThan(1_000);
  const { body: found } = await ask('GET', '/api/deploys?from=-24h');
  expect(found['deploys']).toMatchObject([{ service: 'pay', version: '2.0.0' }]);
});

test('a wall shows its dashboard with its values, without signing in, until the link is withdrawn', async () => {
  const dashboard = {
    name: '벽',
    range: '-60d',
    variables,
    panels: [{ id: 'count', kind: 'number', q: 'kind:access' }],
  };
  expect((await ask('POST', '/api/dashboards', { key: 'viewer', json: dashboard })).status).toBe(403);
  const { body: made } = await ask('POST', '/api/dashboards', { json: dashboard });
  const walls = `/api/dashboards/${String(made['id'])}/walls`;
  const { body: wall } = await ask('POST', walls, { json: { values: { customer: 'beta' } } });
  const link = String(wall['link']);
  expect(link).toMatch(/^https:\/\/sillok\.shop\.example\/wall#/);
  const headers = { 'x-sillok-wall': link.split('#')[1] ?? '' };
  expect((await ask('GET', '/api/wall', { key: '', headers })).body).toMatchObject({
    dashboard: { name: '벽' },
  });
  const shown = await ask('POST', '/api/wall/run', { key: '', headers, json: { panel: 'count' } });
  expect(shown.body['rows']).toEqual([[316]]);
  expect((await ask('GET', '/api/search?q=', { key: '', headers })).status).toBe(401);
  expect((await ask('GET', '/api/wall', { key: '', headers: { 'x-sillok-wall': 'guess' } })).status).toBe(
    404,
  );
  expect((await ask('DELETE', `/api/walls/${String(wall['id'])}`)).status).toBe(200);
  expect((await ask('GET', '/api/wall', { key: '', headers })).status).toBe(404);
});

test('another project sees none of it, in lists, by id, in panels', async () => {
  const { body: made } = await ask('POST', '/api/dashboards', { json: { name: 'ours', panels: [] } });
  const id = String(made['id']);
  expect((await ask('GET', '/api/dashboards', { key: 'other' })).body).toEqual({ dashboards: [] });
  expect((await ask('GET', '/api/reports', { key: 'other' })).body).toEqual({ reports: [] });
  for (const method of ['GET', 'DELETE'])
    expect((await ask(method, `/api/dashboards/${id}`, { key: 'other' })).status).toBe(404);
  const panel = { id: 'p', kind: 'number', q: 'kind:access' };
  const json = { panel, from: '-60d' };
  await ask('POST', '/api/panels/run', { json });
  expect((await ask('POST', '/api/panels/run', { key: 'other', json })).body['rows']).toEqual([[0]]);
});

const report = {
  name: '주간 보고',
  language: 'ko',
  windows: { kind: 'rolling', now_days: 7, before_days: 35 },
  cards: [
    { title: '호출', q: 'kind:access', measure: 'calls' },
    { title: '사람', q: 'kind:access', measure: 'people' },
    { title: '느림', q: 'kind:access', measure: 'p95', unit: 'ms' },
  ],
};

test('a report makes windows of different length comparable, and people are not divided', async () => {
  const { body } = await ask('POST', '/api/reports/preview', { json: { report } });
  const [calls, people] = (body as unknown as ReportAnswer).cards; // the answer of the call
  expect(calls).toMatchObject({ now: 432, before: 200, before_comparable: 40, ratio: 10.8, people: 5 });
  expect(people).toMatchObject({ now: 5, before: 5, before_comparable: 5, ratio: 1, calls: 432 });
  const release = { ...report, windows: { kind: 'release', service: 'pay' } };
  const since = await ask('POST', '/api/reports/preview', { json: { report: release } });
  expect(since.body).toMatchObject({
    release: { service: 'pay', version: '2.0.0' },
    cards: [{ now: 432 }, {}, {}],
  });
  const absent = { ...report, windows: { kind: 'release', service: 'nobody' } };
  const refused = await ask('POST', '/api/reports/preview', { json: { report: absent } });
  expect(refused.body).toMatchObject({ error: { code: 'request_invalid' } });
});

test('it is sent to its targets on request, and its next time is told', async () => {
  const target = { kind: 'slack_webhook', name: 'team', url: `${hookUrl}/report` };
  const { body: made } = await ask('POST', '/api/alert-targets', { json: target });
  const json = { ...report, schedule: '0 9 * * 1', timezone: 'Asia/Seoul', targets: [made['id']] };
  const { body: kept } = await ask('POST', '/api/reports', { json });
  expect(new Date(String(kept['next_at'])).getUTCDay()).toBe(1);
  expect(new Date(String(kept['next_at'])).getUTCHours()).toBe(0);
  expect((await ask('POST', `/api/reports/${String(kept['id'])}/send`)).status).toBe(200);
  await until(() => hook.texts('/report').length > 0);
  expect(hook.texts('/report')[0]).toMatch(
    /보고서 · 주간 보고[^]*호출: 432 \(이전 40\) · ×10\.8[^]*\/reports\//,
  );
  const bad = await ask('POST', '/api/reports', { json: { ...json, schedule: 'whenever' } });
  expect(bad.status).toBe(400);
});
