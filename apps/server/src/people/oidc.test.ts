/** Signing in with a small OpenID Connect provider that runs here: discovery, PKCE, nonce, signed identity. */
import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';
import { TestBrowser } from './browser.fixture.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };

interface Person {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
}

const shop: Person = { sub: 's-1', email: 'Kim@shop.example', email_verified: true, name: '김개발' };
let person = shop;
let nonceOverride: string | undefined;
const codes = new Map<string, { nonce: string; challenge: string }>();

const provider: Server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', issuer());
  const json = (value: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (url.pathname === '/.well-known/openid-configuration') {
    return json({
      issuer: issuer(),
      authorization_endpoint: `${issuer()}/authorize`,
      token_endpoint: `${issuer()}/token`,
      jwks_uri: `${issuer()}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  }
  if (url.pathname === '/jwks') return json({ keys: [jwk] });
  if (url.pathname === '/authorize') {
    const code = `code-${codes.size}`;
    const ask = url.searchParams;
    codes.set(code, { nonce: ask.get('nonce') ?? '', challenge: ask.get('code_challenge') ?? '' });
    const back = new URL(ask.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', ask.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
    return;
  }
  let text = '';
  request.on('data', (piece: Buffer) => (text += piece.toString()));
  request.on('end', () => {
    const form = new URLSearchParams(text);
    const code = codes.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (code === undefined || challenge !== code.challenge) return json({ error: 'invalid_grant' }, 400);
    json({ access_token: 'a', token_type: 'Bearer', id_token: idToken(nonceOverride ?? code.nonce) });
  });
});

function issuer(): string {
  const address = provider.address() as AddressInfo; // it listens
  return `http://127.0.0.1:${address.port}`;
}

function idToken(nonce: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer(), aud: 'sillok', iat: now, exp: now + 60, nonce, ...person };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'RS256', kid: 'k1', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
}

let server: ServerUnderTest;
let owner: TestBrowser;

beforeAll(async () => {
  await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
  server = new ServerUnderTest({
    oidcIssuer: issuer(),
    oidcClientId: 'sillok',
    oidcClientSecret: 'secret',
    oidcName: 'Shop SSO',
    publicUrl: 'https://sillok.shop.example',
  });
  const { url, signInUrl } = await server.start();
  owner = new TestBrowser(url);
  await owner.signInBy(signInUrl);
});
afterAll(async () => {
  await server.dispose();
  provider.close();
});

/** Follows the redirects as a browser would; what comes back to the public address goes to the test's server. */
async function signIn(
  page = new TestBrowser(server.running.url),
): Promise<{ status: number; page: TestBrowser }> {
  const begin = await page.open('GET', '/api/sign-in/oidc');
  const atProvider = await fetch(begin.headers.get('location') ?? '', { redirect: 'manual' });
  const back = new URL(atProvider.headers.get('location') ?? '');
  const answer = await page.open('GET', back.pathname + back.search);
  await answer.text();
  return { status: answer.status, page };
}

test('who was not invited is not let in', async () => {
  const ways = await owner.ask('GET', '/api/sign-in');
  expect(ways.body).toEqual({ password: true, oidc: { name: 'Shop SSO' }, saml: null });
  expect((await signIn()).status).toBe(401);
});

test('who was invited signs in, and later by the subject even with another address', async () => {
  await owner.ask('POST', '/api/invitations', { email: 'kim@shop.example', role: 'member' });
  const first = await signIn();
  expect(first.status).toBe(200);
  const session = await first.page.ask('GET', '/api/session');
  expect(session.body).toMatchObject({ role: 'member', user: { email: 'kim@shop.example', name: '김개발' } });
  person = { ...shop, email: 'other@shop.example' };
  expect((await signIn()).status).toBe(200);
  person = shop;
});

test('an address that the provider has not verified opens nothing, nor one that another subject has taken', async () => {
  await owner.ask('POST', '/api/invitations', { email: 'new@shop.example' });
  person = { ...shop, sub: 's-2', email: 'new@shop.example', email_verified: false };
  expect((await signIn()).status).toBe(401);
  person = { ...shop, sub: 's-3' };
  expect((await signIn()).status).toBe(401);
  person = shop;
});

test('an answer that this browser did not ask for is refused, and so is a wrong nonce', async () => {
  const begun = new TestBrowser(server.running.url);
  const begin = await begun.open('GET', '/api/sign-in/oidc');
  const atProvider = await fetch(begin.headers.get('location') ?? '', { redirect: 'manual' });
  const back = new URL(atProvider.headers.get('location') ?? '');
  const victim = new TestBrowser(server.running.url);
  expect((await victim.open('GET', back.pathname + back.search)).status).toBe(401);
  nonceOverride = 'another';
  expect((await signIn()).status).toBe(401);
  nonceOverride = undefined;
});
