/** Saved searches over HTTP: private, shared, starred, and none across the wall. */
import type { SavedShape } from '@sillok/api';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';

const server = new ServerUnderTest();
const keys: Record<string, string> = {};

async function ask(who: string, method: string, ...[path, json]: [path: string, json?: unknown]) {
  const response = await fetch(server.running.url + path, {
    method,
    headers: {
      authorization: `Bearer ${keys[who]}`,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  // Answers of the API are objects.
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const listed = async (who: string): Promise<SavedShape[]> =>
  // The answer of GET /api/saved.
  (await ask(who, 'GET', '/api/saved')).body['saved'] as SavedShape[];

beforeAll(async () => {
  keys['dev'] = (await server.start()).devKey;
  const wanted = { viewer: ['read'], member: ['write'], member2: ['write'], other: ['admin'] };
  for (const [name, scopes] of Object.entries(wanted)) {
    const project = name === 'other' ? 'other' : 'default';
    keys[name] = String((await ask('dev', 'POST', '/api/keys', { name, scopes, project })).body['key']);
  }
});
afterAll(() => server.dispose());

const search = { name: '결제 오류', q: 'level:error 결제', range: '-24h', columns: ['order.id'] };

test('a private search is seen by its owner only, and by nobody guessing its id', async () => {
  const made = await ask('viewer', 'POST', '/api/saved', search);
  expect(made).toMatchObject({ status: 201, body: { ...search, mine: true, starred: false, shared: false } });
  const id = String(made.body['id']);
  expect((await listed('viewer')).map((each) => each.id)).toEqual([id]);
  expect(await listed('member')).toEqual([]);
  for (const method of ['PUT', 'DELETE']) {
    const tried = await ask('member', method, `/api/saved/${id}`, method === 'PUT' ? search : undefined);
    expect(tried.status).toBe(404);
  }
});

test('a shared one is changed by members, not by viewers, and stars are one’s own', async () => {
  expect((await ask('viewer', 'POST', '/api/saved', { ...search, shared: true })).status).toBe(403);
  const made = await ask('member', 'POST', '/api/saved', { ...search, name: 'shared', shared: true });
  const path = `/api/saved/${String(made.body['id'])}`;
  expect((await ask('viewer', 'PUT', `${path}/star`)).status).toBe(200);
  const seen = (await listed('viewer')).find(({ name }) => name === 'shared');
  expect(seen).toMatchObject({ starred: true, mine: false });
  expect((await listed('member')).find(({ name }) => name === 'shared')).toMatchObject({ starred: false });
  expect((await ask('viewer', 'DELETE', path)).status).toBe(403);
  const change = { ...search, name: 'better', shared: true };
  expect((await ask('member2', 'PUT', path, change)).body).toMatchObject({ name: 'better' });
  expect((await ask('member2', 'DELETE', path)).status).toBe(200);
  expect((await listed('viewer')).some(({ name }) => name === 'better')).toBe(false);
});

test('an admin of another project sees none of them, and its stars land nowhere', async () => {
  const made = await ask('member', 'POST', '/api/saved', { ...search, name: 'ours', shared: true });
  const id = String(made.body['id']);
  expect(await listed('other')).toEqual([]);
  expect((await ask('other', 'PUT', `/api/saved/${id}`, search)).status).toBe(404);
  expect((await ask('other', 'PUT', `/api/saved/${id}/star`)).status).toBe(404);
  expect((await ask('other', 'DELETE', `/api/saved/${id}`)).status).toBe(404);
  expect((await listed('member')).some((each) => each.id === id)).toBe(true);
});

test('a ready-made card can be starred; a search without a name is refused', async () => {
  expect((await ask('viewer', 'PUT', '/api/saved/card.slow-sql/star')).status).toBe(200);
  expect((await ask('viewer', 'GET', '/api/saved')).body).toMatchObject({ starred_cards: ['card.slow-sql'] });
  expect((await ask('viewer', 'DELETE', '/api/saved/card.slow-sql/star')).status).toBe(200);
  expect((await ask('viewer', 'GET', '/api/saved')).body).toMatchObject({ starred_cards: [] });
  expect((await ask('viewer', 'POST', '/api/saved', { ...search, name: ' ' })).status).toBe(400);
});

test('they survive a restart', async () => {
  const before = await listed('member');
  await server.stop();
  await server.start();
  expect(await listed('member')).toEqual(before);
});
