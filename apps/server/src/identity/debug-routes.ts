/**
 * `/api/debug-route`: a session for debugging signs a rule that sends only the requests that carry it to copies of services.
 * Beginning and ending one is in the audit trail. The signed text is not kept: it is made again from what it says.
 */
import {
  debugRouteBody,
  debugRouteVerifyBody,
  ROUTES,
  type DebugEndAnswer,
  type DebugRoute,
  type DebugRouteAnswer,
  type DebugRouteVerdict,
  type DebugSession,
  type DebugSessionsAnswer,
} from '@sillok/api';
import { RecordError } from '@sillok/record';
import {
  readRoute,
  signRoute,
  textOfRoute,
  type NewRoute,
  type Pseudonyms,
  type RouteRule,
} from '@sillok/record/personal';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { mayDo } from '../auth.js';
import { badRequest, notFound } from '../errors.js';
import { checked, type Reading } from '../read/reading.js';
import type { Principal } from '../seams.js';
import { createShelf, type Shelf, type Shelved } from '../settings/objects.js';
import type { Settings } from '../settings/settings.js';
import type { IdentityRoom } from './room.js';
import { audit } from './trail.js';

const SECONDS = 60;
const MS = 1000;

const storedSession = z.object({
  targets: z.record(z.string(), z.string()),
  addresses: z.record(z.string(), z.string()),
  /** Unix time in seconds. */
  until: z.number(),
  reason: z.string().optional(),
  ended_at: z.string().optional(),
});

type StoredSession = z.output<typeof storedSession>;

export interface DebugRouteDeps {
  readonly reading: Reading;
  readonly room: Pick<IdentityRoom, 'keys'>;
  readonly settings: Settings;
  readonly nameOf: (actor: string) => string;
}

export function registerDebugRoutes(app: FastifyInstance, deps: DebugRouteDeps): void {
  const { reading, room, settings } = deps;
  const shelf = createShelf(settings, 'debug_route', storedSession);
  registerBegin(app, deps, shelf);
  registerEnd(app, deps, shelf);

  app.get(ROUTES.debugRoute, (request): DebugSessionsAnswer => {
    const principal = reading.auth.authenticate(request, 'read');
    const sessions = shelf.list(principal.project).filter((session) => !isOver(session));
    return { sessions: sessions.map((session) => shownSession(deps, session, principal)).toReversed() };
  });

  app.post(ROUTES.debugRouteVerify, (request): DebugRouteVerdict => {
    reading.auth.authenticate(request, 'read');
    const { token } = checked(debugRouteVerifyBody, request.body);
    const text = token.replace(/^.*sillok\.route=/s, '').replace(/[,;\s].*$/s, '');
    const read = readRoute(room.keys().pseudonyms, text, Date.now() / MS);
    return 'rule' in read ? { good: true, route: shown(read.rule) } : { good: false, problem: read.problem };
  });
}

function registerBegin(
  app: FastifyInstance,
  { reading, room }: DebugRouteDeps,
  shelf: Shelf<StoredSession>,
): void {
  app.post(ROUTES.debugRoute, async (request): Promise<DebugRouteAnswer> => {
    const principal = reading.auth.authenticate(request, 'write');
    const { project, keyId: actor } = principal;
    const { targets, minutes, reason, addresses = {} } = checked(debugRouteBody, request.body);
    const { pseudonyms } = room.keys();
    const wanted = { targets, seconds: minutes * SECONDS, nowSeconds: Math.floor(Date.now() / MS) };
    const { text, rule } = signed(pseudonyms, wanted);
    forgetOver(shelf, project);
    const at = { project, id: rule.id };
    const value = { targets, addresses, until: rule.until, ...(reason !== undefined && { reason }) };
    shelf.put(at, value, { message: `debug session ${rule.id} begun`, actor });
    const auditId = await audit(reading.admission, principal, {
      action: 'route.create',
      entity: { type: 'route', id: rule.id },
      outcome: 'committed',
      reason,
      arguments: { targets, minutes },
    }).catch((error: unknown) => {
      // What cannot be audited is not handed out, so it is not listed either.
      shelf.remove(at, { message: `debug session ${rule.id} could not be audited`, actor: 'server' });
      throw error;
    });
    return { ...shown(rule), token: text, baggage: baggageOf(text), audit_id: auditId };
  });
}

function registerEnd(app: FastifyInstance, deps: DebugRouteDeps, shelf: Shelf<StoredSession>): void {
  const { reading } = deps;
  app.delete<{ Params: { id: string } }>(ROUTES.debugRouteOne, async (request): Promise<DebugEndAnswer> => {
    const principal = reading.auth.authenticate(request, 'write');
    const { project, keyId: actor } = principal;
    const session = shelf.get(project, request.params.id);
    if (session === undefined || isOver(session))
      throw notFound('There is no such debug session: it was never begun, or its time is over.');
    if (session.value.ended_at !== undefined)
      return { ...shownSession(deps, session, principal), audit_id: null };
    const { id } = session;
    const auditId = await audit(reading.admission, principal, {
      action: 'route.end',
      entity: { type: 'route', id },
      outcome: 'committed',
      arguments: { targets: session.value.targets },
    });
    const value = { ...session.value, ended_at: new Date().toISOString() };
    const ended = shelf.put({ project, id }, value, { message: `debug session ${id} ended`, actor });
    return { ...shownSession(deps, ended, principal), audit_id: auditId };
  });
}

/** Rules that are over say nothing any more; the audit trail has them. */
function forgetOver(shelf: Shelf<StoredSession>, project: string): void {
  for (const session of shelf.list(project).filter(isOver)) {
    const message = `debug session ${session.id} is over`;
    shelf.remove({ project, id: session.id }, { message, actor: 'server' });
  }
}

function isOver({ value }: Shelved<StoredSession>): boolean {
  return value.until <= Date.now() / MS;
}

function shownSession(
  { room, nameOf }: DebugRouteDeps,
  { id, value, created_at, created_by }: Shelved<StoredSession>,
  principal: Principal,
): DebugSession {
  const rule = { id, until: value.until, targets: value.targets };
  const isFor = mayDo(principal, 'write') && value.ended_at === undefined;
  return {
    ...shown(rule),
    began_at: created_at,
    began_by: nameOf(created_by),
    reason: value.reason ?? null,
    addresses: value.addresses,
    ended_at: value.ended_at ?? null,
    baggage: isFor ? baggageOf(textOfRoute(room.keys().pseudonyms, rule)) : null,
  };
}

function baggageOf(text: string): string {
  return `sillok.route=${text}`;
}

function signed(names: Pseudonyms, wanted: NewRoute): ReturnType<typeof signRoute> {
  try {
    return signRoute(names, wanted);
  } catch (error) {
    if (error instanceof RecordError) throw badRequest('bad_route', error.message, error.help);
    throw error;
  }
}

function shown({ id, targets, until }: RouteRule): DebugRoute {
  return { id, targets, expires_at: new Date(until * MS).toISOString() };
}
