/** Members of a project and invitations, for its admins, and the history of settings. */
import {
  historyQuery,
  invitationBody,
  memberBody,
  ROUTES,
  type HistoryShape,
  type InvitationShape,
  type MemberShape,
} from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import { notFound } from '../errors.js';
import { checked } from '../read/reading.js';
import type { Principal } from '../seams.js';
import type { Shelved } from '../settings/objects.js';
import { baseUrl, isOwner, nameOfActor, requireOwner, type PeopleDeps } from './context.js';
import { notAllowed } from './errors.js';
import { actorOf, newInvitation, newUserId, normaliseEmail, type Invitation, type User } from './people.js';

interface ById {
  Params: { id: string };
}

export function registerUserRoutes(app: FastifyInstance, deps: PeopleDeps): void {
  registerMembers(app, deps);
  registerInvitations(app, deps);
  app.get(ROUTES.history, (request) => {
    const principal = deps.auth.authenticate(request, 'admin');
    const { limit, all } = checked(historyQuery, request.query);
    if (all === '1') requireOwner(principal, 'see the changes of every project');
    const scope = all === '1' ? {} : { project: principal.project };
    const changes: HistoryShape[] = deps.settings
      .history({ ...scope, limit })
      .map((entry) => ({ ...entry, actor_name: nameOfActor(deps, entry.actor) }));
    return { changes };
  });
}

function registerMembers(app: FastifyInstance, deps: PeopleDeps): void {
  const { auth, people, sessions } = deps;
  app.get(ROUTES.members, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { members: membersOf(deps, project) };
  });
  app.put<ById>(ROUTES.member, (request) => {
    const principal = auth.authenticate(request, 'admin');
    const { role } = checked(memberBody, request.body);
    const user = memberOf(deps, principal, request.params.id);
    if (role !== 'admin') keepOneAdmin(deps, principal, user.id);
    const told = { message: `${user.value.email} is now ${role}`, actor: principal.keyId };
    people.members.put({ project: principal.project, id: user.id }, { role }, told);
    return { id: user.id, role };
  });
  app.delete<ById>(ROUTES.member, (request) => {
    const principal = auth.authenticate(request, 'admin');
    const user = memberOf(deps, principal, request.params.id);
    keepOneAdmin(deps, principal, user.id);
    const told = { message: `${user.value.email} removed from the project`, actor: principal.keyId };
    people.members.remove({ project: principal.project, id: user.id }, told);
    for (const session of sessions.list()) {
      if (session.keyId === actorOf(user.id) && session.project === principal.project && !user.value.owner)
        sessions.end(session.id);
    }
    return { id: user.id, removed: true };
  });
}

/** A member of the asker's project; an owner may also name any user, to make them one. */
function memberOf({ people }: PeopleDeps, principal: Principal, id: string): Shelved<User> {
  const user = people.find(id);
  const isMember = people.members.get(principal.project, id) !== undefined;
  if (user === undefined || !(isMember || isOwner(principal))) throw notFound('There is no such member.');
  return user;
}

/** The last admin cannot lock the project. An owner may: owners enter every project. */
function keepOneAdmin({ people }: PeopleDeps, principal: Principal, id: string): void {
  const admins = people.members
    .list(principal.project)
    .filter(({ value, id: each }) => value.role === 'admin' && people.find(each)?.value.disabled === false);
  if (isOwner(principal) || admins.some((admin) => admin.id !== id)) return;
  if (!admins.some((admin) => admin.id === id)) return;
  throw notAllowed('This is the last admin of the project. Make somebody else an admin first.');
}

function membersOf({ people, sessions }: PeopleDeps, project: string): MemberShape[] {
  const seen = new Map<string, number>();
  for (const { keyId, seenMs } of sessions.list()) seen.set(keyId, Math.max(seenMs, seen.get(keyId) ?? 0));
  return people.members.list(project).flatMap(({ id, value: { role }, created_at }) => {
    const user = people.find(id)?.value;
    if (user === undefined) return [];
    const { email, name, owner, disabled } = user;
    const seenMs = seen.get(actorOf(id));
    const last_seen_at = seenMs === undefined ? null : new Date(seenMs).toISOString();
    return [{ id, email, name, role, owner, disabled, last_seen_at, since: created_at }];
  });
}

function registerInvitations(app: FastifyInstance, deps: PeopleDeps): void {
  const { auth, people } = deps;
  app.get(ROUTES.invitations, (request) => {
    const { project } = auth.authenticate(request, 'admin');
    return { invitations: people.invitations.list(project).map(shownInvitation) };
  });
  app.post(ROUTES.invitations, (request, reply) => {
    const principal = auth.authenticate(request, 'admin');
    const body = checked(invitationBody, request.body);
    const email = normaliseEmail(body.email);
    const { secret, invitation } = newInvitation({ email, role: body.role });
    const told = { message: `${email} invited as ${body.role}`, actor: principal.keyId };
    const made = people.invitations.put({ project: principal.project, id: newUserId() }, invitation, told);
    const link = `${baseUrl(deps.config, request)}/#invitation=${secret}`;
    return reply.code(201).send({ ...shownInvitation(made), link });
  });
  app.delete<ById>(ROUTES.invitation, (request) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const { id } = request.params;
    if (!people.invitations.remove({ project, id }, { message: 'an invitation was withdrawn', actor: keyId }))
      throw notFound('There is no such invitation.');
    return { id, removed: true };
  });
}

function shownInvitation({ id, value }: Shelved<Invitation>): InvitationShape {
  return { id, email: value.email, role: value.role, expires_at: value.expires_at };
}
