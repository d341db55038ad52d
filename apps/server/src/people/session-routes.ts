/** Signing in and out, who one is, choosing the project, changing the own password, and the list of open sessions. */
import { createHash } from 'node:crypto';

import {
  newPassword,
  passwordBody,
  ROUTES,
  sessionProjectBody,
  signInBody,
  type OpenSessionShape,
  type SessionShape,
  type SignInBody,
} from '@sillok/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { mayDo } from '../auth.js';
import { keyUnknown, notFound, originRefused } from '../errors.js';
import { checked } from '../read/reading.js';
import type { Principal } from '../seams.js';
import { SERVER } from '../settings/objects.js';
import { isOwner, nameOfActor, type PeopleDeps } from './context.js';
import { linkUsed, notAllowed, signInFailed } from './errors.js';
import { acceptInvitation } from './invitations.js';
import { SESSION_MS } from './limits.js';
import { hashPassword, verifyPassword } from './passwords.js';
import { actorOf, normaliseEmail, roleOf, userIdOf } from './people.js';
import { isOwnPage, LINK_KEY_ID, SESSION_COOKIE, type Session, type Who } from './sessions.js';
import { SignInLimiter } from './sign-in-limiter.js';

export function registerSession(app: FastifyInstance, deps: PeopleDeps): void {
  const limiter = new SignInLimiter();
  app.post(ROUTES.session, async (request, reply) => {
    if (!isOwnPage(request)) throw originRefused('Origin');
    const who = await whoSignsIn(checked(signInBody, request.body), { deps, limiter, request });
    return openSession(deps, who, { request, reply });
  });
  app.delete(ROUTES.session, (request, reply) => {
    if (!isOwnPage(request)) throw originRefused('Origin');
    const { sessionId, keyId, project } = deps.sessions.principalOf(request) ?? {};
    if (sessionId !== undefined && keyId !== undefined && project !== undefined) {
      const message = `${nameOfActor(deps, keyId)} signed out`;
      const told = { message, actor: keyId, address: request.ip };
      deps.settings.note({ what: 'session', verb: 'sign_out', id: sessionId, project }, told);
      deps.sessions.end(sessionId);
    }
    void reply.header('set-cookie', `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`);
    return {};
  });
  app.get(ROUTES.session, (request) => shownSession(deps, deps.auth.authenticate(request, 'read')));
  app.post(ROUTES.sessionProject, (request) => {
    const principal = deps.auth.authenticate(request, 'read');
    const { project } = checked(sessionProjectBody, request.body);
    const session = deps.sessions.find(principal.sessionId ?? '');
    // One answer for a project that is not there and for one that is not theirs.
    if (session === undefined || !projectsFor(deps, principal).includes(project))
      throw notAllowed(`You are not a member of a project "${project}".`);
    const told = {
      message: `${nameOfActor(deps, principal.keyId)} went from project ${session.project} to ${project}`,
      actor: principal.keyId,
      address: request.ip,
    };
    deps.settings.note({ what: 'session', verb: 'enter', id: session.id, project }, told);
    session.project = project;
    return shownSession(deps, deps.auth.authenticate(request, 'read'));
  });
  app.post(ROUTES.password, async (request) => {
    const principal = deps.auth.authenticate(request, 'read');
    const { current, password } = checked(passwordBody, request.body);
    const user = deps.people.find(userIdOf(principal) ?? '');
    if (user === undefined) throw notAllowed('Only a person has a password, a key does not.');
    limiter.check([user.value.email]);
    if (!(await verifyPassword(current, user.value.password))) {
      limiter.failed([user.value.email]);
      throw signInFailed();
    }
    const value = { ...user.value, password: await hashPassword(password) };
    const message = `password of ${user.value.email} changed`;
    const told = { message, actor: principal.keyId, address: request.ip };
    deps.people.users.put({ project: SERVER, id: user.id }, value, told);
    return { sessions_ended: deps.sessions.endAll(principal.keyId, principal.sessionId) };
  });
  registerOpenSessions(app, deps);
}

interface Attempt {
  readonly deps: PeopleDeps;
  readonly limiter: SignInLimiter;
  readonly request: FastifyRequest;
}

async function whoSignsIn(body: SignInBody, { deps, limiter, request }: Attempt): Promise<Who> {
  if ('token' in body) {
    const who = deps.sessions.useLink(body.token);
    if (who === undefined) throw linkUsed();
    return who;
  }
  if ('key' in body) {
    const principal = deps.settings.keys.use(body.key, Date.now());
    if (principal === undefined) throw keyUnknown();
    return principal;
  }
  const address = `address ${request.ip}`;
  if ('invitation' in body) {
    limiter.check([address]);
    try {
      return await acceptInvitation(deps, { ...body, check: (text) => void checked(newPassword, text) });
    } catch (error) {
      limiter.failed([address]);
      throw error;
    }
  }
  const email = normaliseEmail(body.email);
  // The account is named by a hash: what people type here by mistake is sometimes their password.
  const names = [`account ${createHash('sha256').update(email).digest('base64url')}`, address];
  limiter.check(names);
  const user = deps.people.byEmail(email);
  const isRight = await verifyPassword(body.password, user?.value.password);
  const project = user === undefined ? undefined : deps.people.projectsOf(user.id)[0];
  if (!isRight || user === undefined || user.value.disabled || project === undefined) {
    limiter.failed(names);
    throw signInFailed();
  }
  limiter.succeeded(names[0] ?? '');
  return { keyId: actorOf(user.id), project };
}

/** Sets the cookie and leaves an audit record. */
export function openSession(
  deps: PeopleDeps,
  who: Who,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): SessionShape {
  const { secret, session } = deps.sessions.open(who, request);
  const message = `${nameOfActor(deps, who.keyId)} signed in`;
  deps.settings.note(
    { what: 'session', verb: 'sign_in', id: session.id, project: who.project },
    { message, actor: who.keyId, address: session.address },
  );
  const isSecure = request.protocol === 'https' || deps.config.publicUrl.startsWith('https:');
  const maxAge = Math.floor(SESSION_MS / 1000);
  const flags = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}${isSecure ? '; Secure' : ''}`;
  void reply.header('set-cookie', `${SESSION_COOKIE}=${secret}; ${flags}`);
  const principal = deps.people.principal(userIdOf(who) ?? '', who.project);
  const ofLink: Principal['scopes'] = who.keyId === LINK_KEY_ID ? ['owner'] : [];
  const scopes = deps.settings.keys.find(who.keyId)?.scopes ?? ofLink;
  return shownSession(deps, principal ?? { ...who, scopes });
}

/** A page of ours and not a redirect: only then is the session's SameSite=Strict cookie sent with what follows. */
export function sendHome(reply: FastifyReply): FastifyReply {
  return reply
    .header('content-security-policy', "default-src 'none'")
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send('<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">Sillok</a>');
}

function projectsFor({ people }: PeopleDeps, principal: Principal): string[] {
  const userId = userIdOf(principal);
  if (userId !== undefined) return people.projectsOf(userId);
  return isOwner(principal) ? people.allProjects() : [principal.project];
}

function shownSession(deps: PeopleDeps, principal: Principal): SessionShape {
  const user = deps.people.find(userIdOf(principal) ?? '');
  return {
    project: principal.project,
    scopes: principal.scopes,
    role: roleOf(principal),
    user: user === undefined ? null : { id: user.id, email: user.value.email, name: user.value.name },
    projects: projectsFor(deps, principal),
    needs_first_user: principal.keyId === LINK_KEY_ID && deps.people.users.list(SERVER).length === 0,
  };
}

function registerOpenSessions(app: FastifyInstance, deps: PeopleDeps): void {
  const { auth, sessions, settings } = deps;
  app.get(ROUTES.sessions, (request) => {
    const principal = auth.authenticate(request, 'read');
    const seen = sessions.list().filter((session) => maySee(session, principal));
    return { sessions: seen.map((session) => shownOpen(deps, session, principal)) };
  });
  app.delete<{ Params: { id: string } }>(ROUTES.sessionOne, (request) => {
    const principal = auth.authenticate(request, 'read');
    const session = sessions.find(request.params.id);
    if (session === undefined || !maySee(session, principal)) throw notFound('There is no such session.');
    const [whose, by] = [session, principal].map(({ keyId }) => nameOfActor(deps, keyId));
    const message = `session of ${whose} ended by ${by}`;
    settings.note(
      { what: 'session', verb: 'end', id: session.id, project: session.project },
      { message, actor: principal.keyId, address: request.ip },
    );
    sessions.end(session.id);
    return { id: session.id, ended: true };
  });
}

/** One's own, those in one's project for its admin, all of them for an owner. */
function maySee(session: Session, principal: Principal): boolean {
  if (isOwner(principal) || session.keyId === principal.keyId) return true;
  return mayDo(principal, 'admin') && session.project === principal.project;
}

function shownOpen(deps: PeopleDeps, session: Session, principal: Principal): OpenSessionShape {
  return {
    id: session.id,
    who: nameOfActor(deps, session.keyId),
    project: session.project,
    opened_at: new Date(session.openedMs).toISOString(),
    seen_at: new Date(session.seenMs).toISOString(),
    address: session.address,
    agent: session.agent,
    own: session.id === principal.sessionId,
  };
}
