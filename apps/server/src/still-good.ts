/**
 * Nobody is answered whose right to ask ended while the answer was made: a statement may take a minute and an export an hour,
 * and a key that is revoked meanwhile is refused as it is at the next request. (The live tail asks before each event.)
 */
import { ROUTES } from '@sillok/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { askerOf } from './auth.js';
import { keyUnknown } from './errors.js';
import type { Authenticator } from './seams.js';

/** Reads that are sent with POST. What a change answers is told to whoever made it, also when it ended their own session. */
const READ_BY_POST: ReadonlySet<string> = new Set([
  ROUTES.sql,
  ROUTES.estimate,
  ROUTES.panelRun,
  ROUTES.panelEstimate,
  ROUTES.reportRun,
  ROUTES.reportPreview,
  ROUTES.alertPreview,
  ROUTES.databaseQuery,
  ROUTES.personLookup,
  ROUTES.personOpen,
]);

const STATUS_REFUSED = 400;

export function refuseLateAnswers(app: FastifyInstance, auth: Pick<Authenticator, 'isStillGood'>): void {
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode >= STATUS_REFUSED || !isRead(request)) return;
    const asker = askerOf(request);
    if (asker !== undefined && !auth.isStillGood(asker)) throw keyUnknown();
  });
}

function isRead({ method, routeOptions }: FastifyRequest): boolean {
  return method === 'GET' || (method === 'POST' && READ_BY_POST.has(routeOptions.url ?? ''));
}

/** Breaks off where it is: an export that ended properly is complete. */
export async function* whileGood<T>(
  pages: AsyncIterable<T>,
  { auth, request }: { readonly auth: Pick<Authenticator, 'isStillGood'>; readonly request: FastifyRequest },
): AsyncGenerator<T> {
  for await (const page of pages) {
    const asker = askerOf(request);
    if (asker !== undefined && !auth.isStillGood(asker)) throw keyUnknown();
    yield page;
  }
}
