/**
 * The part that all frameworks on node:http share: what a request and a response look like, and when they end.
 *
 * Events of a request's body and of its response come from the connection, outside of any context; so both emitters are
 * bound to the request. Everything is typed by structure: no framework is a dependency.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { proxyHeaderOf, proxyTraceparentOf } from '../proxy-protocol/socket.js';
import { addPlainly, bindEmitter } from '../scope.js';
import { TOKEN_HEADER } from '../token.js';
import { HttpRequest, STATUS_CLIENT_GONE, type HttpOptions } from './request.js';

/** What a framework knows only at the end. One per middleware, so that a request allocates nothing for it. */
export interface NodeOutcome<R extends IncomingMessage = IncomingMessage> {
  /** The pattern that matched. */
  readonly route: (request: R) => string | undefined;
  readonly error?: (request: R) => unknown;
}

/** On the request itself: a WeakMap entry per request costs the garbage collector more than all the rest. */
const OPEN = Symbol('sillok.request');

type Marked = IncomingMessage & { [OPEN]?: HttpRequest };

/** The request of ours that belongs to one of node:http. */
export function requestOf(request: Marked): HttpRequest | undefined {
  return request[OPEN];
}

/**
 * Opens the context of a request. Undefined when it has one already: middleware that stands twice in a chain, or in an
 * application and the server around it, must not write two records.
 */
export function openNodeRequest<R extends IncomingMessage>(
  exchange: { readonly request: R & Marked; readonly response: ServerResponse },
  options: HttpOptions,
  outcome: NodeOutcome<R>,
): HttpRequest | undefined {
  const { request, response } = exchange;
  if (request[OPEN] !== undefined) return undefined;
  const { headers, socket } = request;
  const proxied = proxyHeaderOf(socket);
  const open = new HttpRequest(
    {
      method: request.method ?? '',
      // Express and others shorten `url` for routers below; the original is what the client asked for.
      url: originalUrl(request),
      header:
        proxied?.trace === undefined
          ? (name) => headerOf(headers[name])
          : (name) => headerOf(headers[name]) ?? ofConnection(name, socket),
      // A socket that listens on :: names IPv4 clients ::ffff:10.0.0.7; people search for 10.0.0.7.
      remoteAddress: socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, ''),
    },
    options,
  );
  request[OPEN] = open;
  // Address and port of the client are what the proxy's own log has of the same connection.
  if (proxied !== undefined) {
    open.scope.set({ 'client.port': proxied.source?.port, 'proxy.protocol': `v${proxied.version}` });
  }
  bindEmitter(request);
  bindEmitter(response);
  if (open.hasResponseHeaders && !response.headersSent) {
    response.setHeader('traceresponse', open.traceResponse);
    response.setHeader('x-trace-id', open.traceId);
  }
  if (open.hasSupportCode && !response.headersSent) {
    response.setHeader('x-support-code', open.showSupportCode());
  }
  if (open.isTest) answerWithToken(open, exchange, outcome);
  addPlainly(response, 'close', () => endNodeRequest(open, exchange, outcome));
  return open;
}

function endNodeRequest<R extends IncomingMessage>(
  open: HttpRequest,
  { request, response }: { readonly request: R; readonly response: ServerResponse },
  outcome: NodeOutcome<R>,
): void {
  const isAborted = !response.writableFinished;
  open.end({
    status: isAborted && !response.headersSent ? STATUS_CLIENT_GONE : response.statusCode,
    route: outcome.route(request),
    isAborted,
    error: outcome.error?.(request),
  });
}

/**
 * Test mode: the access record is written just before the headers go out, so that the token in them stands for it too. A
 * test that has the response can then wait for all of its records.
 */
function answerWithToken<R extends IncomingMessage>(
  open: HttpRequest,
  { request, response }: { readonly request: R; readonly response: ServerResponse },
  outcome: NodeOutcome<R>,
): void {
  const writeHead: unknown = response.writeHead;
  const answer = (...values: unknown[]): unknown => {
    const status = values[0];
    open.end({
      status: typeof status === 'number' ? status : response.statusCode,
      route: outcome.route(request),
      error: outcome.error?.(request),
    });
    response.setHeader(TOKEN_HEADER, open.token);
    return typeof writeHead === 'function' ? Reflect.apply(writeHead, response, values) : response;
  };
  Object.defineProperty(response, 'writeHead', { value: answer, configurable: true, writable: true });
}

/** A request without a `traceparent` of its own belongs to the trace that came with its connection. */
function ofConnection(name: string, socket: Socket): string | undefined {
  return name === 'traceparent' ? proxyTraceparentOf(socket) : undefined;
}

function originalUrl(request: IncomingMessage): string {
  const original: unknown = Reflect.get(request, 'originalUrl');
  return typeof original === 'string' ? original : (request.url ?? '');
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(',') : value;
}
