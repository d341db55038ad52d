import { expect, test } from 'vitest';

import type { Principal } from '../seams.js';
import { LINK_MS, SESSION_IDLE_MS, SESSION_MS } from './limits.js';
import { Sessions, type Who } from './sessions.js';

const who: Who = { project: 'default', keyId: 'k1' };
const opened = { ip: '127.0.0.1', headers: { 'user-agent': 'test' } };
const resolve = ({ project, keyId }: Who): Principal => ({ project, keyId, scopes: ['read'] });

function request(secret: string, headers: Record<string, string> = {}, method = 'GET') {
  return { method, headers: { host: 'h:1', cookie: `a=b; sillok_session=${secret}`, ...headers } };
}

test('a link works once', () => {
  const sessions = new Sessions({ resolve });
  const link = sessions.createLink(who);
  expect(sessions.useLink(link)).toEqual(who);
  expect(sessions.useLink(link)).toBe(undefined);
});

test('a link ends by time, and a session by idleness and at the end of its day', () => {
  let now = 0;
  const sessions = new Sessions({ resolve, nowMs: () => now });
  const link = sessions.createLink(who);
  const { secret } = sessions.open(who, opened);
  const busy = sessions.open(who, opened);
  now = LINK_MS;
  expect(sessions.useLink(link)).toBe(undefined);
  for (; now < SESSION_MS - LINK_MS; now += LINK_MS) sessions.principalOf(request(busy.secret));
  expect(sessions.principalOf(request(secret))).toBe(undefined);
  expect(sessions.principalOf(request(busy.secret))?.sessionId).toBe(busy.session.id);
  now = SESSION_MS;
  expect(sessions.principalOf(request(busy.secret))).toBe(undefined);
  expect(SESSION_IDLE_MS).toBeLessThan(SESSION_MS);
});

test('a session ends when it is revoked, with its key, and for streams that are open', () => {
  let isGood = true;
  const sessions = new Sessions({ resolve: (each) => (isGood ? resolve(each) : undefined) });
  const first = sessions.open(who, opened);
  const second = sessions.open(who, opened);
  const stream = sessions.principalOf(request(first.secret));
  if (stream === undefined) throw new Error('the session is open');
  expect(sessions.isGood(stream)).toBe(true);
  sessions.end(first.session.id);
  expect(sessions.isGood(stream)).toBe(false);
  expect(sessions.principalOf(request(first.secret))).toBe(undefined);
  expect(sessions.list().map(({ id }) => id)).toEqual([second.session.id]);
  isGood = false;
  expect(sessions.principalOf(request(second.secret))).toBe(undefined);
});

test('all sessions of a person end but the one that asks', () => {
  const sessions = new Sessions({ resolve });
  const own = sessions.open(who, opened);
  sessions.open(who, opened);
  const other = sessions.open({ ...who, keyId: 'k2' }, opened);
  expect(sessions.endAll('k1', own.session.id)).toBe(1);
  expect(sessions.list().map(({ id }) => id)).toEqual([own.session.id, other.session.id]);
});

test('another site’s page cannot use the session', () => {
  const sessions = new Sessions({ resolve });
  const { secret } = sessions.open(who, opened);
  expect(sessions.principalOf(request(secret, { origin: 'http://evil' }))).toBe(undefined);
  expect(sessions.principalOf(request(secret, { 'sec-fetch-site': 'cross-site' }))).toBe(undefined);
  expect(sessions.principalOf(request(secret, {}, 'POST'))).toBe(undefined);
  expect(sessions.principalOf(request(secret, { origin: 'http://h:1' }, 'POST'))?.keyId).toBe('k1');
});
