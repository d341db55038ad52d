/** Members of a project and invitations (for its admins), users and projects of the server (for owners), the history. */
import {
  historyQuery,
  invitationBody,
  memberBody,
  newUserBody,
  projectBody,
  ROUTES,
  userBody,
  type HistoryShape,
  type InvitationShape,
  type MemberShape,
} from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import { notFound } from '../errors.js';
import { checked } from '../read/reading.js';
import type { Principal } from '../seams.js';
import { DEFAULT_PROJECT } from '../settings/dev-key.js';
import { SERVER, type Shelved } from '../settings/objects.js';
import { baseUrl, isOwner, nameOfActor, requireOwner, type PeopleDeps } from './context.js';
import { conflict, notAllowed } from './errors.js';
import { hashPassword } from './passwords.js';
import { actorOf, newInvitation, newUserId, normaliseEmail, type Invitation, type User } from './people.js';

interface ById {
  Params: { id: string };
}

export function registerUserRoutes(app: FastifyInstance, deps: PeopleDeps): void {
  registerMembers(app, deps);
  registerInvitations(app, deps);
  registerUsers(app, deps);
  registerProjects(app, deps);
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
    const told = { message: `${user.value.email} is now ${role}`, actor: principal.keyId };
    people.members.put({ project: principal.project, id: user.id }, { role }, told);
    return { id: user.id, role };
  });
  app.delete<ById>(ROUTES.member, (request) => {
    const principal = auth.authenticate(request, 'admin');
    const user = memberOf(deps, principal, request.params.id);
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

function registerUsers(app: FastifyInstance, deps: PeopleDeps): void {
  const { auth, people, sessions } = deps;
  app.get(ROUTES.users, (request) => {
    requireOwner(auth.authenticate(request, 'owner'), 'see all users');
    return { users: people.users.list(SERVER).map((user) => shownUser(deps, user)) };
  });
  app.post(ROUTES.users, async (request, reply) => {
    const principal = auth.authenticate(request, 'owner');
    const body = checked(newUserBody, request.body);
    const email = normaliseEmail(body.email);
    const password = await hashPassword(body.password);
    if (people.byEmail(email) !== undefined)
      throw conflict('user_exists', `There is a user ${email} already.`, 'Make them a member instead.');
    const isFirst = people.users.list(SERVER).length === 0;
    const value: User = { email, name: body.name, password, owner: isFirst, disabled: false };
    const told = { message: `user ${email} created${isFirst ? ' as owner' : ''}`, actor: principal.keyId };
    const user = people.users.put({ project: SERVER, id: newUserId() }, value, told);
    const joined = { message: `${email} is now admin`, actor: principal.keyId };
    if (isFirst) people.members.put({ project: DEFAULT_PROJECT, id: user.id }, { role: 'admin' }, joined);
    return reply.code(201).send(shownUser(deps, user));
  });
  app.patch<ById>(ROUTES.user, (request) => {
    const principal = auth.authenticate(request, 'owner');
    const user = userOf(deps, request.params.id);
    const { name, owner, disabled } = checked(userBody, request.body);
    const value: User = {
      ...user.value,
      ...(name !== undefined && { name }),
      ...(owner !== undefined && { owner }),
      ...(disabled !== undefined && { disabled }),
    };
    keepOneOwner(deps, user, value);
    const told = { message: `user ${user.value.email} changed`, actor: principal.keyId };
    const changed = people.users.put({ project: SERVER, id: user.id }, value, told);
    if (value.disabled) sessions.endAll(actorOf(user.id));
    return shownUser(deps, changed);
  });
  app.delete<ById>(ROUTES.user, (request) => {
    const principal = auth.authenticate(request, 'owner');
    const user = userOf(deps, request.params.id);
    keepOneOwner(deps, user, { ...user.value, owner: false });
    const told = { message: `user ${user.value.email} removed`, actor: principal.keyId };
    for (const { project, id } of people.members.all())
      if (id === user.id) people.members.remove({ project, id }, told);
    people.users.remove({ project: SERVER, id: user.id }, told);
    return { id: user.id, removed: true, sessions_ended: sessions.endAll(actorOf(user.id)) };
  });
  app.post<ById>(ROUTES.userReset, (request, reply) => {
    const principal = auth.authenticate(request, 'owner');
    const user = userOf(deps, request.params.id);
    const { email } = user.value;
    const { secret, invitation } = newInvitation({ email, role: 'viewer', reset: user.id });
    const told = { message: `a reset link for ${email} was made`, actor: principal.keyId };
    people.invitations.put({ project: SERVER, id: newUserId() }, invitation, told);
    const link = `${baseUrl(deps.config, request)}/#invitation=${secret}`;
    return reply.code(201).send({ email, expires_at: invitation.expires_at, link });
  });
}

function userOf({ people }: PeopleDeps, id: string): Shelved<User> {
  const user = people.find(id);
  if (user === undefined) throw notFound('There is no such user.');
  return user;
}

/** Else only a restart, which prints a sign-in link, would let anybody manage the server again. */
function keepOneOwner({ people }: PeopleDeps, user: Shelved<User>, value: User): void {
  const isLost = user.value.owner && !user.value.disabled && (!value.owner || value.disabled);
  const others = people.users.list(SERVER).filter(({ id }) => id !== user.id);
  if (isLost && !others.some(({ value: other }) => other.owner && !other.disabled))
    throw notAllowed('This is the last owner of the server. Make somebody else an owner first.');
}

function shownUser({ people }: PeopleDeps, { id, value, created_at }: Shelved<User>) {
  const { email, name, owner, disabled, oidc } = value;
  const projects = people.members.all().filter((member) => member.id === id);
  return {
    id,
    email,
    name,
    owner,
    disabled,
    sign_in: oidc === undefined ? 'password' : 'oidc',
    since: created_at,
    projects: projects.map(({ project, value: { role } }) => ({ project, role })),
  };
}

function registerProjects(app: FastifyInstance, { auth, people }: PeopleDeps): void {
  app.get(ROUTES.projects, (request) => {
    const principal = auth.authenticate(request, 'read');
    const ids = isOwner(principal) ? people.allProjects() : [principal.project];
    return { projects: ids.map((id) => ({ id, name: people.projects.get(SERVER, id)?.value.name ?? id })) };
  });
  app.post(ROUTES.projects, (request, reply) => {
    const principal = auth.authenticate(request, 'owner');
    const { id, name } = checked(projectBody, request.body);
    if (people.allProjects().includes(id))
      throw conflict('project_exists', `There is a project "${id}" already.`, 'Choose another name.');
    const told = { message: `project ${id} created`, actor: principal.keyId };
    people.projects.put({ project: SERVER, id }, { name: name === '' ? id : name }, told);
    return reply.code(201).send({ id, name: name === '' ? id : name });
  });
}
