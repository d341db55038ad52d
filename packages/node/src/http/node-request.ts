/**
 * The part that all frameworks on node:http share: what a request and a response look like, and when they end.
 *
 * Events of a request's body and of its response come from the connection, outside of any context; so both emitters are
 * bound to the request. Everything is typed by structure: no framework is a dependency.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { proxyHeaderOf, proxyTraceparentOf } from '../proxy-protocol/socket.js';
import { addPlainly } from '../scope.js';
import { TOKEN_HEADER } from '../token.js';
import { bindMessages, EXCHANGE, type Marked } from './bound-messages.js';
import { HttpRequest, STATUS_CLIENT_GONE, type HttpOptions, type RequestStart } from './request.js';

/** What a framework knows only at the end. One per middleware, so that a request allocates nothing for it. */
export interface NodeOutcome<R extends IncomingMessage = IncomingMessage> {
  readonly route: (request: R) => string | undefined;
  readonly error?: (request: R) => unknown;
}

type MarkedRequest = IncomingMessage & Marked & { readonly originalUrl?: unknown };

/** The request of ours that belongs to one of node:http. */
export function requestOf(request: MarkedRequest): HttpRequest | undefined {
  return request[EXCHANGE]?.open;
}

/**
 * Opens the context of a request. Undefined when it has one already: middleware that stands twice in a chain, or in an
 * application and the server around it, must not write two records.
 */
export function openNodeRequest<R extends IncomingMessage>(
  { request, response }: { readonly request: R & MarkedRequest; readonly response: ServerResponse & Marked },
  options: HttpOptions,
  outcome: NodeOutcome<R>,
): HttpRequest | undefined {
  if (request[EXCHANGE] !== undefined) return undefined;
  const exchange = new NodeExchange({ request, response, outcome }, options);
  // Before the response is marked: this listener needs no context.
  addPlainly(response, 'close', endOfResponse);
  bindMessages(exchange);
  return exchange.open;
}

function endOfResponse(this: Marked): void {
  this[EXCHANGE]?.end();
}

interface ExchangeParts {
  readonly request: MarkedRequest;
  readonly response: ServerResponse;
  readonly outcome: NodeOutcome<never>;
}

/** A request and its response, and the context that they share. */
export class NodeExchange implements RequestStart {
  readonly request: MarkedRequest;
  readonly response: ServerResponse;
  readonly method: string;
  readonly url: string;
  readonly open: HttpRequest;
  readonly #outcome: NodeOutcome<never>;
  readonly #isProxied: boolean;

  constructor({ request, response, outcome }: ExchangeParts, options: HttpOptions) {
    this.request = request;
    this.response = response;
    this.#outcome = outcome;
    this.method = request.method ?? '';
    // Express and others shorten `url` for routers below; the original is what the client asked for.
    const { originalUrl } = request;
    this.url = typeof originalUrl === 'string' ? originalUrl : (request.url ?? '');
    const proxied = proxyHeaderOf(request.socket);
    this.#isProxied = proxied?.trace !== undefined;
    const open = new HttpRequest(this, options);
    this.open = open;
    // Address and port of the client are what the proxy's own log has of the same connection.
    if (proxied !== undefined) {
      open.scope.set({ 'client.port': proxied.source?.port, 'proxy.protocol': `v${proxied.version}` });
    }
    if (!response.headersSent) this.#setHeaders();
    if (open.isTest) this.#answerWithToken();
  }

  /** Undefined where something may come from elsewhere than the headers. */
  get rawHeaders(): readonly string[] | undefined {
    return this.#isProxied ? undefined : this.request.rawHeaders;
  }

  get remoteAddress(): string | undefined {
    return clientAddressOf(this.request.socket);
  }

  header(name: string): string | undefined {
    const { headers, socket } = this.request;
    const value = headers[name];
    const text = typeof value === 'object' ? value.join(',') : value;
    return text === undefined && this.#isProxied ? ofConnection(name, socket) : text;
  }

  end(): void {
    const { request, response } = this;
    const isAborted = !response.writableFinished;
    this.open.end({
      status: isAborted && !response.headersSent ? STATUS_CLIENT_GONE : response.statusCode,
      route: this.#route(),
      isAborted,
      error: this.#outcome.error?.(request as never), // the request of this outcome's framework
    });
  }

  #route(): string | undefined {
    return this.#outcome.route(this.request as never); // the request of this outcome's framework
  }

  #setHeaders(): void {
    const { open, response } = this;
    if (open.hasResponseHeaders) {
      response.setHeader('traceresponse', open.traceResponse);
      response.setHeader('x-trace-id', open.traceId);
    }
    if (open.hasSupportCode) response.setHeader('x-support-code', open.showSupportCode());
  }

  /**
   * Test mode: the access record is written just before the headers go out, so that the token in them stands for it too. A
   * test that has the response can then wait for all of its records.
   */
  #answerWithToken(): void {
    const { open, request, response } = this;
    const writeHead: unknown = response.writeHead;
    const answer = (...values: unknown[]): unknown => {
      const status = values[0];
      open.end({
        status: typeof status === 'number' ? status : response.statusCode,
        route: this.#route(),
        error: this.#outcome.error?.(request as never), // as above
      });
      response.setHeader(TOKEN_HEADER, open.token);
      return typeof writeHead === 'function' ? Reflect.apply(writeHead, response, values) : response;
    };
    Object.defineProperty(response, 'writeHead', { value: answer, configurable: true, writable: true });
  }
}

const CLIENT = Symbol('sillok.client');

/** A socket that listens on :: names IPv4 clients ::ffff:10.0.0.7; people search for 10.0.0.7. Once per connection. */
function clientAddressOf(socket: Socket & { [CLIENT]?: string }): string | undefined {
  const known = socket[CLIENT];
  if (known !== undefined) return known;
  const address = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '');
  if (address !== undefined) socket[CLIENT] = address;
  return address;
}

/** A request without a `traceparent` of its own belongs to the trace that came with its connection. */
function ofConnection(name: string, socket: Socket): string | undefined {
  return name === 'traceparent' ? proxyTraceparentOf(socket) : undefined;
}
