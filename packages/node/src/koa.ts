/** `@sillok/node/koa`: middleware for Koa 2 and 3. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openNodeRequest } from './http/node-request.js';
import type { HttpOptions } from './http/request.js';
import type { Logger } from './logger.js';
import { runInScope } from './scope.js';

export type { HttpOptions } from './http/request.js';

interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  log?: Logger;
}

/** `app.use(sillokKoa())`, before everything else. The context gets `ctx.log`. */
export function sillokKoa(
  options: HttpOptions = {},
): (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown> {
  return (context, next) => {
    let failure: unknown;
    const outcome = { route: () => routeOf(context), error: () => failure };
    const open = openNodeRequest({ request: context.req, response: context.res }, options, outcome);
    if (open === undefined) return next();
    Object.defineProperty(context, 'log', { get: () => open.log, configurable: true });
    return runInScope(open.scope, async () => {
      try {
        return await next();
      } catch (error) {
        if (isServerFault(error)) failure = error;
        throw error;
      }
    });
  };
}

/** An error with a status below 500 (`ctx.throw(404)`) is an answer, not a fault. */
function isServerFault(error: unknown): boolean {
  const status: unknown =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status !== 'number' || status >= 500;
}

/** koa-router leaves the matched pattern on the context. */
function routeOf(context: KoaContext): string | undefined {
  for (const key of ['routerPath', '_matchedRoute']) {
    const route: unknown = Reflect.get(context, key);
    if (typeof route === 'string') return route;
  }
  return undefined;
}
