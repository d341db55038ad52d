/** `@sillok/node/http`: context and access records for a plain node:http server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openNodeRequest } from './http/node-request.js';
import type { HttpOptions } from './http/request.js';
import { runInScope } from './scope.js';

export type { HttpOptions } from './http/request.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface NodeHttpOptions extends HttpOptions {
  /** The pattern that a request matched, if the handler knows one. */
  readonly route?: ((request: IncomingMessage) => string | undefined) | undefined;
}

/** `http.createServer(sillokHttp(handler))`: every request runs in a context of its own. */
export function sillokHttp(handler: Handler, options: NodeHttpOptions = {}): Handler {
  const outcome = { route: options.route ?? ((): undefined => undefined) };
  return (request, response) => {
    const open = openNodeRequest({ request, response }, options, outcome);
    return open === undefined
      ? handler(request, response)
      : runInScope(open.scope, handler, request, response);
  };
}
