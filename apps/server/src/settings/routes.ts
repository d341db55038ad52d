/** `/api/keys`: list, create, revoke. For `admin` keys only, which see the keys of every project: projects begin to exist with their first key. */
import type { FastifyInstance } from 'fastify';

import { badRequest, notFound, ServerError } from '../errors.js';
import { KEY_NAME_LENGTH_MAX, KEYS_MAX, PROJECT_LENGTH_MAX } from '../limits.js';
import type { Authenticator } from '../seams.js';
import { SCOPES, type NewKey } from './keys.js';
import type { Settings } from './settings.js';

export interface KeyRoutesDeps {
  readonly settings: Settings;
  readonly auth: Authenticator;
}

export function registerKeyRoutes(app: FastifyInstance, { settings, auth }: KeyRoutesDeps): void {
  app.get('/api/keys', (request) => {
    auth.authenticate(request, 'admin');
    return { keys: settings.listKeys() };
  });

  app.post('/api/keys', (request, reply) => {
    const { keyId, project } = auth.authenticate(request, 'admin');
    if (settings.keys.size >= KEYS_MAX) throw tooManyKeys();
    const { key, stored } = settings.createKey(readNewKey(request.body, project), keyId);
    const { hash: _hash, ...shown } = stored;
    return reply.code(201).send({ ...shown, key });
  });

  app.delete<{ Params: { id: string } }>('/api/keys/:id', (request) => {
    const { keyId } = auth.authenticate(request, 'admin');
    if (!settings.revokeKey(request.params.id, keyId))
      throw notFound(`There is no key "${request.params.id}".`, '"sillok key list" shows the ids.');
    return { id: request.params.id, revoked: true };
  });
}

const HELP =
  'Send {"name":"…","scopes":["ingest"],"project":"…"}; project is the one of your key when left out.';

function readNewKey(body: unknown, ownProject: string): NewKey {
  const given: { name?: unknown; scopes?: unknown; project?: unknown } = body instanceof Object ? body : {};
  const { name, scopes, project = ownProject } = given;
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
  return { name, scopes: known, project };
}

function tooManyKeys(): ServerError {
  return new ServerError({
    status: 409,
    code: 'too_many_keys',
    message: `There are ${KEYS_MAX} keys already.`,
    help: 'Use one key per service, not per process.',
  });
}
