/** People and keys over HTTP against a whole server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ServerUnderTest, body as batch, line } from '../server.fixture.js';
import { secretOf, TestBrowser } from './browser.fixture.js';

const server = new ServerUnderTest();
const owner = { email: 'Boss@Shop.example ', name: '김사장', password: 'correct horse battery' };
let signInUrl = '';

beforeAll(async () => {
  signInUrl = (await server.start()).signInUrl;
});
afterAll(() => server.dispose());

const browser = (): TestBrowser => new TestBrowser(server.running.url);

async function signedIn(email: string, password: string): Promise<TestBrowser> {
  const page = browser();
  expect((await page.ask('POST', '/api/session', { email, password })).status).toBe(200);
  return page;
}

/** Invites somebody with the browser of an admin, and opens the link as that person. */
async function invited(admin: TestBrowser, email: string, role: string): Promise<TestBrowser> {
  const made = await admin.ask('POST', '/api/invitations', { email, role });
  expect(made.status).toBe(201);
  const page = browser();
  const invitation = secretOf(made.body['link']);
  const accepted = await page.ask('POST', '/api/session', {
    invitation,
    name: email,
    password: `${email} is mine`,
  });
  expect(accepted.status).toBe(200);
  return page;
}

async function adminOf(project: string): Promise<TestBrowser> {
  const page = await signedIn('boss@shop.example', owner.password);
  await page.ask('POST', '/api/projects', { id: project });
  expect((await page.ask('POST', '/api/session/project', { project })).status).toBe(200);
  return invited(page, `admin@${project}.example`, 'admin');
}

describe('the first minute', () => {
  test('the sign-in link makes the first user, who becomes owner, and works once', async () => {
    const page = browser();
    const first = await page.signInBy(signInUrl);
    expect(first.body).toMatchObject({ role: 'owner', user: null, needs_first_user: true });
    expect((await browser().signInBy(signInUrl)).status).toBe(401);
    const made = await page.ask('POST', '/api/users', owner);
    expect(made).toMatchObject({ status: 201, body: { email: 'boss@shop.example', owner: true } });
    const again = await page.ask('POST', '/api/users', owner);
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'user_exists' } } });
    expect((await page.ask('GET', '/api/session')).body).toMatchObject({ needs_first_user: false });
    const boss = await signedIn(' BOSS@shop.example', owner.password);
    expect((await boss.ask('GET', '/api/session')).body).toMatchObject({
      role: 'owner',
      project: 'default',
      user: { name: '김사장' },
    });
  });

  test('a short password is refused, and nobody is left without an owner', async () => {
    const boss = await signedIn('boss@shop.example', owner.password);
    const short = { email: 'x@y.example', name: 'x', password: 'short' };
    expect((await boss.ask('POST', '/api/users', short)).status).toBe(400);
    const { users } = (await boss.ask('GET', '/api/users')).body as { users: { id: string }[] };
    const removed = await boss.ask('DELETE', `/api/users/${users[0]!.id}`);
    expect(removed).toMatchObject({ status: 403, body: { error: { code: 'not_allowed' } } });
    const disabled = await boss.ask('PATCH', `/api/users/${users[0]!.id}`, { disabled: true });
    expect(disabled.status).toBe(403);
  });

  test('guessing has to wait, and an account that is not there answers the same', async () => {
    const page = browser();
    const guess = (email: string) => page.ask('POST', '/api/session', { email, password: 'wrong password' });
    const known = await guess('boss@shop.example');
    const unknown = await guess('nobody@shop.example');
    expect(known.status).toBe(401);
    expect(unknown.body).toEqual(known.body);
    const answers = [];
    for (let round = 0; round < 5; round += 1) answers.push((await guess('boss@shop.example')).status);
    expect(answers).toContain(429);
    await server.stop();
    await server.start();
  });
});

describe('roles and projects', () => {
  test('a viewer reads, a member does not manage keys, and what changes acts with the next request', async () => {
    const boss = await signedIn('boss@shop.example', owner.password);
    const viewer = await invited(boss, 'viewer@shop.example', 'viewer');
    expect((await viewer.ask('GET', '/api/session')).body).toMatchObject({ role: 'viewer' });
    expect((await viewer.ask('GET', '/api/keys')).status).toBe(403);
    expect((await viewer.ask('POST', '/api/invitations', { email: 'a@b.example' })).status).toBe(403);
    const { members } = (await boss.ask('GET', '/api/members')).body as {
      members: { id: string; email: string }[];
    };
    const { id } = members.find(({ email }) => email === 'viewer@shop.example')!;
    expect((await boss.ask('PUT', `/api/members/${id}`, { role: 'admin' })).status).toBe(200);
    expect((await viewer.ask('GET', '/api/keys')).status).toBe(200);
    expect((await boss.ask('DELETE', `/api/members/${id}`)).status).toBe(200);
    expect((await viewer.ask('GET', '/api/session')).status).toBe(401);
  });

  test('an invitation works once, and not after it was withdrawn', async () => {
    const boss = await signedIn('boss@shop.example', owner.password);
    const made = await boss.ask('POST', '/api/invitations', { email: 'late@shop.example' });
    await boss.ask('DELETE', `/api/invitations/${String(made.body['id'])}`);
    const tried = await browser().ask('POST', '/api/session', {
      invitation: secretOf(made.body['link']),
      password: 'a long enough one',
    });
    expect(tried).toMatchObject({ status: 401, body: { error: { code: 'link_used' } } });
  });

  test('an admin of one project sees and changes nothing of another', async () => {
    const red = await adminOf('red');
    const blue = await adminOf('blue');
    const key = (await red.ask('POST', '/api/keys', { name: 'red key', scopes: ['read'] })).body;
    expect(JSON.stringify((await blue.ask('GET', '/api/keys')).body)).not.toContain('red');
    const revoked = await blue.ask('DELETE', `/api/keys/${String(key['id'])}`);
    const absent = await blue.ask('DELETE', '/api/keys/000000000000');
    expect(revoked.status).toBe(404);
    expect(JSON.stringify(revoked.body).replaceAll(String(key['id']), 'ID')).toBe(
      JSON.stringify(absent.body).replaceAll('000000000000', 'ID'),
    );
    const beyond = await blue.ask('POST', '/api/keys', { name: 'x', scopes: ['read'], project: 'red' });
    expect(beyond.status).toBe(403);
    expect((await blue.ask('POST', '/api/keys', { name: 'x', scopes: ['owner'] })).status).toBe(403);
    for (const path of [
      '/api/members',
      '/api/sessions',
      '/api/settings/history',
      '/api/projects',
      '/api/invitations',
    ])
      expect(JSON.stringify((await blue.ask('GET', path)).body)).not.toMatch(/red/);
    expect((await blue.ask('GET', '/api/settings/history?all=1')).status).toBe(403);
    expect((await blue.ask('GET', '/api/users')).status).toBe(403);
    const moved = await blue.ask('POST', '/api/session/project', { project: 'red' });
    const nowhere = await blue.ask('POST', '/api/session/project', { project: 'nowhere' });
    expect(moved.status).toBe(403);
    expect(JSON.stringify(moved.body).replace('red', 'P')).toBe(
      JSON.stringify(nowhere.body).replace('nowhere', 'P'),
    );
  });

  test('a person of two projects chooses between them with one account', async () => {
    const red = await adminOf('red2');
    const made = await red.ask('POST', '/api/invitations', { email: 'admin@blue2.example' });
    await adminOf('blue2');
    const page = browser();
    const join = { invitation: secretOf(made.body['link']), password: 'admin@blue2.example is mine' };
    expect((await page.ask('POST', '/api/session', { ...join, password: 'not the one I have' })).status).toBe(
      401,
    );
    const joined = await page.ask('POST', '/api/session', join);
    expect(joined.body).toMatchObject({ project: 'red2', role: 'viewer', projects: ['blue2', 'red2'] });
    const moved = await page.ask('POST', '/api/session/project', { project: 'blue2' });
    expect(moved.body).toMatchObject({ project: 'blue2', role: 'admin' });
  });
});

describe('what ends', () => {
  test('a session that was revoked is refused at once, and its open live tail ends', async () => {
    const boss = await signedIn('boss@shop.example', owner.password);
    const guest = await invited(boss, 'guest@shop.example', 'viewer');
    const stream = await guest.open('GET', '/api/live');
    const { sessions } = (await boss.ask('GET', '/api/sessions')).body as {
      sessions: { id: string; who: string }[];
    };
    const { id } = sessions.find(({ who }) => who === 'guest@shop.example')!;
    expect((await boss.ask('DELETE', `/api/sessions/${id}`)).status).toBe(200);
    await server.send({ producer: 'after', boot: 'b' }, [line(1)]);
    expect(await stream.text()).not.toContain('"producer":"after"');
    expect((await guest.ask('GET', '/api/session')).status).toBe(401);
  });

  test('who is removed from the project sees nothing more, also in a live tail that is open', async () => {
    const boss = await signedIn('boss@shop.example', owner.password);
    const leaver = await invited(boss, 'leaver@shop.example', 'member');
    const stream = await leaver.open('GET', '/api/live');
    const { members } = (await boss.ask('GET', '/api/members')).body as {
      members: { id: string; email: string }[];
    };
    const id = members.find(({ email }) => email === 'leaver@shop.example')?.id ?? '';
    expect((await boss.ask('DELETE', `/api/members/${id}`)).status).toBe(200);
    await server.send({ producer: 'removed', boot: 'b' }, [line(1)]);
    expect(await stream.text()).not.toContain('"producer":"removed"');
    expect((await leaver.ask('GET', '/api/search?q=')).status).toBe(401);
  });

  test('a new password ends the other sessions, a reset link all of them', async () => {
    const boss = await signedIn('boss@shop.example', owner.password);
    await invited(boss, 'two@shop.example', 'viewer');
    const first = await signedIn('two@shop.example', 'two@shop.example is mine');
    const second = await signedIn('two@shop.example', 'two@shop.example is mine');
    const change = { current: 'two@shop.example is mine', password: 'another long password' };
    expect((await first.ask('POST', '/api/session/password', change)).status).toBe(200);
    expect((await second.ask('GET', '/api/session')).status).toBe(401);
    const { users } = (await boss.ask('GET', '/api/users')).body as {
      users: { id: string; email: string }[];
    };
    const { id } = users.find(({ email }) => email === 'two@shop.example')!;
    const reset = await boss.ask('POST', `/api/users/${id}/reset`);
    const set = { invitation: secretOf(reset.body['link']), password: 'the third long password' };
    expect((await browser().ask('POST', '/api/session', set)).status).toBe(200);
    expect((await first.ask('GET', '/api/session')).status).toBe(401);
    await signedIn('two@shop.example', 'the third long password');
  });
});

describe('keys and history', () => {
  test('a browser key is for the pages that it names', async () => {
    const boss = await signedIn('boss@shop.example', owner.password);
    const wanted = { name: 'page', scopes: ['ingest'], origins: ['https://shop.example'] };
    const { key } = (await boss.ask('POST', '/api/keys', wanted)).body;
    const send = (producer: string, headers: Record<string, string>) =>
      server.post('/v1/records', batch({ producer, boot: 'b' }, [line(1)]), {
        authorization: `Bearer ${String(key)}`,
        ...headers,
      });
    expect((await send('page-1', { origin: 'https://shop.example' })).status).toBe(200);
    expect((await send('page-2', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await send('page-3', {})).status).toBe(403);
    const bad = { ...wanted, origins: ['https://shop.example/path'] };
    expect((await boss.ask('POST', '/api/keys', bad)).status).toBe(400);
  });

  test('the history says who changed what, before and after, without secrets, also after a restart', async () => {
    await server.stop();
    await server.start();
    const boss = await signedIn('boss@shop.example', owner.password);
    const { changes } = (await boss.ask('GET', '/api/settings/history?all=1&limit=500')).body as {
      changes: { what: string; actor_name: string; message: string; before: unknown; after: unknown }[];
    };
    const role = changes.find(({ message }) => message === 'viewer@shop.example is now admin');
    expect(role).toMatchObject({
      what: 'member',
      actor_name: '김사장',
      before: { role: 'viewer' },
      after: { role: 'admin' },
    });
    expect(changes.some(({ what }) => what === 'session')).toBe(true);
    expect(JSON.stringify(changes)).not.toMatch(/scrypt|"hash"|"password":/);
  });
});
