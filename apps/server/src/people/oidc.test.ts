/** Signing in with a small OpenID Connect provider that runs here: discovery, PKCE, nonce, signed identity. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';
import { TestBrowser } from './browser.fixture.js';
import { OidcProvider, type ProvidedPerson } from './oidc-provider.fixture.js';

const shop: ProvidedPerson = { sub: 's-1', email: 'Kim@shop.example', email_verified: true, name: '김개발' };
const provider = new OidcProvider(shop);
let server: ServerUnderTest;
let owner: TestBrowser;

beforeAll(async () => {
  await provider.start();
  server = new ServerUnderTest({
    oidcIssuer: provider.issuer,
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
  provider.stop();
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
  provider.person = { ...shop, email: 'other@shop.example' };
  expect((await signIn()).status).toBe(200);
  provider.person = shop;
});

test('an address that the provider has not verified opens nothing, nor one that another subject has taken', async () => {
  await owner.ask('POST', '/api/invitations', { email: 'new@shop.example' });
  provider.person = { ...shop, sub: 's-2', email: 'new@shop.example', email_verified: false };
  expect((await signIn()).status).toBe(401);
  provider.person = { ...shop, sub: 's-3' };
  expect((await signIn()).status).toBe(401);
  provider.person = shop;
});

test('an answer that this browser did not ask for is refused, and so is a wrong nonce', async () => {
  const begun = new TestBrowser(server.running.url);
  const begin = await begun.open('GET', '/api/sign-in/oidc');
  const atProvider = await fetch(begin.headers.get('location') ?? '', { redirect: 'manual' });
  const back = new URL(atProvider.headers.get('location') ?? '');
  const victim = new TestBrowser(server.running.url);
  expect((await victim.open('GET', back.pathname + back.search)).status).toBe(401);
  provider.nonceOverride = 'another';
  expect((await signIn()).status).toBe(401);
  provider.nonceOverride = undefined;
});
