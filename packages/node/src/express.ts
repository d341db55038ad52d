/** `@sillok/node/express`: middleware for Express 4 and 5, and for everything that calls like it (connect, Nest). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openNodeRequest } from './http/node-request.js';
import type { HttpOptions } from './http/request.js';
import type { Logger } from './logger.js';
import { runInScope } from './scope.js';

export type { HttpOptions } from './http/request.js';

/** What Express adds to a request, as far as we look. */
interface ExpressRequest extends IncomingMessage {
  readonly baseUrl?: string;
  readonly route?: { readonly path?: unknown };
  log?: Logger;
}

type Next = (error?: unknown) => void;

/** `app.use(sillokExpress())`, before everything else. Requests get `req.log`. */
export function sillokExpress(
  options: HttpOptions = {},
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const outcome = { route: routeOf, error: (request: ExpressRequest) => failures.get(request) };
  return (request: ExpressRequest, response, next) => {
    const open = openNodeRequest({ request, response }, options, outcome);
    if (open === undefined) return next();
    Object.defineProperty(request, 'log', { get: () => open.log, configurable: true });
    runInScope(open.scope, next);
  };
}

/** What a handler threw, for the access record. */
const failures = new WeakMap<IncomingMessage, unknown>();

/**
 * `app.use(sillokExpressErrors())`, after the routes: Express hands an error only to middleware with four parameters. The
 * access record of the request then carries the exception; what the client is told stays as it was.
 */
export function sillokExpressErrors(): (
  ...call: [error: unknown, request: IncomingMessage, response: ServerResponse, next: Next]
) => void {
  // Four parameters by name: Express counts them.
  // oxlint-disable-next-line max-params
  return (error, request, _response, next) => {
    failures.set(request, error);
    next(error);
  };
}

/** The mount point and the pattern of the route that answered. Absent where none matched (a 404). */
function routeOf(request: ExpressRequest): string | undefined {
  const path = request.route?.path;
  if (path === undefined) return undefined;
  const text = Array.isArray(path) ? String(path[0]) : String(path);
  const whole = `${request.baseUrl ?? ''}${text}`;
  return whole.length > 1 && whole.endsWith('/') ? whole.slice(0, -1) : whole;
}
