/**
 * What only owners of the server do: its users, who else is an owner, the projects. Each change is an audit record of the
 * settings that says what was done, and acts with the next request.
 */
import {
  newUserBody,
  projectBody,
  projectChange,
  ROUTES,
  userBody,
  type ProjectShape,
  type ResetShape,
  type SignInWay,
  type UserShape,
} from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import { notFound } from '../errors.js';
import { checked } from '../read/reading.js';
import type { Principal } from '../seams.js';
import { DEFAULT_PROJECT } from '../settings/dev-key.js';
import { SERVER, type Shelved } from '../settings/objects.js';
import { baseUrl, isOwner, requireOwner, type PeopleDeps } from './context.js';
import { conflict, notAllowed } from './errors.js';
import { hashPassword } from './passwords.js';
import { actorOf, newInvitation, newUserId, normaliseEmail, type User } from './people.js';

interface ById {
  Params: { id: string };
}

export function registerOwnerRoutes(app: FastifyInstance, deps: PeopleDeps): void {
  registerUsers(app, deps);
  registerUserChanges(app, deps);
  registerProjects(app, deps);
}

function registerUsers(app: FastifyInstance, deps: PeopleDeps): void {
  const { auth, people } = deps;
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
  app.post<ById>(ROUTES.userReset, (request, reply) => {
    const principal = auth.authenticate(request, 'owner');
    const user = userOf(deps, request.params.id);
    const { email, disabled } = user.value;
    if (disabled)
      throw conflict('user_disabled', `${email} is disabled.`, 'Enable the account, then make the link.');
    const { secret, invitation } = newInvitation({ email, role: 'viewer', reset: user.id });
    const told = { message: `a reset link for ${email} was made`, actor: principal.keyId };
    people.invitations.put({ project: SERVER, id: newUserId() }, invitation, told);
    const link = `${baseUrl(deps.config, request)}/#invitation=${secret}`;
    const shown: ResetShape = { email, expires_at: invitation.expires_at, link };
    return reply.code(201).send(shown);
  });
}

function registerUserChanges(app: FastifyInstance, deps: PeopleDeps): void {
  const { auth, people, sessions } = deps;
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
    if (value.disabled) notOneself(principal, user, 'disable');
    keepOneOwner(deps, user, value);
    const message = `user ${user.value.email} ${whatChanged(user.value, value)}`;
    const changed = people.users.put({ project: SERVER, id: user.id }, value, {
      message,
      actor: principal.keyId,
    });
    if (value.disabled) sessions.endAll(actorOf(user.id));
    return shownUser(deps, changed);
  });
  app.delete<ById>(ROUTES.user, (request) => {
    const principal = auth.authenticate(request, 'owner');
    const user = userOf(deps, request.params.id);
    notOneself(principal, user, 'remove');
    keepOneOwner(deps, user, { ...user.value, owner: false });
    const told = { message: `user ${user.value.email} removed`, actor: principal.keyId };
    for (const { project, id } of people.members.all())
      if (id === user.id) people.members.remove({ project, id }, told);
    people.users.remove({ project: SERVER, id: user.id }, told);
    return { id: user.id, removed: true, sessions_ended: sessions.endAll(actorOf(user.id)) };
  });
  app.delete<ById>(ROUTES.userSignIn, (request) => {
    const principal = auth.authenticate(request, 'owner');
    const user = userOf(deps, request.params.id);
    const { oidc, saml, ...value } = user.value;
    const issuers = [oidc, saml].flatMap((each) => (each === undefined ? [] : [each.issuer]));
    if (issuers.length === 0) throw notFound('This user does not sign in with a provider.');
    const message = `user ${value.email} is no longer tied to an account at ${issuers.join(' and ')}`;
    const changed = people.users.put({ project: SERVER, id: user.id }, value, {
      message,
      actor: principal.keyId,
    });
    sessions.endAll(actorOf(user.id));
    return shownUser(deps, changed);
  });
}

function userOf({ people }: PeopleDeps, id: string): Shelved<User> {
  const user = people.find(id);
  if (user === undefined) throw notFound('There is no such user.');
  return user;
}

/** A slip of the finger would lock the hand out that could undo it. */
function notOneself(principal: Principal, user: Shelved<User>, what: string): void {
  if (principal.keyId === actorOf(user.id))
    throw notAllowed(`You cannot ${what} yourself. Ask another owner.`);
}

/** Else only a restart, which prints a sign-in link, would let anybody manage the server again. */
function keepOneOwner({ people }: PeopleDeps, user: Shelved<User>, value: User): void {
  const isLost = user.value.owner && !user.value.disabled && (!value.owner || value.disabled);
  const others = people.users.list(SERVER).filter(({ id }) => id !== user.id);
  if (isLost && !others.some(({ value: other }) => other.owner && !other.disabled))
    throw notAllowed('This is the last owner of the server. Make somebody else an owner first.');
}

/** For the history: the words say it, so that nobody has to compare JSON. */
function whatChanged(before: User, after: User): string {
  const changes = [
    before.disabled === after.disabled ? '' : after.disabled ? 'was disabled' : 'was enabled again',
    before.owner === after.owner ? '' : after.owner ? 'is now an owner' : 'is no longer an owner',
    before.name === after.name ? '' : `is now called "${after.name}"`,
  ].filter(Boolean);
  return changes.length === 0 ? 'was saved without a change' : changes.join(' and ');
}

function shownUser({ people, sessions }: PeopleDeps, { id, value, created_at }: Shelved<User>): UserShape {
  const { email, name, owner, disabled, oidc, saml, password } = value;
  const projects = people.members.all().filter((member) => member.id === id);
  const seen = sessions.list().filter(({ keyId }) => keyId === actorOf(id));
  const ways: readonly (readonly [SignInWay, unknown])[] = [
    ['password', password],
    ['oidc', oidc],
    ['saml', saml],
  ];
  return {
    id,
    email,
    name,
    owner,
    disabled,
    sign_in: ways.filter(([, used]) => used !== undefined).map(([way]) => way),
    since: created_at,
    last_seen_at:
      seen.length === 0 ? null : new Date(Math.max(...seen.map(({ seenMs }) => seenMs))).toISOString(),
    projects: projects.map(({ project, value: { role } }) => ({ project, role })),
  };
}

function registerProjects(app: FastifyInstance, deps: PeopleDeps): void {
  const { auth, people } = deps;
  app.get(ROUTES.projects, (request) => {
    const principal = auth.authenticate(request, 'read');
    if (isOwner(principal)) return { projects: people.allProjects().map((id) => shownProject(deps, id)) };
    const { members: _, keys: __, ...own } = shownProject(deps, principal.project);
    return { projects: [own] };
  });
  app.post(ROUTES.projects, (request, reply) => {
    const principal = auth.authenticate(request, 'owner');
    const { id, name } = checked(projectBody, request.body);
    if (people.allProjects().includes(id))
      throw conflict('project_exists', `There is a project "${id}" already.`, 'Choose another name.');
    const told = { message: `project ${id} created`, actor: principal.keyId };
    people.projects.put({ project: SERVER, id }, { name: name === '' ? id : name }, told);
    return reply.code(201).send(shownProject(deps, id));
  });
  app.patch<ById>(ROUTES.project, (request) => {
    const principal = auth.authenticate(request, 'owner');
    const { id } = request.params;
    if (!people.allProjects().includes(id)) throw notFound(`There is no project "${id}".`);
    const before = shownProject(deps, id);
    const { name = before.name, archived = before.archived } = checked(projectChange, request.body);
    if (archived) refuseArchiving(principal, id);
    const renamed = name === before.name ? '' : `renamed to "${name}"`;
    const moved = archived === before.archived ? '' : archived ? 'archived' : 'opened again';
    const what = [renamed, moved].filter(Boolean).join(' and ') || 'saved without a change';
    const told = { message: `project ${id} ${what}`, actor: principal.keyId };
    people.projects.put({ project: SERVER, id }, { name, ...(archived && { archived }) }, told);
    if (archived) endSessionsIn(deps, id);
    return shownProject(deps, id);
  });
}

/** One can only leave by another door: the project that one stands in, and the one that every server has, stay open. */
function refuseArchiving(principal: Principal, id: string): void {
  if (id === DEFAULT_PROJECT)
    throw notAllowed('The project "default" belongs to the server and cannot be archived.');
  if (id === principal.project)
    throw notAllowed('You work in this project now. Choose another one, then archive this.');
}

function endSessionsIn({ sessions }: PeopleDeps, project: string): void {
  for (const session of sessions.list()) if (session.project === project) sessions.end(session.id);
}

function shownProject({ people, settings }: PeopleDeps, id: string): ProjectShape {
  const keys = settings.listKeys().filter((key) => key.project === id && key.revoked_at === null);
  return {
    id,
    name: people.projects.get(SERVER, id)?.value.name ?? id,
    archived: people.isArchived(id),
    members: people.members.list(id).length,
    keys: keys.length,
  };
}
