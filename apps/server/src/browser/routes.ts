/** `/api/browser/kills`: switch an app, or one release of it, off and on again. Scope `admin`, within the key's project. */
import { ROUTES } from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import { badRequest, notFound } from '../errors.js';
import type { ServerDeps } from '../seams.js';
import type { Kills, KillTarget } from './kills.js';
import { KILL_TEXT_LENGTH_MAX } from './limits.js';

export interface KillRoutesDeps extends ServerDeps {
  readonly kills: Kills;
}

export function registerKillRoutes(app: FastifyInstance, deps: KillRoutesDeps): void {
  const { auth, kills } = deps;

  app.get(ROUTES.browserKills, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { kills: kills.list(project).map(({ project: _own, ...shown }) => shown) };
  });

  app.post(ROUTES.browserKills, async (request, reply) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const target = readTarget(request.body, project);
    const kill = { ...target, at: new Date().toISOString(), by: keyId };
    kills.add(kill);
    await note(deps, { action: 'browser.kill', by: keyId, target });
    return reply.code(201).send(kill);
  });

  app.delete(ROUTES.browserKills, async (request) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const target = readTarget(request.body ?? request.query, project);
    if (!kills.remove(target))
      throw notFound(
        `"${target.app}" is not switched off in this form.`,
        '"sillok browser list" shows what is.',
      );
    await note(deps, { action: 'browser.restore', by: keyId, target });
    return { ...target, restored: true };
  });
}

interface Change {
  readonly action: string;
  readonly by: string;
  readonly target: Required<Pick<KillTarget, 'project' | 'app'>> & { readonly release?: string };
}

/** Who silenced whom stays in the record. */
async function note({ admission, log }: KillRoutesDeps, { action, by, target }: Change): Promise<void> {
  const { project, app, release } = target;
  const record = {
    kind: 'audit',
    level: 'warn',
    time: new Date().toISOString(),
    message: `${action} ${app}${release === undefined ? '' : ` ${release}`}`,
    'audit.action': action,
    'audit.actor.type': 'admin',
    'audit.actor.id': by,
    'audit.entity.type': 'browser.app',
    'audit.entity.id': release === undefined ? app : `${app}@${release}`,
    'audit.outcome': 'committed',
  };
  try {
    const resource = { 'service.name': 'sillok' };
    await admission.admitForeign({ project, protocol: 'sillok', resource, records: [record] });
  } catch (error) {
    // The switch has acted; it must not fail because the disk is full, which may be why it was thrown.
    log.error('a browser app was switched, and the audit record of it could not be kept', {
      action,
      app,
      error,
    });
  }
}

function readTarget(given: unknown, project: string): Change['target'] {
  const { app, release }: { app?: unknown; release?: unknown } = Object(given);
  if (!isText(app) || (release !== undefined && !isText(release))) {
    throw badRequest(
      'request_invalid',
      `An app and a release are texts of 1 to ${KILL_TEXT_LENGTH_MAX} characters.`,
      'Send {"app":"shop","release":"1.4.0"}; without release all of them are meant.',
    );
  }
  return release === undefined ? { project, app } : { project, app, release };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= KILL_TEXT_LENGTH_MAX;
}
