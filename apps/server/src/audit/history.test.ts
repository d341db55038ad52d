/** Reading the audit trail of a whole server: histories of entities, people and companies, counts, exports and the review. */
import type { AuditChange, AuditGroupsAnswer, AuditPage, ReviewAnswer } from '@sillok/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';

const server = new ServerUnderTest();
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER_TRACE = '4bf92f3577b34da6a3ce929d0e0e4737';

async function get(path: string): Promise<Response> {
  const { url, devKey } = server.running;
  return fetch(url + path, { headers: { authorization: `Bearer ${devKey}` } });
}

async function page(query: string): Promise<AuditPage> {
  const response = await get(`/api/audit?${query}`);
  if (!response.ok) throw new Error(await response.text());
  // The shape of the documented answer.
  return (await response.json()) as AuditPage;
}

async function json<T>(path: string): Promise<T> {
  const response = await get(path);
  if (!response.ok) throw new Error(await response.text());
  // The caller names the documented shape.
  return (await response.json()) as T;
}

let clockMs = Date.UTC(2026, 9, 6, 1);
const nextTime = (): string => new Date((clockMs += 1_000)).toISOString();

function entry(id: string, more: object = {}): object {
  return {
    id,
    action: 'order.change_address',
    entity: { type: 'order', id: '1042' },
    actor: { type: 'admin', id: 'kim' },
    time: nextTime(),
    ...more,
  };
}

async function post(entries: readonly object[]): Promise<void> {
  const body = JSON.stringify({ service: { name: 'shop', version: '3.2' }, entries });
  const response = await server.post('/v1/audit', body, { 'content-type': 'application/json' });
  if (response.status !== 200) throw new Error(await response.text());
}

const address = { before: { address: '서울' }, after: { address: '부산' } };

beforeAll(async () => {
  await server.start();
  // An intent long before its outcome, and one that has none.
  await post([entry('a-1', { outcome: 'intent', trace_id: TRACE }), entry('open', { outcome: 'intent' })]);
  await post(
    Array.from({ length: 8 }, (_, index) =>
      entry(`b-${index}`, {
        action: index < 3 ? 'order.delete' : 'order.note',
        actor: { type: 'user', id: index % 2 === 0 ? 'lee' : 'park' },
        customer: 'acme',
        entity: { type: 'order', id: `=${index}` },
      }),
    ),
  );
  await post([
    entry('a-1', { ...address, trace_id: TRACE, subject: 'u1_person', reason: 'by phone' }),
    entry('r-1', {
      action: 'member.read',
      entity: { type: 'member', id: '7' },
      subject: 'u1_person',
      client_address: '10.0.0.7',
      trace_id: OTHER_TRACE,
    }),
    entry('r-2', { action: 'member.export', entity: { type: 'member', id: 'all' } }),
  ]);
  const click = {
    kind: 'event',
    message: 'button Save',
    trace_id: TRACE,
    span_id: '00f067aa0ba902b7',
    attributes: {
      event: { name: 'browser.click' },
      browser: { element: { name: 'Save' } },
      url: { path: '/o' },
    },
  };
  const access = (duration: number, path: string, trace: string) => ({
    kind: 'access',
    message: `PUT ${path}`,
    trace_id: trace,
    attributes: { http: { request: { method: 'PUT' } }, url: { path }, duration_ms: duration },
  });
  const others = [
    click,
    access(5, '/inner', TRACE),
    access(30, '/outer', OTHER_TRACE),
    access(3, '/in', OTHER_TRACE),
  ];
  const lines = others.map((each, index) =>
    JSON.stringify({ seq: index + 1, time: '2026-10-06T01:00:00.000000001Z', level: 'info', ...each }),
  );
  await server.verdict({ producer: 'page', boot: 'b1' }, lines);
  await server.visible();
});
afterAll(() => server.dispose());

const idsOf = (changes: readonly AuditChange[]): string[] => changes.map(({ id }) => id);

describe('a page of changes', () => {
  test('joins an intent with an outcome that stands pages away, and repeats none', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const from = encodeURIComponent('2026-10-01');
      // What the server wrote about itself is of today.
      const range = `from=${from}&to=2026-10-07`;
      const answer: AuditPage = await page(`limit=2&${range}&cursor=${encodeURIComponent(cursor)}`);
      seen.push(...idsOf(answer.changes));
      cursor = answer.next;
    }
    expect(seen).toEqual(['r-2', 'r-1', 'a-1', ...[7, 6, 5, 4, 3, 2, 1, 0].map((n) => `b-${n}`), 'open']);
  });

  test('does not call open what ended after the end of the range', async () => {
    const { changes } = await page('entity=order/1042&to=2026-10-06T01:00:05Z');
    expect(changes.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['open', 'intent'],
      ['a-1', 'committed'],
    ]);
  });

  test('finds what somebody types, whatever it names', async () => {
    expect(idsOf((await page('q=1042')).changes)).toEqual(['a-1', 'open']);
    expect(idsOf((await page(`q=${encodeURIComponent('order 1042')}`)).changes)).toEqual(['a-1', 'open']);
    expect(idsOf((await page('q=park')).changes)).toHaveLength(4);
    expect(idsOf((await page('q=acme&reads=without&actor_type=user')).changes)).toHaveLength(8);
    expect(idsOf((await page(`q=${encodeURIComponent('" or kind:log')}`)).changes)).toEqual([]);
  });

  test('of a person has what was done about them, and who looked', async () => {
    expect(idsOf((await page('person=u1_person')).changes)).toEqual(['r-1', 'a-1']);
    expect(idsOf((await page('person=u1_person&reads=only')).changes)).toEqual(['r-1']);
  });

  test('names the click behind a change, the outermost request without one, and nobody', async () => {
    const { changes } = await page('causes=1&q=kim');
    const causes = new Map(changes.map(({ id, cause }) => [id, cause]));
    expect(causes.get('a-1')).toMatchObject({ type: 'click', text: 'Save', page: '/o' });
    expect(causes.get('r-1')).toMatchObject({ type: 'request', text: 'PUT /outer', service: 'orders' });
    expect(causes.get('r-2')).toEqual({ type: 'none' });
  });

  test('refuses a cursor of another question', async () => {
    const { next } = await page('limit=1');
    const refused = await get(`/api/audit?limit=1&actor=kim&cursor=${encodeURIComponent(next ?? '')}`);
    expect(refused.status).toBe(400);
  });
});

describe('changes counted', () => {
  test('of a company are split by person, with deletions and refusals', async () => {
    const { groups } = await json<AuditGroupsAnswer>('/api/audit/groups?customer=acme');
    const lee = groups.find(({ id }) => id === 'lee');
    expect(lee).toMatchObject({ type: 'user', changes: 4, deletes: 2, refused: 0 });
    expect(lee?.actions).toHaveLength(2);
    expect(groups.find(({ id }) => id === 'park')).toMatchObject({ changes: 4, deletes: 1 });
    expect(groups).toHaveLength(2);
  });

  test('do not count intents', async () => {
    const { groups } = await json<AuditGroupsAnswer>('/api/audit/groups?actor=kim');
    expect(groups).toMatchObject([{ type: 'admin', id: 'kim', changes: 1, reads: 2 }]);
  });
});

describe('an export', () => {
  test('as CSV has a row for each field, and no formula', async () => {
    const text = await (await get('/api/audit/export?format=csv&to=2026-10-07')).text();
    const lines = text.trim().split('\r\n');
    expect(lines[0]).toContain('time,actor_type,actor_id,action');
    expect(lines.find((line) => line.endsWith(',a-1'))).toContain(',address,서울,부산,by phone,');
    expect(text).toContain(",'=3,");
    expect(lines).toHaveLength(13);
  });

  test('as CloudEvents is a batch that names source, subject and type', async () => {
    const response = await get('/api/audit/export?format=cloudevents&entity=order/1042');
    expect(response.headers.get('content-type')).toContain('application/cloudevents-batch+json');
    expect(await response.json()).toMatchObject([
      {
        specversion: '1.0',
        id: 'a-1/committed',
        source: '/sillok/default/shop',
        type: 'sillok.audit.order.change_address',
        subject: 'order/1042',
        data: { diff: [{ path: 'address' }] },
      },
      { id: 'open/intent' },
    ]);
  });

  test('of nothing is empty in every format', async () => {
    for (const format of ['csv', 'ndjson', 'cloudevents']) {
      const response = await get(`/api/audit/export?format=${format}&entity=nothing`);
      expect(response.status, format).toBe(200);
      expect(await response.text()).not.toContain('nothing');
    }
  });
});

describe('the review of a month', () => {
  test('counts who looked at personal data, from where, and is signed off into the trail', async () => {
    const before = await json<ReviewAnswer>('/api/audit/review?month=2026-10');
    expect(before).toMatchObject({ accesses: 2, people: 1, is_over: true, sign_offs: [] });
    expect(before.actors).toMatchObject([
      { id: 'kim', downloads: 1, addresses: ['10.0.0.7'], signs: ['download', 'no_reason'] },
    ]);
    const note = '내보내기 1건은 고객 요청으로 확인함';
    const body = JSON.stringify({ month: '2026-10', note });
    const signed = await server.post('/api/audit/review', body, { 'content-type': 'application/json' });
    expect(signed.status).toBe(200);
    await server.visible();
    const after = await json<ReviewAnswer>('/api/audit/review?month=2026-10');
    expect(after.sign_offs).toMatchObject([{ note }]);
    expect(idsOf((await page('entity=access_review/2026-10')).changes)).toEqual([
      after.sign_offs[0]?.audit_id,
    ]);
  });

  test('of a month that is not over cannot be signed off, nor with an unknown zone', async () => {
    const post = (body: object) =>
      server.post('/api/audit/review', JSON.stringify(body), { 'content-type': 'application/json' });
    expect((await post({ month: '2199-01', note: 'x' })).status).toBe(400);
    expect((await post({ month: '2026-10', note: 'x', zone: 'Mars/Base' })).status).toBe(400);
    expect((await get('/api/audit/review?month=2026-13')).status).toBe(400);
  });
});

/** Last: they add changes of their own. */
describe('what is behind a change', () => {
  test('names who of us is behind a change that was asked for through this server', async () => {
    const body = JSON.stringify({ name: 's', q: 'level:error', shared: true });
    const made = await server.post('/api/saved', body, { 'content-type': 'application/json' });
    expect(made.status).toBe(201);
    await server.visible();
    const { changes } = await page('causes=1&entity=saved');
    expect(changes.map(({ cause }) => cause)).toEqual([{ type: 'admin', door: 'api' }]);
  });

  test('of a script names its run, who began it and where; of one from a terminal only the run', async () => {
    const via = { door: 'console', service: 'shop' };
    const started = {
      ...{ action: 'script.apply', entity: { type: 'script', id: 'fix' }, arguments: { run: 'r1' }, via },
      actor: { type: 'admin', id: 'user:1', name: 'Kim' },
    };
    const changed = (run: string) => ({
      ...{ action: 'order.update', entity: { type: 'order', id: '9' }, trace_id: TRACE },
      actor: { type: 'script', id: `fix/${run}` },
    });
    const lines = [started, changed('r1'), changed('r2')].map(({ actor, ...audit }, index) => {
      const { trace_id, ...rest } = { trace_id: OTHER_TRACE, ...audit };
      const attributes = { audit: { ...rest, actor, id: `s-${index}`, outcome: 'committed' } };
      const record = { kind: 'audit', level: 'info', message: 'm', trace_id, attributes };
      return JSON.stringify({ seq: index + 1, time: `2026-10-07T01:00:0${index}.000000001Z`, ...record });
    });
    await server.verdict({ producer: 'shop', boot: 'scripts' }, lines);
    await server.visible();
    const { changes } = await page('causes=1&from=2026-10-07T00:00:00Z&to=2026-10-08T00:00:00Z');
    expect(new Map(changes.map(({ id, cause }) => [id, cause]))).toEqual(
      new Map<string, unknown>([
        ['s-2', { type: 'script', script: 'fix', run: 'r2' }],
        ['s-1', { type: 'script', script: 'fix', run: 'r1', by: 'Kim', service: 'shop' }],
        ['s-0', { type: 'admin', ...via }],
      ]),
    );
  });

  test('of a person of hundreds of sessions is answered, and says how many had no room in the question', async () => {
    const hash = (kind: string, index: number): string => `${kind}1_${String(index).padStart(22, 'x')}`;
    const user = hash('u', 0);
    const links = Array.from({ length: 200 }, (_, index) =>
      JSON.stringify({
        ...{ seq: index + 1, time: '2026-10-08T01:00:00.000000001Z', kind: 'event', level: 'info' },
        ...{ message: 'identity link', session_hash: hash('s', index), user_hash: user },
        attributes: { event: { name: 'identity.link' }, 'identity.link.reason': 'login' },
      }),
    );
    await server.verdict({ producer: 'login', boot: 'links' }, links);
    await post([entry('p-1', { subject: user })]);
    await server.visible();
    const found = await page(`person=${user}`);
    expect(idsOf(found.changes)).toContain('p-1');
    expect(found.sessions_left_out).toBe(81);
    expect(await json('/api/audit/groups?' + new URLSearchParams({ person: user }).toString())).toBeDefined();
  });
});
