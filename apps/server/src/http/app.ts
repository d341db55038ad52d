/** The fastify app: errors in one shape, and the limits that hold for every route. */
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';

import { notFound, stopping, type ServerError } from '../errors.js';
import { API_BODY_BYTES_MAX, REQUEST_TIMEOUT_MS } from '../limits.js';
import type { Log } from '../log.js';
import { answerClientError } from './client-errors.js';
import { toServerError } from './framework-errors.js';

export interface AppOptions {
  readonly log: Log;
  isStopping(): boolean;
  /** Addresses and networks of proxies whose `X-Forwarded-For` says from where a request came. */
  readonly trustedProxies?: readonly string[];
}

export function createApp({ log, isStopping, trustedProxies = [] }: AppOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: API_BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
    clientErrorHandler: answerClientError,
    // A path that cannot be decoded never reaches a route, nor the handler below.
    frameworkErrors: (error, _request, reply) => void sendError(reply, toServerError(error)),
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = toServerError(error);
    const where = { method: request.method, path: request.routeOptions.url ?? request.url };
    // 504 is an answer to a reader who waits, or asks too much; the server has not failed.
    if (known.status >= 500 && known.status !== 504 && !isStopping())
      log.error('a request failed', { ...where, code: known.code, error });
    if (known.status === 500) log.error(String(error.stack));
    return sendError(reply, known);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0];
    return sendError(reply, notFound(`There is no ${request.method} ${path} here.`));
  });
  app.addHook('onRequest', (_request, reply, done) => {
    if (!isStopping()) return done();
    void reply.header('connection', 'close');
    done(stopping());
  });
  return app;
}

function sendError(reply: FastifyReply, error: ServerError): FastifyReply {
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', error.retryAfterSeconds);
  // The rest of a refused body is not worth reading.
  if (error.status === 413) void reply.header('connection', 'close');
  return reply.code(error.status).type('application/json').send(error.body());
}
