/** The life of errors in a whole server: what people decide acts on lists and on alerts alike, and in their own project only. */
import type { AlertShape, ErrorGroup, ErrorLife, ErrorLifeBody, ErrorsAnswer } from '@sillok/api';
import { createClient } from '@sillok/api';
import { encodeRecord, type FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { fingerprintOf } from '../alert/fingerprint.js';
import { ServerUnderTest, until } from '../server.fixture.js';

const server = new ServerUnderTest();
let otherKey = '';
let viewerKey = '';
let seq = 0;

beforeAll(async () => {
  const { url, devKey } = await server.start();
  const { keys } = createClient({ url, key: devKey });
  otherKey = (await keys.create({ name: 'other', scopes: ['admin'], project: 'other' })).key;
  viewerKey = (await keys.create({ name: 'viewer', scopes: ['read'] })).key;
});
afterAll(() => server.dispose());

interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly key?: string;
}

async function call<T>(path: string, { method = 'GET', body, key }: Call = {}): Promise<T> {
  const { url, devKey } = server.running;
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${key ?? devKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  // The caller names the shape of the answer.
  return JSON.parse(text) as T;
}

const now = (): string => new Date().toISOString().replace('Z', '000000Z');

interface Failing {
  readonly service: string;
  readonly version?: string;
  readonly key?: string;
}

async function fail(failing: Failing, ...records: readonly Partial<FlatRecord>[]): Promise<void> {
  const { service, version = '1.0.0' } = failing;
  const lines = records.map((record) => {
    seq += 1;
    return encodeRecord({ seq, time: now(), kind: 'log', level: 'error', message: '', ...record });
  });
  const project = failing.key === undefined ? '' : 'other-';
  const header = {
    sillok: 1,
    producer: `${project}${service}-${version}`,
    boot: `b${seq}`,
    resource: { 'service.name': service, 'service.version': version },
    encoding: 'flat',
  };
  const { url, devKey } = server.running;
  const client = createClient({ url, key: failing.key ?? devKey });
  const answer = await client.postRecords(`${[JSON.stringify(header), ...lines].join('\n')}\n`);
  if (answer.rejected.length > 0) throw new Error(JSON.stringify(answer));
  await server.visible();
}

async function errorsOf(service: string, more: Record<string, string> = {}): Promise<ErrorsAnswer> {
  return call(`/api/errors?${new URLSearchParams({ q: `service.name:${service}`, ...more })}`);
}

async function groupOf(service: string): Promise<ErrorGroup> {
  const [group] = (await errorsOf(service)).groups;
  if (group === undefined) throw new Error(`no error of ${service}`);
  return group;
}

function decide(group: ErrorGroup, body: ErrorLifeBody, key?: string): Promise<ErrorLife> {
  const named = { service: group.service, title: group.message, ...body };
  return call(`/api/errors/${group.fingerprint}/life`, { method: 'PUT', body: named, ...(key && { key }) });
}

async function alertOf(service: string): Promise<AlertShape | undefined> {
  const { alerts } = await call<{ alerts: AlertShape[] }>('/api/alerts?state=all&limit=500');
  return alerts.find(({ kind, services }) => kind === 'new_error' && services.includes(service));
}

const stack = (line: number): string =>
  `TypeError: x is undefined\n    at Cart.add (/app/cart.js:${line}:7)\n    at node:internal/x:1:1`;

test('alerts and lists call the same errors the same', async () => {
  const records: readonly Partial<FlatRecord>[] = [
    { message: 'order 17 of kim@shop.example failed: "card 1"' },
    { message: 'order 18 of lee@shop.example failed: "card 22"' },
    { message: '결제 실패: 카드사가 응답하지 않음 (주문 42)\nat somewhere 17' },
    { message: `${'긴 문장 '.repeat(200)} 끝` },
    { message: 'cart', 'exception.type': 'TypeError', 'exception.stacktrace': stack(10) },
    { message: 'cart again', 'exception.type': 'TypeError', 'exception.stacktrace': stack(99) },
    { message: 'with a type', 'error.type': 'ETIMEDOUT' },
    { message: `${'😀 '.repeat(300)}end` },
  ];
  await fail({ service: 'same' }, ...records);
  const context = { project: 'default', producer: '', boot: '', observed_time: '' };
  const seen = records.map((record) =>
    fingerprintOf({
      record: { seq: 1, time: now(), kind: 'log', level: 'error', message: '', ...record },
      context: { ...context, resource: { 'service.name': 'same' } },
    }),
  );
  const listed = (await errorsOf('same')).groups.map(({ fingerprint }) => fingerprint);
  expect(new Set(listed)).toEqual(new Set(seen.map(({ id }) => id)));
  expect(listed).toHaveLength(6);
});

describe('a resolved error', () => {
  test('comes back with its next record, in the list, as an alert and in the audit trail', async () => {
    await fail({ service: 'pay' }, { message: 'card refused 1' });
    await until(async () => (await alertOf('pay'))?.state === 'open');
    const group = await groupOf('pay');
    expect(group.life).toMatchObject({ state: 'open', since: null, came_back: null });
    expect(await decide(group, { action: 'resolve' })).toMatchObject({ state: 'resolved', until: 'recurs' });
    expect((await alertOf('pay'))?.state).toBe('resolved');
    expect((await errorsOf('pay', { state: 'open' })).groups).toEqual([]);
    expect((await errorsOf('pay')).states).toEqual({ open: 0, resolved: 1, ignored: 0, mine: 0 });

    await fail({ service: 'pay', version: '1.0.1' }, { message: 'card refused 2' });
    await until(async () => (await alertOf('pay'))?.state === 'open');
    expect(await alertOf('pay')).toMatchObject({ came_back: true, count: 2 });
    const [back] = (await errorsOf('pay', { state: 'open' })).groups;
    expect(back?.life).toMatchObject({ state: 'open', by: null, came_back: { release: '1.0.1' } });
    const { changes } = await call<{ changes: { message: string; actor: string; what: string }[] }>(
      '/api/settings/history',
    );
    const told = changes.filter(({ what }) => what === 'error').map(({ message, actor }) => [actor, message]);
    expect(told[0]).toEqual(['server', 'error came back in 1.0.1: card refused 1']);
    expect(told[1]?.[1]).toBe('error resolved: card refused 1');
  });

  test('until its next release: old releases keep it quiet, a new one brings it back', async () => {
    await fail({ service: 'login' }, { message: 'token expired' });
    const group = await groupOf('login');
    const done = await decide(group, { action: 'resolve', until: 'next_release' });
    expect(done.until).toBe('next_release');
    await fail({ service: 'login' }, { message: 'token expired' }, { message: 'token expired' });
    expect((await groupOf('login')).life.state).toBe('resolved');
    await fail({ service: 'login', version: '1.1.0' }, { message: 'token expired' });
    await until(async () => (await alertOf('login'))?.state === 'open');
    expect((await groupOf('login')).life).toMatchObject({ state: 'open', came_back: { release: '1.1.0' } });
    // What came in between is told of nowhere: one before it was resolved, one after.
    expect((await alertOf('login'))?.count).toBe(2);
  });

  test('that alerts do not look at comes back in the list', async () => {
    const access = { kind: 'access' as const, message: 'GET /x 500', 'error.type': '500' };
    await fail({ service: 'edge' }, access);
    await decide(await groupOf('edge'), { action: 'resolve' });
    expect((await groupOf('edge')).life.state).toBe('resolved');
    await fail({ service: 'edge' }, access);
    expect((await groupOf('edge')).life).toMatchObject({ state: 'open', came_back: { release: '1.0.0' } });
  });
});

describe('an ignored error', () => {
  // The second kind is what a dependency says when it fails, which alerts put together first.
  test.each(['cannot parse the answer', 'socket hang up'])(
    '“%s” is quiet until so many more have arrived',
    async (message) => {
      const service = message.replace(/ .*/, '');
      await fail({ service }, { message });
      await until(async () => (await groupOf(service)).life.state === 'open');
      await decide(await groupOf(service), { action: 'ignore', more: 3 });
      await fail({ service }, { message }, { message });
      await until(async () => (await groupOf(service)).life.ignored_more === 1);
      expect((await groupOf(service)).life.state).toBe('ignored');
      expect((await alertOf(service))?.state ?? 'resolved').toBe('resolved');
      await fail({ service }, { message }, { message });
      await until(async () => (await groupOf(service)).life.state === 'open');
    },
  );

  test('for a time says until when, and what nobody could mean is refused', async () => {
    const group = await groupOf('cannot');
    const life = await decide(group, { action: 'ignore', seconds: 3600 });
    expect(Date.parse(life.ignored_until ?? '')).toBeGreaterThan(Date.now() + 3_500_000);
    await expect(decide(group, { action: 'ignore', seconds: 1 })).rejects.toThrow('request_invalid');
    await expect(decide({ ...group, fingerprint: 'x' }, { action: 'open' })).rejects.toThrow('fingerprint');
    expect(await decide(group, { action: 'open' })).toMatchObject({ state: 'open', ignored_until: null });
  });
});

test('it is given to a member of the project, whose list it is then in', async () => {
  const group = await groupOf('cannot');
  await expect(decide(group, { action: 'assign', assignee: 'nobody' })).rejects.toThrow('no such member');
  const owner = { email: 'kim@shop.example', name: '김개발', password: 'a long enough password' };
  const session = await call<object>('/api/users', { method: 'POST', body: owner }).catch(String);
  const { members } = await call<{ members: { id: string; name: string }[] }>('/api/members');
  expect(members, String(session)).toHaveLength(1);
  const assignee = members[0]?.id ?? '';
  const life = await decide(group, { action: 'assign', assignee });
  expect(life).toMatchObject({ state: 'open', assignee: { id: assignee, name: '김개발' } });
  expect((await errorsOf('cannot', { state: 'mine' })).groups).toEqual([]);

  const { email, password } = owner;
  const signedIn = await fetch(`${server.running.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.running.url },
    body: JSON.stringify({ email, password }),
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const mine = await fetch(`${server.running.url}/api/errors?state=mine`, { headers: { cookie } });
  expect(await mine.json()).toMatchObject({
    groups: [{ fingerprint: group.fingerprint }],
    states: { mine: 1 },
  });
  expect((await decide(group, { action: 'assign', assignee: null })).assignee).toBe(null);
});

describe('pages in other systems', () => {
  test('are linked by the ids that came in, as far as they are known', async () => {
    const trace = 'a'.repeat(32);
    await fail(
      { service: 'linked' },
      { message: 'broken', trace_id: trace },
      {
        ...{ kind: 'access', level: 'info', message: 'GET /', trace_id: trace },
        attributes: { 'trace.alias.datadog': '1234567890123456789', 'trace.alias.sentry': 'a/b?c' },
      },
    );
    expect((await groupOf('linked')).links).toEqual([]);
    const body = {
      sentry: 'https://sentry.shop.example/performance/{id}/?trace={trace_id}',
      datadog: 'https://app.datadoghq.com/apm/trace/{id}',
      pinpoint: 'https://pinpoint.shop.example/transactionDetail/{id}',
    };
    await call('/api/error-links', { method: 'PUT', body });
    expect((await groupOf('linked')).links).toEqual([
      { system: 'sentry', url: `https://sentry.shop.example/performance/a%2Fb%3Fc/?trace=${trace}` },
      { system: 'datadog', url: 'https://app.datadoghq.com/apm/trace/1234567890123456789' },
    ]);
  });

  test.each(['javascript:alert({id})', 'https://x.example/', 'https://x.example/{id}"><b>', 'ftp://x/{id}'])(
    '%s is refused',
    async (sentry) => {
      await expect(call('/api/error-links', { method: 'PUT', body: { sentry } })).rejects.toThrow('{id}');
    },
  );
});

test('another project sees and decides nothing of it; whoever may only read decides nothing', async () => {
  await fail({ service: 'shared' }, { message: 'the same words' });
  await fail({ service: 'shared', key: otherKey }, { message: 'the same words' });
  const group = await groupOf('shared');
  await decide(group, { action: 'ignore' });
  const other = await call<ErrorsAnswer>('/api/errors?q=service.name:shared', { key: otherKey });
  expect(other.groups).toMatchObject([
    { fingerprint: group.fingerprint, life: { state: 'open', since: null } },
  ]);
  expect((await decide(group, { action: 'resolve' }, otherKey)).state).toBe('resolved');
  expect((await groupOf('shared')).life.state).toBe('ignored');
  await expect(decide(group, { action: 'open' }, viewerKey)).rejects.toThrow('403');
  await expect(call('/api/error-links', { method: 'PUT', body: {}, key: viewerKey })).rejects.toThrow('403');
});

test('decisions are there after a restart', async () => {
  const { fingerprint } = await groupOf('shared');
  await server.stop();
  await server.start();
  await until(() => server.isReady());
  expect(await groupOf('shared')).toMatchObject({ fingerprint, life: { state: 'ignored' } });
});
