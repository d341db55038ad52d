/** `POST /api/debug-route`: signs a rule, in the audit trail; `…/verify` says what a rule holds and whether it is good. */
import {
  debugRouteBody,
  debugRouteVerifyBody,
  ROUTES,
  type DebugRoute,
  type DebugRouteAnswer,
  type DebugRouteVerdict,
} from '@sillok/api';
import { RecordError } from '@sillok/record';
import {
  readRoute,
  signRoute,
  type NewRoute,
  type Pseudonyms,
  type RouteRule,
} from '@sillok/record/personal';
import type { FastifyInstance } from 'fastify';

import { badRequest } from '../errors.js';
import { checked, type Reading } from '../read/reading.js';
import type { IdentityRoom } from './room.js';
import { audit } from './trail.js';

const SECONDS = 60;
const MS = 1000;

export function registerDebugRoutes(app: FastifyInstance, reading: Reading, room: IdentityRoom): void {
  app.post(ROUTES.debugRoute, async (request): Promise<DebugRouteAnswer> => {
    const principal = reading.auth.authenticate(request, 'write');
    const { targets, minutes, reason } = checked(debugRouteBody, request.body);
    const { pseudonyms } = room.keys();
    const wanted = { targets, seconds: minutes * SECONDS, nowSeconds: Math.floor(Date.now() / MS) };
    const { text, rule } = signed(pseudonyms, wanted);
    const auditId = await audit(reading.admission, principal, {
      action: 'route.create',
      entity: { type: 'route', id: rule.id },
      outcome: 'committed',
      reason,
      arguments: { targets, minutes },
    });
    return { ...shown(rule), token: text, baggage: `sillok.route=${text}`, audit_id: auditId };
  });

  app.post(ROUTES.debugRouteVerify, (request): DebugRouteVerdict => {
    reading.auth.authenticate(request, 'read');
    const { token } = checked(debugRouteVerifyBody, request.body);
    const text = token.replace(/^.*sillok\.route=/s, '').replace(/[,;\s].*$/s, '');
    const read = readRoute(room.keys().pseudonyms, text, Date.now() / MS);
    return 'rule' in read ? { good: true, route: shown(read.rule) } : { good: false, problem: read.problem };
  });
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
