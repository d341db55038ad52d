/** Who looked at whom, through a whole server: people and machines, once an hour, in the history of that person and in the review. */
import type { AuditPage, ReviewAnswer } from '@sillok/api';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { nodeDisk, type Disk } from '@sillok/spool';

import { line, ServerUnderTest } from '../server.fixture.js';
import { VIEW_QUIET_MS } from './limits.js';
import { Views } from './views.js';

const HASH = 'u1_AAAAAAAAAAAAAAAAAAAAAA';
const OTHER = 'u1_BBBBBBBBBBBBBBBBBBBBBB';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const server = new ServerUnderTest();
const state = { isFull: false };
const disk: Disk = {
  ...nodeDisk,
  write(fd, bytes, range) {
    if (state.isFull && range.length > 200) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    return nodeDisk.write(fd, bytes, range);
  },
};

beforeAll(async () => {
  await server.start({ disk });
  const access = { kind: 'access', trace_id: TRACE, attributes: { 'http.route': '/pay', duration_ms: 3 } };
  await server.verdict({ producer: 'p', boot: 'b' }, [
    line(1, { ...access, user_hash: HASH }),
    line(2, { user_hash: OTHER, trace_id: `${TRACE.slice(0, -1)}7` }),
  ]);
  await server.visible();
});
afterAll(() => server.dispose());

async function get<T>(path: string, key = server.running.devKey): Promise<T> {
  const response = await fetch(server.running.url + path, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  // The caller names the documented shape.
  return (await response.json()) as T;
}

const RANGE = 'from=2026-11-20&to=2030-01-01';

async function viewsOf(person: string): Promise<AuditPage['changes']> {
  await server.visible();
  const { changes } = await get<AuditPage>(`/api/audit?subject=${person}&reads=only&action=person.view`);
  return changes;
}

test('a story, its traces and retries leave one entry of the hour, whoever reads them', async () => {
  await get(`/api/scenario?user_hash=${HASH}&${RANGE}`);
  await get(`/api/trace/${TRACE}?${RANGE}`);
  await get(`/api/retries?id=${HASH}&${RANGE}`);
  const [view, ...others] = await viewsOf(HASH);
  expect(others).toEqual([]);
  expect(view).toMatchObject({
    action: 'person.view',
    outcome: 'committed',
    is_read: true,
    actor: { type: 'system' },
    subject: HASH,
    client_address: '127.0.0.1',
  });
});

test('another key is another viewer, and another person another entry', async () => {
  const body = JSON.stringify({ name: 'a program', scopes: ['read'] });
  const made = await server.post('/api/keys', body, { 'content-type': 'application/json' });
  // The shape of the documented answer.
  const { key, id } = (await made.json()) as { key: string; id: string };
  await get(`/api/trace/${TRACE}?${RANGE}`, key);
  expect((await viewsOf(HASH)).map(({ actor }) => actor.id)).toContain(id);
  expect(await viewsOf(OTHER)).toEqual([]);
  await get(`/api/scenario?person=${OTHER}&${RANGE}`, key);
  expect(await viewsOf(OTHER)).toHaveLength(1);
});

test('the changes about a person say who looked, and the look at them is one, too', async () => {
  const body = JSON.stringify({ name: 'another', scopes: ['read'] });
  const made = await server.post('/api/keys', body, { 'content-type': 'application/json' });
  // The shape of the documented answer.
  const { key, id } = (await made.json()) as { key: string; id: string };
  await get(`/api/audit?person=${HASH}`, key);
  await server.visible();
  const { changes } = await get<AuditPage>(`/api/audit?person=${HASH}&reads=only`);
  expect(changes.map(({ actor }) => actor.id)).toContain(id);
});

test('a text that is no pseudonym is asked for and never written down', async () => {
  await get(`/api/audit?person=${encodeURIComponent('kim@shop.example')}`);
  await server.visible();
  expect((await get<AuditPage>('/api/audit?q=kim@shop.example')).changes).toEqual([]);
});

test('the monthly review counts them', async () => {
  await server.visible();
  const month = new Date().toISOString().slice(0, 7);
  const { actors, people } = await get<ReviewAnswer>(`/api/audit/review?month=${month}&zone=UTC`);
  expect(people).toBe(2);
  expect(actors.reduce((sum, { accesses }) => sum + accesses, 0)).toBeGreaterThanOrEqual(4);
});

test('after the hour it is written down again', async () => {
  let now = 0;
  const views = new Views(server.running.deps.admission, () => now);
  const view = { hashes: ['p-clock'], graph: { peopleOf: () => [] }, by: 'story', address: '::1' } as const;
  const viewer = { project: 'default', keyId: 'user:kim' };
  for (now of [1, VIEW_QUIET_MS, VIEW_QUIET_MS + 1]) await views.viewed(viewer, view);
  expect(await viewsOf('p-clock')).toHaveLength(2);
});

test('what cannot be written down is not shown', async () => {
  const body = JSON.stringify({ name: 'late', scopes: ['read'] });
  const made = await server.post('/api/keys', body, { 'content-type': 'application/json' });
  // The shape of the documented answer.
  const { key } = (await made.json()) as { key: string };
  state.isFull = true;
  await expect(get(`/api/trace/${TRACE}?${RANGE}`, key)).rejects.toThrow(/disk_full/);
  state.isFull = false;
  await get(`/api/trace/${TRACE}?${RANGE}`, key);
});
