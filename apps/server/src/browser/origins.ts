/**
 * From where a key may be used. A key with origins works from those pages only, which the authenticator checks; one without
 * is for apps, which send no `Origin`, and for the server's own pages. Anybody can send any `Origin` by hand: this keeps
 * other people's pages out, not programs.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

import { pageRefused } from '../errors.js';
import type { Principal } from '../seams.js';
import { PREFLIGHT_SECONDS } from './limits.js';

/** Throws when a page uses a key that is not for pages. The answer can be read by the page either way. */
export function checkOrigin(request: FastifyRequest, { origins }: Principal): void {
  const { origin, host } = request.headers;
  if (origin === undefined || origins !== undefined) return;
  if (origin !== `http://${host}` && origin !== `https://${host}`) throw pageRefused(origin);
}

/** Lets the page read the answer, also that it was refused. No cookies: the key is all that counts. */
export function allowReading(request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  void reply.header('access-control-allow-origin', origin).header('vary', 'Origin');
  void reply.header('access-control-expose-headers', 'retry-after');
}

export function answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  allowReading(request, reply);
  return reply
    .code(204)
    .header('access-control-allow-methods', 'GET, POST')
    .header('access-control-allow-headers', 'authorization, content-type, content-encoding')
    .header('access-control-max-age', String(PREFLIGHT_SECONDS))
    .send();
}
