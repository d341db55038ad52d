/**
 * Signing in with an OpenID Connect provider: authorization code with PKCE, state and nonce.
 *
 * An address counts only when the provider says that it has verified it; what it is good for stands in `provider.ts`.
 */
import { ROUTES } from '@sillok/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as client from 'openid-client';

import { notFound } from '../errors.js';
import type { PeopleDeps } from './context.js';
import { oidcFailed, tooManyAttempts } from './errors.js';
import { OIDC_PENDING_MAX, OIDC_PENDING_MS } from './limits.js';
import { newSecret, normaliseEmail } from './people.js';
import { whoIsProvided, type ProvidedIdentity } from './provider.js';
import { openSession, sendHome } from './session-routes.js';

const STATE_COOKIE = 'sillok_oidc';

interface Pending {
  readonly verifier: string;
  readonly nonce: string;
  readonly endsMs: number;
}

export function registerOidc(app: FastifyInstance, deps: PeopleDeps): void {
  if (deps.config.oidcIssuer === '') return;
  const pending = new Map<string, Pending>();
  const discover = createDiscovery(deps);

  app.get(ROUTES.oidcBegin, async (_request, reply) => {
    const provider = await discover();
    const state = newSecret();
    const nonce = newSecret();
    const verifier = client.randomPKCECodeVerifier();
    dropOld(pending);
    if (pending.size >= OIDC_PENDING_MAX) throw tooManyAttempts(OIDC_PENDING_MS / 1000);
    pending.set(state, { verifier, nonce, endsMs: Date.now() + OIDC_PENDING_MS });
    const target = client.buildAuthorizationUrl(provider, {
      redirect_uri: returnUrl(deps),
      scope: 'openid email profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    // Lax: the way back is a navigation that the provider's page begins.
    const isSecure = deps.config.publicUrl.startsWith('https:') ? '; Secure' : '';
    const age = OIDC_PENDING_MS / 1000;
    void reply.header(
      'set-cookie',
      `${STATE_COOKIE}=${state}; Path=${ROUTES.oidcReturn}; HttpOnly; SameSite=Lax; Max-Age=${age}${isSecure}`,
    );
    return reply.redirect(target.href, 302);
  });

  app.get(ROUTES.oidcReturn, async (request, reply) => {
    const identity = await identityOf(request, { deps, pending, provider: await discover() });
    const who = whoIsProvided(deps.people, identity, (reason) => oidcFailed(reason));
    openSession(deps, who, { request, reply });
    return sendHome(reply);
  });
}

function createDiscovery({ config, log }: PeopleDeps): () => Promise<client.Configuration> {
  let found: Promise<client.Configuration> | undefined;
  const issuer = new URL(config.oidcIssuer);
  // Plain HTTP only to this machine: a provider in a test, or a proxy beside the server.
  const isLocal =
    issuer.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(issuer.hostname);
  const options = isLocal ? { execute: [client.allowInsecureRequests] } : {};
  return () => {
    found ??= client.discovery(issuer, config.oidcClientId, config.oidcClientSecret, undefined, options);
    return found.catch((error: unknown) => {
      found = undefined;
      log.warn('the identity provider cannot be reached', { issuer: issuer.href, error });
      throw oidcFailed('it cannot be reached', error);
    });
  };
}

function returnUrl({ config }: PeopleDeps): string {
  if (config.publicUrl === '')
    throw notFound(
      'SILLOK_PUBLIC_URL is not set.',
      'Sign-in with a provider needs it: docs/guides/people.md.',
    );
  return config.publicUrl.replace(/\/+$/, '') + ROUTES.oidcReturn;
}

function dropOld(pending: Map<string, Pending>): void {
  const now = Date.now();
  for (const [state, { endsMs }] of pending) if (endsMs <= now) pending.delete(state);
}

interface Return {
  readonly deps: PeopleDeps;
  readonly pending: Map<string, Pending>;
  readonly provider: client.Configuration;
}

async function identityOf(
  request: FastifyRequest,
  { deps, pending, provider }: Return,
): Promise<ProvidedIdentity> {
  const address = new URL(returnUrl(deps) + request.url.slice(request.url.indexOf('?')));
  const state = address.searchParams.get('state') ?? '';
  const cookie = /(?:^|;\s*)sillok_oidc=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const known = pending.get(state);
  pending.delete(state);
  // The cookie ties the answer to the browser that began: else somebody could sign others in as themselves.
  if (known === undefined || known.endsMs <= Date.now() || cookie !== state)
    throw oidcFailed('this page was not begun here, or took too long');
  const checks = {
    pkceCodeVerifier: known.verifier,
    expectedNonce: known.nonce,
    expectedState: state,
    idTokenExpected: true,
  };
  const tokens = await client.authorizationCodeGrant(provider, address, checks).catch((error: unknown) => {
    deps.log.warn('the identity provider’s answer was refused', { error });
    throw oidcFailed('its answer was refused', error);
  });
  const claims = tokens.claims();
  if (claims === undefined) throw oidcFailed('it sent no identity');
  const { email, email_verified: isVerified, name } = claims;
  return {
    way: 'oidc',
    issuer: claims.iss,
    subject: claims.sub,
    email: typeof email === 'string' && isVerified === true ? normaliseEmail(email) : undefined,
    name: typeof name === 'string' ? name.slice(0, 100) : undefined,
  };
}
