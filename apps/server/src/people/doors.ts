/** Who is let in: keys, people who are signed in to the console, and the holder of the sign-in link. */
import { createAuthenticator, mayDo } from '../auth.js';
import type { Config } from '../config.js';
import type { Authenticator, Principal } from '../seams.js';
import { isGood, SCOPES } from '../settings/keys.js';
import type { Settings } from '../settings/settings.js';
import { createPeople, userIdOf, type People } from './people.js';
import { LINK_KEY_ID, Sessions, type Who } from './sessions.js';

export interface Doors {
  readonly people: People;
  readonly sessions: Sessions;
  readonly auth: Authenticator;
}

export function openDoors(config: Config, settings: Settings): Doors {
  const people = createPeople(settings);
  const { keys } = settings;

  /** Looked up at every request: a role that was taken away acts with the next one. */
  function resolve(who: Who): Principal | undefined {
    const userId = userIdOf(who);
    if (userId !== undefined) return people.principal(userId, who.project);
    if (people.isArchived(who.project)) return undefined;
    if (who.keyId === LINK_KEY_ID) return { ...who, scopes: SCOPES };
    const key = keys.find(who.keyId);
    if (key === undefined || !isGood(key, Date.now())) return undefined;
    const isOwn = key.project === who.project || mayDo(key, 'owner');
    return isOwn ? { keyId: who.keyId, project: who.project, scopes: key.scopes } : undefined;
  }

  const sessions = new Sessions({ resolve });
  const auth = createAuthenticator({
    keys,
    openLoopback: config.openLoopback,
    isArchived: people.isArchived,
    sessionOf: (request) => sessions.principalOf(request),
    sessionIsGood: (principal) => sessions.isGood(principal) && mayDo(principal, 'read'),
  });
  return { people, sessions, auth };
}
