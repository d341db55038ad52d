/** What the routes of people share. */
import type { FastifyRequest } from 'fastify';

import { mayDo } from '../auth.js';
import type { Config } from '../config.js';
import type { Log } from '../log.js';
import type { Authenticator, Principal } from '../seams.js';
import type { Settings } from '../settings/settings.js';
import { notAllowed } from './errors.js';
import { userIdOf, type People } from './people.js';
import { LINK_KEY_ID, type Sessions } from './sessions.js';

export interface PeopleDeps {
  readonly config: Config;
  readonly log: Log;
  readonly settings: Settings;
  readonly people: People;
  readonly sessions: Sessions;
  readonly auth: Authenticator;
}

export function isOwner(principal: Principal): boolean {
  return mayDo(principal, 'owner');
}

export function requireOwner(principal: Principal, what: string): void {
  if (!isOwner(principal)) throw notAllowed(`Only an owner of the server may ${what}.`);
}

/** Where people reach this server: for links in messages and invitations. */
export function baseUrl({ publicUrl }: Config, request: FastifyRequest): string {
  if (publicUrl !== '') return publicUrl.replace(/\/+$/, '');
  return `${request.protocol}://${request.headers.host ?? 'localhost'}`;
}

/** The name of whoever stands in an audit record as actor. */
export function nameOfActor({ settings, people }: Pick<PeopleDeps, 'settings' | 'people'>, actor: string) {
  if (actor === LINK_KEY_ID) return 'sign-in link';
  const userId = userIdOf({ keyId: actor });
  if (userId !== undefined) return people.find(userId)?.value.name ?? 'a removed person';
  return settings.keys.find(actor)?.name ?? actor;
}
