/**
 * Who may do what: a bearer key with a scope, or, when loopback is open, a program on this machine.
 *
 * Open loopback is for ingest only. Any web page can POST to loopback, so a request must name a loopback host (else a
 * rebound DNS name could) and must not come from a browser's page of another origin.
 */
import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

import { letIn } from './asking.js';
import {
  keyMissing,
  keyUnknown,
  originRefused,
  pageRefused,
  projectArchived,
  scopeMissing,
} from './errors.js';
import type { Authenticator, Principal, Scope } from './seams.js';
import { DEFAULT_PROJECT } from './settings/dev-key.js';
import type { KeyRing } from './settings/keys.js';

export interface AuthOptions {
  readonly keys: KeyRing;
  readonly openLoopback: boolean;
  /** Who is signed in to the console with this request. */
  readonly sessionOf?: (request: FastifyRequest) => Principal | undefined;
  /** Whether somebody who was let in by a session still may read: signed out, removed and disabled people may not. */
  readonly sessionIsGood?: (principal: Principal) => boolean;
  /** Keys of a project that is put away are refused, as people are. */
  readonly isArchived?: (project: string) => boolean;
}

const LOOPBACK: Principal = { project: DEFAULT_PROJECT, scopes: ['ingest'], keyId: 'loopback' };
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Who was let in with a request. */
const askers = new WeakMap<FastifyRequest, Principal>();

export function askerOf(request: FastifyRequest): Principal | undefined {
  return askers.get(request);
}

export function createAuthenticator(options: AuthOptions): Authenticator {
  const { keys, openLoopback, sessionOf } = options;
  return {
    authenticate(request, scope) {
      const known = principalOf(request, keys) ?? sessionOf?.(request);
      const principal = known ?? (openLoopback ? openPrincipal(request) : undefined);
      if (principal === undefined) throw keyMissing();
      if (options.isArchived?.(principal.project) === true) throw projectArchived(principal.project);
      if (!mayDo(principal, scope)) throw scopeMissing(scope);
      askers.set(request, principal);
      letIn({ keyId: principal.keyId, address: request.ip });
      return principal;
    },
    isStillGood(principal) {
      if (principal.sessionId !== undefined) return options.sessionIsGood?.(principal) ?? true;
      if (options.isArchived?.(principal.project) === true) return false;
      return keys.isStillGood(principal.keyId, Date.now());
    },
    isOpen: (project) => options.isArchived?.(project) !== true,
  };
}

/** `owner` and `admin` include the others, `write` includes `read`, and `ingest` what a browser may send. */
export function mayDo({ scopes }: Pick<Principal, 'scopes'>, scope: Scope): boolean {
  if (scopes.includes(scope) || scopes.includes('owner')) return true;
  if (scope === 'owner') return false;
  if (scope === 'browser' && scopes.includes('ingest')) return true;
  if (scope === 'read' && scopes.includes('write')) return true;
  return scopes.includes('admin');
}

function principalOf(request: FastifyRequest, keys: KeyRing): Principal | undefined {
  const header = request.headers.authorization;
  if (header === undefined || header === '') return undefined;
  const key = /^Bearer +(\S+)$/i.exec(header)?.[1];
  const principal = key === undefined ? undefined : keys.use(key, Date.now());
  if (principal === undefined) throw keyUnknown();
  const { origin } = request.headers;
  if (principal.origins !== undefined && !principal.origins.includes(origin ?? '')) throw pageRefused(origin);
  return principal;
}

function openPrincipal(request: FastifyRequest): Principal | undefined {
  if (!isLoopbackAddress(request.socket.remoteAddress)) return undefined;
  if (!LOOPBACK_NAMES.includes(hostName(request.headers.host ?? ''))) throw originRefused('Host');
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${request.headers.host}`) throw originRefused('Origin');
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw originRefused('Sec-Fetch-Site');
  return LOOPBACK;
}

export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined || isIP(address) === 0) return false;
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** Without the port, lower case. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
