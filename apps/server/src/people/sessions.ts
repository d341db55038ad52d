/**
 * Who is signed in to the console. A session is a random secret in a cookie that scripts cannot read; here only its
 * hash is kept. It ends on the server: by signing out, by time, by somebody who revokes it, or with the key or the person
 * that it belongs to, who is looked up anew at every request.
 */
import { randomUUID } from 'node:crypto';

import type { FastifyRequest } from 'fastify';

import type { Principal } from '../seams.js';
import { LINK_MS, SESSION_IDLE_MS, SESSION_MS, SESSIONS_MAX } from './limits.js';
import { hashSecret, newSecret } from './people.js';

export const SESSION_COOKIE = 'sillok_session';

/** Key id of sessions that were opened by the link which the server prints at its start. */
export const LINK_KEY_ID = 'sign-in-link';

/** Id of the key, `user:<id>`, or the sign-in link. */
export interface Who {
  readonly keyId: string;
  readonly project: string;
}

export interface Session extends Who {
  readonly id: string;
  project: string;
  readonly openedMs: number;
  seenMs: number;
  /** Where from: for people who look whether it was them. */
  readonly address: string;
  readonly agent: string;
}

export interface SessionsOptions {
  /** What the one who signed in may do now; undefined when not let in any more. */
  readonly resolve: (who: Who) => Principal | undefined;
  readonly nowMs?: () => number;
}

export class Sessions {
  readonly #byHash = new Map<string, Session>();
  readonly #hashById = new Map<string, string>();
  readonly #links = new Map<string, Who & { readonly endsMs: number }>();
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get #now(): number {
    return (this.#options.nowMs ?? Date.now)();
  }

  /** A secret for a sign-in link. It works once, and within `LINK_MS`. */
  createLink(who: Who): string {
    const secret = newSecret();
    this.#links.set(hashSecret(secret), { ...who, endsMs: this.#now + LINK_MS });
    return secret;
  }

  /** Whom a link signs in; undefined when it was used, has expired or never was. */
  useLink(secret: string): Who | undefined {
    const link = this.#links.get(hashSecret(secret));
    this.#links.delete(hashSecret(secret));
    if (link === undefined || link.endsMs <= this.#now) return undefined;
    return { keyId: link.keyId, project: link.project };
  }

  /** Opens a session; `secret` is the cookie's value. */
  open(who: Who, request: Pick<FastifyRequest, 'ip' | 'headers'>): { secret: string; session: Session } {
    const oldest = this.#byHash.values().next();
    if (this.#byHash.size >= SESSIONS_MAX && !oldest.done) this.end(oldest.value.id);
    const secret = newSecret();
    const now = this.#now;
    const session: Session = {
      id: randomUUID(),
      keyId: who.keyId,
      project: who.project,
      openedMs: now,
      seenMs: now,
      address: request.ip ?? '',
      agent: (request.headers['user-agent'] ?? '').slice(0, 200),
    };
    const hash = hashSecret(secret);
    this.#byHash.set(hash, session);
    this.#hashById.set(session.id, hash);
    return { secret, session };
  }

  find(id: string): Session | undefined {
    const session = this.#byHash.get(this.#hashById.get(id) ?? '');
    return session !== undefined && this.#isOpen(session) ? session : undefined;
  }

  list(): Session[] {
    return [...this.#byHash.values()].filter((session) => this.#isOpen(session));
  }

  end(id: string): boolean {
    const hash = this.#hashById.get(id);
    if (hash === undefined) return false;
    this.#hashById.delete(id);
    return this.#byHash.delete(hash);
  }

  /** All sessions of a key or a person but one. The answer is how many ended. */
  endAll(keyId: string, exceptId?: string): number {
    const own = this.list().filter((session) => session.keyId === keyId && session.id !== exceptId);
    return own.filter(({ id }) => this.end(id)).length;
  }

  /**
   * Who is signed in with this request. A request that changes something must come from our own page: the cookie is
   * SameSite=Strict already, the Origin is the second lock.
   */
  principalOf(request: Pick<FastifyRequest, 'headers' | 'method'>): Principal | undefined {
    const secret = cookieOf(request);
    const session = secret === undefined ? undefined : this.#byHash.get(hashSecret(secret));
    if (session === undefined) return undefined;
    const principal = this.#admit(session);
    return isOwnPage(request) ? principal : undefined;
  }

  /** For answers that go on for hours: whether their reader is still signed in. Counts as use. */
  isGood({ sessionId, project }: Principal): boolean {
    const session = this.find(sessionId ?? '');
    // The stream shows the project that it began with, so it ends when the person is no longer in that one.
    return session !== undefined && this.#admit({ ...session, project }) !== undefined;
  }

  #admit(session: Session): Principal | undefined {
    if (!this.#isOpen(session)) {
      this.end(session.id);
      return undefined;
    }
    const principal = this.#options.resolve(session);
    if (principal === undefined) return undefined;
    const held = this.#byHash.get(this.#hashById.get(session.id) ?? '');
    if (held !== undefined) held.seenMs = this.#now;
    return { ...principal, sessionId: session.id };
  }

  #isOpen({ openedMs, seenMs }: Session): boolean {
    const now = this.#now;
    return now < openedMs + SESSION_MS && now < seenMs + SESSION_IDLE_MS;
  }
}

/** True for a request of our own page or of a person's address line, never for another site's page. */
export function isOwnPage(request: Pick<FastifyRequest, 'headers' | 'method'>): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined)
    return request.method === 'GET' || request.method === 'HEAD' || site === 'same-origin';
  return origin === `http://${host}` || origin === `https://${host}`;
}

function cookieOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const header = request.headers.cookie;
  return header === undefined ? undefined : /(?:^|;\s*)sillok_session=([\w-]+)/.exec(header)?.[1];
}
