import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';

import type { Principal } from '../seams.js';
import { LINK_MS, SESSION_MS } from './limits.js';
import { Sessions } from './sessions.js';

const principal: Principal = { project: 'default', scopes: ['read'], keyId: 'k1' };

function request(secret: string, headers: Record<string, string> = {}, method = 'GET'): FastifyRequest {
  // Only what `Sessions` reads of a request.
  return {
    method,
    headers: { host: 'h:1', cookie: `a=b; sillok_session=${secret}`, ...headers },
  } as FastifyRequest;
}

test('a link works once', () => {
  const sessions = new Sessions({ keyIsGood: () => true });
  const link = sessions.createLink(principal);
  expect(sessions.useLink(link)).toBe(principal);
  expect(sessions.useLink(link)).toBe(undefined);
});

test('a link and a session end by time', () => {
  let now = 0;
  const sessions = new Sessions({ keyIsGood: () => true, nowMs: () => now });
  const link = sessions.createLink(principal);
  const secret = sessions.open(principal);
  now = LINK_MS;
  expect(sessions.useLink(link)).toBe(undefined);
  expect(sessions.principalOf(request(secret))).toBe(principal);
  now = SESSION_MS;
  expect(sessions.principalOf(request(secret))).toBe(undefined);
});

test('a session ends with its key and by signing out', () => {
  let good = true;
  const sessions = new Sessions({ keyIsGood: () => good });
  const first = sessions.open(principal);
  const second = sessions.open(principal);
  sessions.close(request(first));
  expect(sessions.principalOf(request(first))).toBe(undefined);
  expect(sessions.principalOf(request(second))).toBe(principal);
  good = false;
  expect(sessions.principalOf(request(second))).toBe(undefined);
});

test('another site’s page cannot use the session', () => {
  const sessions = new Sessions({ keyIsGood: () => true });
  const secret = sessions.open(principal);
  expect(sessions.principalOf(request(secret, { origin: 'http://evil' }))).toBe(undefined);
  expect(sessions.principalOf(request(secret, { 'sec-fetch-site': 'cross-site' }))).toBe(undefined);
  expect(sessions.principalOf(request(secret, {}, 'POST'))).toBe(undefined);
  expect(sessions.principalOf(request(secret, { origin: 'http://h:1' }, 'POST'))).toBe(principal);
});
