/**
 * `@sillok/node/hono`: middleware for Hono on @hono/node-server, and on any other runtime with a fetch handler and
 * AsyncLocalStorage. On Node the end of the socket decides; elsewhere the answer of the handler does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openNodeRequest } from './http/node-request.js';
import { HttpRequest, type HttpOptions } from './http/request.js';
import { runInScope } from './scope.js';
import { TOKEN_HEADER } from './token.js';

export type { HttpOptions } from './http/request.js';

interface HonoContext {
  readonly req: {
    readonly raw: Request;
    readonly method: string;
    readonly url: string;
    readonly path: string;
    header(name: string): string | undefined;
  };
  readonly env: unknown;
  readonly res: Response;
  readonly error?: Error | undefined;
  set(key: string, value: unknown): void;
  header(name: string, value: string): void;
}

type Next = () => Promise<void>;

interface NodeBindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** `app.use(sillokHono())`, first. Handlers find their logger with `c.get('log')`. */
export function sillokHono(options: HttpOptions = {}): (context: HonoContext, next: Next) => Promise<void> {
  return async (context, next) => {
    const { env } = context;
    if (isNode(env)) return runOnNode({ context, env, next }, options);
    return runOnFetch(context, next, options);
  };
}

async function runOnNode(
  call: { readonly context: HonoContext; readonly env: NodeBindings; readonly next: Next },
  options: HttpOptions,
): Promise<void> {
  const { context, env, next } = call;
  // Hono knows the route only when it has answered.
  const answered: { route?: string | undefined } = {};
  const outcome = { route: () => answered.route, error: () => context.error };
  const exchange = { request: env.incoming, response: env.outgoing };
  // Hono writes its own headers at the end and would leave out those set on the response before.
  const own = { ...options, responseHeaders: false, supportCode: false };
  const open = openNodeRequest(exchange, own, outcome);
  if (open === undefined) return next();
  context.set('log', open.log);
  await runInScope(open.scope, next);
  answered.route = routeOf(context);
  setHeaders(context, open, options);
}

async function runOnFetch(context: HonoContext, next: Next, options: HttpOptions): Promise<void> {
  const { req } = context;
  const url = new URL(req.url);
  const open = new HttpRequest(
    { method: req.method, url: url.pathname, header: (name) => req.header(name), remoteAddress: undefined },
    options,
  );
  context.set('log', open.log);
  try {
    await runInScope(open.scope, next);
  } finally {
    const isAborted = req.raw.signal?.aborted === true;
    open.end({ status: context.res.status, route: routeOf(context), isAborted, error: context.error });
    setHeaders(context, open, options);
    if (open.isTest) context.header(TOKEN_HEADER, open.token);
  }
}

function setHeaders(context: HonoContext, open: HttpRequest, options: HttpOptions): void {
  if (options.supportCode === true) context.header('x-support-code', open.showSupportCode());
  if (options.responseHeaders === false) return;
  context.header('traceresponse', open.traceResponse);
  context.header('x-trace-id', open.traceId);
}

/** The pattern of the handler that answered; middleware patterns end in `*`. */
function routeOf(context: HonoContext): string | undefined {
  const matched: unknown = Reflect.get(context.req, 'routePath');
  return typeof matched === 'string' && !matched.endsWith('*') ? matched : undefined;
}

function isNode(env: unknown): env is NodeBindings {
  return typeof env === 'object' && env !== null && 'incoming' in env && 'outgoing' in env;
}
