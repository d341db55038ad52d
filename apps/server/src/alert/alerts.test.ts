/** Alerts in a whole server: a storm is one message, its link opens that search, targets, rules, and no way across projects. */
import { createClient, type AlertShape, type Client } from '@sillok/api';
import { encodeRecord, type FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ServerUnderTest, until } from '../server.fixture.js';
import { HookSink, MailSink } from './sinks.fixture.js';

const hook = new HookSink();
const mail = new MailSink();
let server: ServerUnderTest;
let client: Client;
let hookUrl = '';
let otherKey = '';
let seq = 0;

beforeAll(async () => {
  hookUrl = await hook.start();
  server = new ServerUnderTest({
    allowPrivateTargets: true,
    slackApiUrl: `${hookUrl}/slack`,
    smtpUrl: await mail.start(),
    publicUrl: 'https://sillok.shop.example',
  });
  const { url, devKey } = await server.start();
  client = createClient({ url, key: devKey });
  otherKey = (await client.keys.create({ name: 'other', scopes: ['admin'], project: 'other' })).key;
});
afterAll(async () => {
  await server.dispose();
  hook.stop();
  mail.stop();
});

async function ask(method: string, path: string, json?: unknown) {
  return askAs(server.running.devKey, { method, path, json });
}

async function askAs(key: string, { method, path, json }: { method: string; path: string; json?: unknown }) {
  const response = await fetch(server.running.url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  // Answers of the API are objects.
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

interface Sent {
  readonly count: number;
  readonly service?: string;
  readonly record: (index: number) => Partial<FlatRecord>;
}

/** Errors as they come from a service, now. */
async function fail({ count, service = 'orders', record }: Sent): Promise<void> {
  const resource = { 'service.name': service, 'service.version': '1.4.0' };
  const lines = Array.from({ length: count }, (_, index) => {
    seq += 1;
    const time = `${new Date().toISOString().slice(0, -1)}${String(index % 1_000_000).padStart(6, '0')}Z`;
    return encodeRecord({ seq, time, kind: 'log', level: 'error', message: '', ...record(index) });
  });
  for (let at = 0; at < lines.length; at += 500) {
    const producer = `${service.replace(/\W/g, '-')}-1`;
    const header = { sillok: 1, producer, boot: 'b1', resource, encoding: 'flat' };
    const body = [JSON.stringify(header), ...lines.slice(at, at + 500)].map((line) => `${line}\n`).join('');
    const answer = await client.postRecords(body);
    if (answer.rejected.length > 0) throw new Error(JSON.stringify(answer));
  }
}

async function alerts(filter: (alert: AlertShape) => boolean): Promise<AlertShape[]> {
  const { body } = await ask('GET', '/api/alerts?limit=500');
  // The answer of GET /api/alerts.
  return (body['alerts'] as AlertShape[]).filter(filter);
}

const started = '결제 실패: 카드사가 응답하지 않음';

describe('a storm', () => {
  test('10,000 errors of one kind are one alert and one message, with people and release', async () => {
    const target = { kind: 'slack_webhook', name: 'ops', url: `${hookUrl}/hook`, language: 'ko' };
    expect((await ask('POST', '/api/alert-targets', target)).status).toBe(201);
    await fail({
      count: 10_000,
      record: (index) => ({
        message: `${started} (주문 ${index}, 3${index}00 원)`,
        user_hash: `person-${index % 1_234}`,
        trace_id: String(index).padStart(32, 'a'),
      }),
    });
    await until(() => hook.texts('/hook').some((text) => text.includes(started)));
    await until(async () => (await alerts(({ count }) => count === 10_000)).length === 1);
    const [alert] = await alerts(({ title }) => title.startsWith(started));
    expect(alert).toMatchObject({
      kind: 'new_error',
      state: 'open',
      count: 10_000,
      people: 1_234,
      services: ['orders'],
      releases: ['1.4.0'],
    });
    expect(hook.texts('/hook').filter((text) => text.includes(started))).toHaveLength(1);
    expect(hook.texts('/hook')[0]).toMatch(/새 오류.*\n.*결제 실패/);
  });

  test('the link opens exactly that search', async () => {
    await fail({ count: 3, record: () => ({ message: '재고 부족', kind: 'log' }) });
    await server.visible();
    const link = /<(https:[^|]+)\|/.exec(hook.texts('/hook')[0] ?? '')?.[1]?.replaceAll('&amp;', '&') ?? '';
    const address = new URL(link);
    expect(address.origin).toBe('https://sillok.shop.example');
    const [q, from, to] = ['q', 'from', 'to'].map((name) => address.searchParams.get(name) ?? '');
    const found = await client.table({ q: `${q} | stats count()`, from: from!, to: to! });
    expect(found.rows).toEqual([[10_000]]);
  });

  test('many kinds of new errors at once are told together after the first twenty', async () => {
    const words = ['가', '나', '다', '라', '마', '바', '사', '아'];
    const before = hook.received.length;
    await fail({
      count: 64,
      service: 'flood',
      record: (index) => ({ message: `오류 ${words[index >> 3]}${words[index & 7]} 종류` }),
    });
    await until(() => hook.texts('/hook').some((text) => text.includes('새 오류 다수')));
    await until(async () => (await alerts(({ services }) => services[0] === 'flood')).length === 64);
    expect(hook.received.length - before).toBeLessThan(25);
  });
});

describe('a dependency', () => {
  test('three refused connections within a minute are told, one alone is not', async () => {
    const refused = (port: number) => ({
      message: '상품을 읽지 못함',
      attributes: { 'error.code': 'ECONNREFUSED' },
      'exception.type': 'Error',
      'exception.message': `connect ECONNREFUSED 10.0.0.5:${port}`,
    });
    await fail({ count: 1, service: 'catalog', record: () => refused(6379) });
    await fail({ count: 4, service: 'catalog', record: () => refused(5432) });
    await until(() => hook.texts('/hook').some((text) => text.includes('10.0.0.5:5432')));
    const found = await alerts(({ kind }) => kind === 'dependency');
    expect(found.map(({ count, title, severity }) => ({ count, title, severity }))).toEqual([
      {
        count: 4,
        title: 'catalog → 10.0.0.5:5432: Error: connect ECONNREFUSED 10.0.0.5:5432',
        severity: 'critical',
      },
    ]);
  });
});

describe('deletions', () => {
  const deletions = (actor: string, ids: readonly number[]): Promise<unknown> => {
    const entries = ids.map((id) => ({
      id: `${actor}-${id}`,
      action: 'product.delete',
      entity: { type: 'product', id },
      actor: { type: 'user', id: actor },
    }));
    const json = { service: { name: 'shop' }, entries };
    return client.http.json({ method: 'POST', path: '/v1/audit', json });
  };
  const told = (actor: string) =>
    alerts(({ kind, title }) => kind === 'bulk_deletion' && title.includes(actor));

  test('of one actor in numbers are told while they go on, those of many are not', async () => {
    await deletions(
      'park',
      Array.from({ length: 19 }, (_, id) => id),
    );
    await Promise.all(Array.from({ length: 30 }, (_, index) => deletions(`colleague-${index}`, [1])));
    await deletions('park', [19, 20, 21]);
    await until(async () => (await told('park'))[0]?.count === 22);
    expect(await told('park')).toMatchObject([{ state: 'open', severity: 'critical', count: 22 }]);
    expect(await told('colleague')).toEqual([]);
    await server.visible();
    const q = (await told('park'))[0]?.q ?? '';
    expect((await client.search({ q, limit: 100 })).records).toHaveLength(22);
  });
});

describe('people and alerts', () => {
  test('acknowledging, resolving, muting, and a comeback leave their trace', async () => {
    await fail({ count: 2, service: 'auth', record: () => ({ message: '카카오 로그인 실패' }) });
    await until(async () => (await alerts(({ services }) => services[0] === 'auth')).length === 1);
    const [alert] = await alerts(({ services }) => services[0] === 'auth');
    const path = `/api/alerts/${alert!.id}`;
    expect((await ask('POST', `${path}/acknowledge`)).body).toMatchObject({
      state: 'acknowledged',
      acknowledged_by: 'local development',
    });
    expect((await ask('POST', `${path}/resolve`)).body).toMatchObject({ state: 'resolved' });
    await fail({ count: 1, service: 'auth', record: () => ({ message: '카카오 로그인 실패' }) });
    await until(async () => (await ask('GET', path)).body['state'] === 'open');
    const muted = await ask('POST', `${path}/mute`, { minutes: 60 });
    expect(muted.body).toMatchObject({ came_back: true, count: 3 });
    expect(muted.body['muted_until']).not.toBe(null);
    const events = muted.body['events'] as AlertShape['events'];
    expect(events.map(({ what }) => what).filter((what) => !what.startsWith('told'))).toEqual([
      'opened',
      'acknowledged',
      'resolved',
      'came_back',
      'muted',
    ]);
  });

  test('another project sees no alert, rule or target, and gets no message', async () => {
    const [any] = await alerts(() => true);
    for (const path of ['/api/alerts', '/api/alert-targets'])
      expect(JSON.stringify((await askAs(otherKey, { method: 'GET', path })).body)).toMatch(/\[\]/);
    for (const path of [`/api/alerts/${any!.id}`, `/api/alerts/${any!.id}`])
      expect((await askAs(otherKey, { method: 'GET', path })).status).toBe(404);
    const act = { method: 'POST', path: `/api/alerts/${any!.id}/resolve` };
    expect((await askAs(otherKey, act)).status).toBe(404);
  });

  test('the address of a webhook is never shown again', async () => {
    const { body } = await ask('GET', '/api/alert-targets');
    expect(JSON.stringify(body)).not.toContain(hookUrl);
    const history = await ask('GET', '/api/settings/history');
    expect(JSON.stringify(history.body)).not.toContain(hookUrl);
  });
});

describe('targets', () => {
  test('a bot edits its message instead of sending another', async () => {
    const bot = {
      kind: 'slack_bot',
      name: 'bot',
      token: 'xoxb-1234567890',
      channel: 'C1',
      severity_min: 'critical',
    };
    const made = await ask('POST', '/api/alert-targets', bot);
    const refused = () => ({ message: 'connection refused', attributes: { 'server.address': 'redis' } });
    await fail({ count: 3, service: 'cart', record: refused });
    const about = (path: string) =>
      hook.received.filter((each) => each.path.endsWith(path) && /cart/.test(String(each.body['text'])));
    await until(() => about('chat.postMessage').length === 1);
    const [alert] = await alerts(({ title }) => title.startsWith('cart → redis'));
    await ask('POST', `/api/alerts/${alert!.id}/resolve`);
    await until(() => hook.texts('chat.update').some((text) => text.includes('Resolved')));
    const updates = about('chat.update');
    expect(updates[0]!.body).toMatchObject({
      channel: 'C1',
      ts: expect.stringMatching(/^17000000\d\.000100$/),
    });
    expect(about('chat.postMessage')).toHaveLength(1);
    expect(updates.at(-1)!.body['text']).toMatch(/went unnoticed for .* lasted/);
    await ask('DELETE', `/api/alert-targets/${String(made.body['id'])}`);
  });

  test('a target that is down gets the message when it is back', async () => {
    hook.answer = (path) => (path === '/hook' ? 503 : 200);
    const isFailing = async () =>
      (await alerts(({ services }) => services[0] === 'retry')).some(
        ({ deliveries }) => deliveries[0]?.state === 'failing',
      );
    await fail({ count: 3, service: 'retry', record: () => ({ message: 'too many connections' }) });
    await until(isFailing);
    hook.answer = () => 200;
    await until(() => hook.texts('/hook').some((text) => text.includes('retry → a connection')));
  });

  test('mail carries hostile text as text, and cannot be given headers', async () => {
    const to = ['oncall@shop.example'];
    const target = { kind: 'mail', name: 'mail', to, severity_min: 'critical' };
    expect((await ask('POST', '/api/alert-targets', target)).status).toBe(201);
    const message = 'ECONNRESET <script>alert(1)</script>\r\nBcc: evil@evil.example';
    await fail({ count: 3, service: 'mailer\r\nBcc: evil@evil.example', record: () => ({ message }) });
    await until(() => mail.mails.length > 0);
    const { text, to: given } = mail.mails[0]!;
    expect(given).toEqual(to);
    const [headers = ''] = text.split('\n\n', 1);
    expect(headers).not.toMatch(/^Bcc:/im);
    expect(text).not.toContain('<script>');
  });
});

describe('rules over searches', () => {
  const rule = {
    name: '느린 결제',
    q: 'service.name:slow duration_ms:>1000',
    kind: 'threshold',
    window_s: 300,
    value: 5,
    by: 'http.route',
  };

  test('a preview says how often it would have spoken up', async () => {
    const record = (index: number) => ({
      level: 'info' as const,
      message: 'slow',
      duration_ms: 2_000,
      'http.route': index % 10 === 0 ? '/rare' : '/pay',
    });
    await fail({ count: 20, service: 'slow', record });
    await server.visible();
    const asked = await ask('POST', '/api/alert-rules/preview', { rule, from: '-1h' });
    expect(asked.body).toMatchObject({ fired: 1 });
    const groups = asked.body['groups'] as { group: string; fired: number }[];
    expect(groups.sort((a, b) => (a.group < b.group ? -1 : 1))).toEqual([
      { group: '/pay', fired: 1 },
      { group: '/rare', fired: 0 },
    ]);
  });

  test('it is evaluated and says so; one whose search has pipes is refused', async () => {
    const made = await ask('POST', '/api/alert-rules', rule);
    expect(made.status).toBe(201);
    await until(async () => (await alerts(({ rule_name: name }) => name === rule.name)).length === 1);
    const [alert] = await alerts(({ rule_name: name }) => name === rule.name);
    expect(alert).toMatchObject({ kind: 'threshold', count: 18, services: ['slow'] });
    expect(alert!.title).toMatch(/^\/pay: 18 ≥ 5 in 300 s — slow/);
    expect(alert!.q).toBe('(service.name:slow duration_ms:>1000) http.route:"/pay"');
    const piped = await ask('POST', '/api/alert-rules', { ...rule, q: 'a | stats count()' });
    expect(piped.status).toBe(400);
    expect((await ask('POST', '/api/alert-rules', { ...rule, q: 'level:(' })).status).toBe(400);
  });
});
