/**
 * Listeners of a request and its response belong to the request in which they are added, whoever emits: events of a body come from
 * the connection, outside of any context.
 *
 * Methods of its own on every request and response would give all of them another shape, which costs each request more
 * than everything else of the context. So the methods of node:http's two classes look for our mark. What is of another
 * class (HTTP/2, a simulated request) gets methods of its own.
 */
import type { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { bindEmitter, boundListener, boundOnce, type AddListener, type Listener } from '../scope.js';
import type { NodeExchange } from './node-request.js';

/** On the request and the response themselves: a WeakMap entry costs the garbage collector more than all the rest. */
export const EXCHANGE = Symbol('sillok.exchange');

export interface Marked {
  [EXCHANGE]?: NodeExchange | undefined;
}

type Message = EventEmitter & Marked;

/** node:http's own listener for the end of a request whose body nobody reads: it is added to nearly every one. */
const OWN_LISTENER = 'clearIncoming';

/** The two new `on`, once there are some. */
let onRequest: unknown;
let onResponse: unknown;

/** Marks both, and from now on binds what listens on them. */
export function bindMessages(exchange: NodeExchange): void {
  onRequest ??= watch(IncomingMessage.prototype);
  onResponse ??= watch(ServerResponse.prototype);
  const request: Message = exchange.request;
  const response: Message = exchange.response;
  // Two places in the code, each of which sees objects of one shape.
  request[EXCHANGE] = exchange;
  response[EXCHANGE] = exchange;
  if (request.on !== onRequest) bindEmitter(request);
  if (response.on !== onResponse) bindEmitter(response);
}

/** Returns the new `on`. */
function watch(prototype: Message): unknown {
  const { on }: { on: AddListener } = prototype;
  const { once }: { once: AddListener } = prototype;
  const onMessage = function (this: Message, event: string | symbol, listener: Listener): EventEmitter {
    const isOurs = this[EXCHANGE] !== undefined && listener.name !== OWN_LISTENER;
    return on.call(this, event, isOurs ? boundListener(listener) : listener);
  };
  const onceMessage = function (this: Message, event: string | symbol, listener: Listener): EventEmitter {
    if (this[EXCHANGE] === undefined) return once.call(this, event, listener);
    return on.call(this, event, boundOnce(this, event, listener));
  };
  Object.assign(prototype, { on: onMessage, addListener: onMessage, once: onceMessage });
  return onMessage;
}
