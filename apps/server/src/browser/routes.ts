/** `/api/browser/kills`: switch an app, or one release of it, off and on again. Scope `admin`, within the key's project. */
import { ROUTES } from '@sillok/api';
import type { AuditOutcome } from '@sillok/record';
import type { FastifyInstance } from 'fastify';

import type { Act, Acts, OpenAct } from '../audit/acts.js';
import { badRequest, notFound } from '../errors.js';
import type { ServerDeps } from '../seams.js';
import type { Kill, Kills, KillTarget } from './kills.js';
import { KILL_TEXT_LENGTH_MAX } from './limits.js';

const KILL_ENTITY = 'browser.app';

export interface KillRoutesDeps extends Pick<ServerDeps, 'auth'> {
  readonly kills: Kills;
  readonly acts: Acts;
}

export function registerKillRoutes(app: FastifyInstance, deps: KillRoutesDeps): void {
  const { auth, kills, acts } = deps;
  acts.settle([KILL_ENTITY], (act) => endOf(act, kills));

  app.get(ROUTES.browserKills, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { kills: kills.list(project).map(shownKill) };
  });

  app.post(ROUTES.browserKills, (request, reply) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const target = readTarget(request.body, project);
    const kill = { ...target, at: new Date().toISOString(), by: keyId };
    const act = actOf({ target, by: keyId, action: 'browser.kill' }, kills);
    acts.change({ ...act, after: shownKill(kill) }, () => kills.add(kill));
    return reply.code(201).send(kill);
  });

  app.delete(ROUTES.browserKills, (request) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const target = readTarget(request.body ?? request.query, project);
    if (kills.find(target) === undefined)
      throw notFound(
        `"${target.app}" is not switched off in this form.`,
        '"sillok browser list" shows what is.',
      );
    const act = actOf({ target, by: keyId, action: 'browser.restore' }, kills);
    acts.change(act, () => kills.remove(target));
    return { ...target, restored: true };
  });
}

type Target = Required<Pick<KillTarget, 'project' | 'app'>> & { readonly release?: string };

/** Who silenced whom stays in the record, and is there before it is so. */
function actOf({ target, by, action }: { target: Target; by: string; action: string }, kills: Kills): Act {
  const { project, app, release } = target;
  const id = release === undefined ? app : `${app}@${release}`;
  const before = kills.find(target);
  return {
    ...{ project, action, actor: by },
    entity: { type: KILL_ENTITY, id },
    arguments: target,
    ...(before === undefined ? {} : { before: shownKill(before) }),
  };
}

/** What a server that was killed in between had done: the file says it. */
function endOf({ action, arguments: target, after }: OpenAct, kills: Kills): AuditOutcome {
  // Written by `actOf`.
  const found = kills.find(target as Target);
  const isDone = action === 'browser.kill' ? found?.at === Object(after).at : found === undefined;
  return isDone ? 'committed' : 'rolled_back';
}

function shownKill({ project: _own, ...shown }: Kill): Omit<Kill, 'project'> {
  return shown;
}

function readTarget(given: unknown, project: string): Target {
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
