/** What only owners do, over HTTP against a whole server: nobody else can, nobody locks the last door, all of it is told. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { line, ServerUnderTest } from '../server.fixture.js';
import { secretOf, TestBrowser } from './browser.fixture.js';

const server = new ServerUnderTest();
const password = 'correct horse battery';
let boss: TestBrowser;
let bossId = '';

beforeAll(async () => {
  const { signInUrl } = await server.start();
  const page = browser();
  await page.signInBy(signInUrl);
  const made = await page.ask('POST', '/api/users', { email: 'boss@shop.example', name: 'Boss', password });
  bossId = String(made.body['id']);
  boss = await signedIn('boss@shop.example');
});
afterAll(() => server.dispose());

/** Each protocol with a key, with a body that it takes. */
const WAYS_IN = [
  ['/v1/records', 'application/x-ndjson', '{"sillok":1,"producer":"x","boot":"b"}\n'],
  ['/v1/logs', 'application/json', '{"resourceLogs":[]}'],
  ['/v1/traces', 'application/json', '{"resourceSpans":[]}'],
  ['/v1/ndjson', 'application/x-ndjson', '{"message":"x"}\n'],
  ['/v1/audit', 'application/json', '{}'],
  ['/v1/browser', 'application/x-ndjson', '{"sillok":1,"producer":"x","boot":"b"}\n'],
  ['/loki/api/v1/push', 'application/json', '{"streams":[]}'],
  ['/_bulk', 'application/x-ndjson', '{"create":{}}\n{"message":"x"}\n'],
] as const;

const browser = (): TestBrowser => new TestBrowser(server.running.url);

async function signedIn(email: string): Promise<TestBrowser> {
  const page = browser();
  expect((await page.ask('POST', '/api/session', { email, password })).status).toBe(200);
  return page;
}

async function invited(
  email: string,
  role: string,
  admin = boss,
): Promise<{ page: TestBrowser; id: string }> {
  const made = await admin.ask('POST', '/api/invitations', { email, role });
  const page = browser();
  const join = { invitation: secretOf(made.body['link']), name: email, password };
  const session = await page.ask('POST', '/api/session', join);
  // The answer of POST /api/session for a person.
  const { user } = session.body as { user: { id: string } };
  return { page, id: user.id };
}

async function told(): Promise<string[]> {
  const { changes } = (await boss.ask('GET', '/api/settings/history?all=1&limit=100')).body as {
    changes: { message: string; actor_name: string }[];
  };
  return changes.map(({ message, actor_name: who }) => `${who}: ${message}`);
}

describe('users', () => {
  test('who is disabled is out with the next request and comes back when enabled; the history says so', async () => {
    const { page, id } = await invited('out@shop.example', 'member');
    const stream = await page.open('GET', '/api/live');
    const disabled = await boss.ask('PATCH', `/api/users/${id}`, { disabled: true });
    expect(disabled.body).toMatchObject({ disabled: true, last_seen_at: null });
    await server.send({ producer: 'after', boot: 'b' }, [line(1)]);
    expect(await stream.text()).not.toContain('"producer":"after"');
    expect((await page.ask('GET', '/api/session')).status).toBe(401);
    const again = { email: 'out@shop.example', password };
    expect((await browser().ask('POST', '/api/session', again)).status).toBe(401);
    const reset = await boss.ask('POST', `/api/users/${id}/reset`);
    expect(reset).toMatchObject({ status: 409, body: { error: { code: 'user_disabled' } } });
    await boss.ask('PATCH', `/api/users/${id}`, { disabled: false });
    await signedIn('out@shop.example');
    expect(await told()).toEqual(
      expect.arrayContaining([
        'Boss: user out@shop.example was disabled',
        'Boss: user out@shop.example was enabled again',
      ]),
    );
  });

  test('nobody disables or removes themselves, and the last owner stays one', async () => {
    const disabling = await boss.ask('PATCH', `/api/users/${bossId}`, { disabled: true });
    expect(disabling.body['error']).toMatchObject({
      message: 'You cannot disable yourself. Ask another owner.',
    });
    expect((await boss.ask('DELETE', `/api/users/${bossId}`)).status).toBe(403);
    const last = await boss.ask('PATCH', `/api/users/${bossId}`, { owner: false });
    expect(last.body['error']).toMatchObject({ message: expect.stringContaining('last owner') });
    const { id } = await invited('second@shop.example', 'viewer');
    expect((await boss.ask('PATCH', `/api/users/${id}`, { owner: true })).body).toMatchObject({
      owner: true,
    });
    const second = await signedIn('second@shop.example');
    expect((await second.ask('PATCH', `/api/users/${bossId}`, { owner: false })).status).toBe(200);
    expect((await boss.ask('GET', '/api/users')).status).toBe(403);
    expect((await second.ask('PATCH', `/api/users/${bossId}`, { owner: true })).status).toBe(200);
    expect((await boss.ask('GET', '/api/users')).status).toBe(200);
  });

  test('the last admin of a project neither leaves nor steps down, but an owner may replace them', async () => {
    await boss.ask('POST', '/api/projects', { id: 'lonely' });
    await boss.ask('POST', '/api/session/project', { project: 'lonely' });
    const { page: admin, id } = await invited('only@lonely.example', 'admin');
    const { id: otherId } = await invited('other@lonely.example', 'member');
    const down = await admin.ask('PUT', `/api/members/${id}`, { role: 'viewer' });
    expect(down.body['error']).toMatchObject({ message: expect.stringContaining('last admin') });
    expect((await admin.ask('DELETE', `/api/members/${id}`)).status).toBe(403);
    expect((await admin.ask('PUT', `/api/members/${otherId}`, { role: 'admin' })).status).toBe(200);
    expect((await admin.ask('PUT', `/api/members/${id}`, { role: 'viewer' })).status).toBe(200);
    expect((await boss.ask('PUT', `/api/members/${otherId}`, { role: 'viewer' })).status).toBe(200);
    await boss.ask('POST', '/api/session/project', { project: 'default' });
  });

  test.each(['viewer', 'member', 'admin'])('a %s can do none of it', async (role) => {
    const { page, id } = await invited(`${role}@plain.example`, role);
    const calls = [
      ['GET', '/api/users'],
      ['POST', '/api/users', { email: 'x@y.example', name: 'x', password }],
      ['PATCH', `/api/users/${id}`, { owner: true }],
      ['PATCH', `/api/users/${bossId}`, { disabled: true }],
      ['DELETE', `/api/users/${bossId}`],
      ['POST', `/api/users/${bossId}/reset`],
      ['DELETE', `/api/users/${bossId}/sign-in`],
      ['POST', '/api/projects', { id: `of-${role}` }],
      ['PATCH', '/api/projects/lonely', { archived: true }],
    ] as const;
    for (const [method, path, body] of calls) {
      const answer = await page.ask(method, path, body);
      expect({ call: `${method} ${path}`, status: answer.status }).toEqual({
        call: `${method} ${path}`,
        status: 403,
      });
    }
    const { projects } = (await page.ask('GET', '/api/projects')).body;
    expect(projects).toEqual([{ id: 'default', name: 'default', archived: false }]);
  });
});

describe('projects', () => {
  test('an archived one takes and shows nothing, keeps everything, and opens again', async () => {
    await boss.ask('POST', '/api/projects', { id: 'old', name: 'Old shop' });
    await boss.ask('POST', '/api/session/project', { project: 'old' });
    const inside = await boss.ask('PATCH', '/api/projects/old', { archived: true });
    expect(inside.body['error']).toMatchObject({
      message: expect.stringContaining('You work in this project'),
    });
    const { page } = await invited('last@old.example', 'admin');
    const late = await boss.ask('POST', '/api/invitations', { email: 'late@old.example' });
    const { key } = (await boss.ask('POST', '/api/keys', { name: 'k', scopes: ['ingest', 'read'] })).body;
    await boss.ask('POST', '/api/session/project', { project: 'default' });
    const send = (seq: number) => server.send({ producer: 'old-1', boot: 'b' }, [line(seq)], String(key));
    expect((await send(1)).status).toBe(200);

    expect((await boss.ask('PATCH', '/api/projects/default', { archived: true })).status).toBe(403);
    const archived = await boss.ask('PATCH', '/api/projects/old', { archived: true });
    expect(archived.body).toEqual({ id: 'old', name: 'Old shop', archived: true, members: 1, keys: 1 });
    const refused = await send(2);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'project_archived' } });
    for (const [path, type, body] of WAYS_IN) {
      const headers = { authorization: `Bearer ${String(key)}`, 'content-type': type };
      const answer = await fetch(server.running.url + path, { method: 'POST', headers, body });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(await answer.text()).toContain('is archived');
    }
    expect((await page.ask('GET', '/api/session')).status).toBe(401);
    expect((await boss.ask('POST', '/api/session/project', { project: 'old' })).status).toBe(403);
    const join = { invitation: secretOf(late.body['link']), password };
    expect((await browser().ask('POST', '/api/session', join)).status).toBe(401);

    await boss.ask('PATCH', '/api/projects/old', { archived: false, name: 'New shop' });
    expect((await send(2)).status).toBe(200);
    expect(await server.select("SELECT count() FROM records WHERE project = 'old' AND kind = 'log'")).toEqual(
      [[2]],
    );
    expect(await told()).toEqual(
      expect.arrayContaining([
        'Boss: project old archived',
        'Boss: project old renamed to "New shop" and opened again',
      ]),
    );
  });

  test('one that is not there cannot be changed, nor be given a name without letters', async () => {
    expect((await boss.ask('PATCH', '/api/projects/nowhere', { name: 'x' })).status).toBe(404);
    expect((await boss.ask('PATCH', '/api/projects/old', { name: '  ' })).status).toBe(400);
  });
});
