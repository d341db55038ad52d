/**
 * `/api/keys`: list, create, revoke. An admin sees and makes the keys of its own project; an owner those of every project.
 */
import type { FastifyInstance } from 'fastify';

import { mayDo } from '../auth.js';
import { badRequest, notFound, scopeMissing, ServerError } from '../errors.js';
import {
  DAY_MS,
  KEY_DAYS_MAX,
  KEY_NAME_LENGTH_MAX,
  KEY_ORIGINS_MAX,
  KEYS_MAX,
  PROJECT_LENGTH_MAX,
} from '../limits.js';
import type { Authenticator, Principal } from '../seams.js';
import { SCOPES, type NewKey } from './keys.js';
import type { Settings } from './settings.js';

export interface KeyRoutesDeps {
  readonly settings: Settings;
  readonly auth: Authenticator;
}

export function registerKeyRoutes(app: FastifyInstance, { settings, auth }: KeyRoutesDeps): void {
  app.get('/api/keys', (request) => {
    const principal = auth.authenticate(request, 'admin');
    return { keys: settings.listKeys().filter((key) => reaches(principal, key.project)) };
  });

  app.post('/api/keys', (request, reply) => {
    const principal = auth.authenticate(request, 'admin');
    const { keyId, project } = principal;
    if (settings.keys.size >= KEYS_MAX) throw tooManyKeys();
    const wanted = readNewKey(request.body, project);
    // A key never may more than whoever makes it.
    const beyond = reaches(principal, wanted.project) ? wanted.scopes : (['owner'] as const);
    for (const scope of beyond) if (!mayDo(principal, scope)) throw scopeMissing(scope);
    const { key, stored } = settings.createKey(wanted, keyId);
    const { hash: _hash, ...shown } = stored;
    return reply.code(201).send({ ...shown, key });
  });

  app.delete<{ Params: { id: string } }>('/api/keys/:id', (request) => {
    const principal = auth.authenticate(request, 'admin');
    const { id } = request.params;
    const key = settings.keys.find(id);
    // One answer for a key that is not there and for one of another project.
    if (key === undefined || !reaches(principal, key.project))
      throw notFound(`There is no key "${id}".`, '"sillok key list" shows the ids.');
    settings.revokeKey(id, principal.keyId);
    return { id, revoked: true };
  });
}

function reaches(principal: Principal, project: string): boolean {
  return principal.project === project || mayDo(principal, 'owner');
}

const HELP =
  'Send {"name":"…","scopes":["ingest"],"project":"…"}; project is the one of your key when left out.';

function readNewKey(body: unknown, ownProject: string): NewKey {
  const given: Partial<Record<'name' | 'scopes' | 'project' | 'origins' | 'expires_at', unknown>> =
    body instanceof Object ? body : {};
  const { name, scopes, project = ownProject, origins, expires_at } = given;
  if (typeof name !== 'string' || name === '' || name.length > KEY_NAME_LENGTH_MAX) {
    throw badRequest('key_invalid', `A key has a name of 1 to ${KEY_NAME_LENGTH_MAX} characters.`, HELP);
  }
  const known = Array.isArray(scopes) ? SCOPES.filter((scope) => scopes.includes(scope)) : [];
  if (!Array.isArray(scopes) || known.length === 0 || known.length !== scopes.length) {
    throw badRequest('key_invalid', `Scopes are some of ${SCOPES.join(', ')}.`, HELP);
  }
  if (
    typeof project !== 'string' ||
    project.length > PROJECT_LENGTH_MAX ||
    !/^[a-z0-9][a-z0-9_-]*$/.test(project)
  ) {
    throw badRequest('key_invalid', 'A project is named with a-z, 0-9, "-" and "_".', HELP);
  }
  return {
    name,
    scopes: known,
    project,
    ...(expires_at !== undefined && expires_at !== null && { expires_at: readEnd(expires_at) }),
    ...(origins !== undefined && origins !== null && { origins: readOrigins(origins) }),
  };
}

function readEnd(given: unknown): string {
  const end = typeof given === 'string' ? Date.parse(given) : Number.NaN;
  const left = end - Date.now();
  if (!(left > 0 && left <= KEY_DAYS_MAX * DAY_MS)) {
    const message = `"expires_at" is a time to come within ${KEY_DAYS_MAX} days, as 2027-01-31T00:00:00Z.`;
    throw badRequest('key_invalid', message, HELP);
  }
  return new Date(end).toISOString();
}

/** As a browser writes them in `Origin`: scheme, host and port, nothing behind. */
function readOrigins(given: unknown): string[] {
  const texts = Array.isArray(given) ? given.map(String) : [];
  const isGood = (text: string) =>
    URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
  if (texts.length === 0 || texts.length > KEY_ORIGINS_MAX || !texts.every(isGood)) {
    const message = `Origins are 1 to ${KEY_ORIGINS_MAX} texts like "https://shop.example".`;
    throw badRequest('key_invalid', message, HELP);
  }
  return texts;
}

function tooManyKeys(): ServerError {
  return new ServerError({
    status: 409,
    code: 'too_many_keys',
    message: `There are ${KEYS_MAX} keys already.`,
    help: 'Use one key per service, not per process.',
  });
}
