/**
 * `@sillok/node/fastify`: a plugin for Fastify 4 and 5.
 *
 * Two hooks open the context: `onRequest`, and `preValidation`, because reading a body leaves it (the stream's
 * events come from the connection).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openNodeRequest, requestOf } from './http/node-request.js';
import type { HttpOptions } from './http/request.js';
import { runInScope } from './scope.js';

export type { HttpOptions } from './http/request.js';

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions?: { readonly url?: string | undefined };
}

interface FastifyReply {
  readonly raw: ServerResponse;
}

type Done = (error?: Error) => void;
type Hook = (request: FastifyRequest, reply: FastifyReply, done: Done) => void;
type ErrorHook = (...call: [FastifyRequest, FastifyReply, Error, Done]) => void;

interface FastifyInstance {
  addHook(name: 'onRequest' | 'preValidation', hook: Hook): unknown;
  addHook(name: 'onError', hook: ErrorHook): unknown;
}

/** `app.register(sillokFastify, { log })`. `request.log` stays Fastify's own; give it `sillokPino` as its stream. */
export function sillokFastify(app: FastifyInstance, options: HttpOptions, done: Done): void {
  const failures = new WeakMap<IncomingMessage, Error>();
  const requests = new WeakMap<IncomingMessage, FastifyRequest>();
  const outcome = {
    route: (raw: IncomingMessage) => requests.get(raw)?.routeOptions?.url,
    error: (raw: IncomingMessage) => failures.get(raw),
  };
  app.addHook('onRequest', (request, reply, next) => {
    requests.set(request.raw, request);
    const open = openNodeRequest({ request: request.raw, response: reply.raw }, options, outcome);
    if (open === undefined) next();
    else runInScope(open.scope, next);
  });
  app.addHook('preValidation', (request, _reply, next) => {
    const open = requestOf(request.raw);
    if (open === undefined) next();
    else runInScope(open.scope, next);
  });
  app.addHook('onError', (...[request, , error, next]) => {
    const status: unknown = 'statusCode' in error ? error.statusCode : undefined;
    if (typeof status !== 'number' || status >= 500) failures.set(request.raw, error);
    next();
  });
  done();
}

// What the package fastify-plugin does: hooks apply to the instance that registers the plugin, not to a child of it.
Object.assign(sillokFastify, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@sillok/node',
});
