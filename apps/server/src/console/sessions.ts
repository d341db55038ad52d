/**
 * Who is signed in to the console. A session is a random secret in a cookie that scripts cannot read; here only its
 * hash is kept. It ends on the server: by signing out, by time, or with the key that it was opened with.
 */
import { createHash, randomBytes } from 'node:crypto';

import type { FastifyRequest } from 'fastify';

import type { Principal } from '../seams.js';
import { LINK_MS, SECRET_BYTES, SESSION_MS, SESSIONS_MAX } from './limits.js';

export const SESSION_COOKIE = 'sillok_session';

interface Session {
  readonly principal: Principal;
  readonly endsMs: number;
}

export interface SessionsOptions {
  /** Whether the key that opened a session is still good. */
  readonly keyIsGood: (keyId: string) => boolean;
  readonly nowMs?: () => number;
}

/** Key id of sessions that were opened by the link which the server prints at its start. */
export const LINK_KEY_ID = 'sign-in-link';

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #links = new Map<string, Session>();
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get #now(): number {
    return (this.#options.nowMs ?? Date.now)();
  }

  /** A secret for a sign-in link. It works once, and within `LINK_MS`. */
  createLink(principal: Principal): string {
    const secret = newSecret();
    this.#links.set(hash(secret), { principal, endsMs: this.#now + LINK_MS });
    return secret;
  }

  /** Whom a link signs in; undefined when it was used, has expired or never was. */
  useLink(secret: string): Principal | undefined {
    const link = this.#links.get(hash(secret));
    this.#links.delete(hash(secret));
    return link !== undefined && link.endsMs > this.#now ? link.principal : undefined;
  }

  /** Opens a session; the answer is the cookie's value. */
  open(principal: Principal): string {
    const oldest = this.#sessions.keys().next();
    if (this.#sessions.size >= SESSIONS_MAX && !oldest.done) this.#sessions.delete(oldest.value);
    const secret = newSecret();
    this.#sessions.set(hash(secret), { principal, endsMs: this.#now + SESSION_MS });
    return secret;
  }

  close(request: FastifyRequest): void {
    const secret = cookieOf(request);
    if (secret !== undefined) this.#sessions.delete(hash(secret));
  }

  /**
   * Who is signed in with this request. A request that changes something must come from our own page: the cookie is
   * SameSite=Strict already, the Origin is the second lock.
   */
  principalOf(request: FastifyRequest): Principal | undefined {
    const secret = cookieOf(request);
    if (secret === undefined) return undefined;
    const session = this.#sessions.get(hash(secret));
    if (session === undefined) return undefined;
    const { keyId } = session.principal;
    if (session.endsMs <= this.#now || (keyId !== LINK_KEY_ID && !this.#options.keyIsGood(keyId))) {
      this.#sessions.delete(hash(secret));
      return undefined;
    }
    return isOwnPage(request) ? session.principal : undefined;
  }
}

/** True for a request of our own page or of a person's address line, never for another site's page. */
export function isOwnPage(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined)
    return request.method === 'GET' || request.method === 'HEAD' || site === 'same-origin';
  return origin === `http://${host}` || origin === `https://${host}`;
}

function cookieOf(request: FastifyRequest): string | undefined {
  const header = request.headers.cookie;
  return header === undefined ? undefined : /(?:^|;\s*)sillok_session=([\w-]+)/.exec(header)?.[1];
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
