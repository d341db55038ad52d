/**
 * A server behind a proxy that speaks the PROXY protocol: each connection's header is read before the server sees the connection.
 * Then the socket has the address of who is behind the proxy, and the trace that came with the connection.
 *
 * A connection that says no whole header in time, or something else, is closed: it holds at most PROXY_HEADER_BYTES_MAX and a
 * timer. Nobody but the proxy may speak here, or anybody could say to be anybody.
 */
import type { Server, Socket } from 'node:net';
import { PROXY_HEADER_MS_MAX, PROXY_REFUSALS_PER_MINUTE } from '../limits.js';
import type { Logger } from '../logger.js';
import { withTrace } from '../scope.js';
import { getLogger } from '../sillok.js';
import { readProxyHeader, type ProxyHeader } from './header.js';
import { keepProxyHeader, proxyHeaderOf, proxyTraceparentOf } from './socket.js';
import { proxiesOf } from './trusted.js';

export interface ProxyServerOptions {
  /** Default: the first logger of the process. */
  readonly log?: Logger | undefined;
  /** Addresses of the proxies: `10.0.0.7`, `10.0.0.0/8`, `loopback`, `private`. Default: `loopback` and `private`. */
  readonly proxies?: readonly string[] | undefined;
  /** Until when the header must be whole. Default 3 s. */
  readonly headerMs?: number | undefined;
  /** Told about each connection that is refused; otherwise it is logged, a few a minute. */
  readonly onRefused?: ((reason: string, address: string | undefined) => void) | undefined;
}

/** Runs `work` as part of the trace that came with the connection: for servers that do not speak HTTP. */
export function withProxyTrace<T>(socket: Socket, work: () => T): T {
  return withTrace({ traceparent: proxyTraceparentOf(socket) }, work);
}

/**
 * For a server of node:net or node:http, before it listens. Returns the server.
 *
 * The server's own handling of a connection begins when `connection` is emitted, so that is what waits.
 */
export function acceptProxyProtocol<S extends Server>(server: S, options: ProxyServerOptions = {}): S {
  const isProxy = proxiesOf(options.proxies);
  const refuse = refusals(options);
  const emit: unknown = server.emit;
  if (typeof emit !== 'function') return server;
  const intercept = (event: string | symbol, ...values: unknown[]): unknown => {
    const [socket] = values;
    if (event !== 'connection' || !isSocket(socket) || proxyHeaderOf(socket) !== undefined) {
      return Reflect.apply(emit, server, [event, ...values]);
    }
    if (!isProxy(socket.remoteAddress)) {
      refuse('not one of the proxies', socket);
      return true;
    }
    awaitHeader(socket, options.headerMs ?? PROXY_HEADER_MS_MAX, {
      refuse: (reason) => refuse(reason, socket),
      accept: () => void Reflect.apply(emit, server, [event, ...values]),
    });
    return true;
  };
  Object.defineProperty(server, 'emit', { value: intercept, configurable: true, writable: true });
  return server;
}

interface Verdicts {
  readonly refuse: (reason: string) => void;
  readonly accept: () => void;
}

/** Reads the header and nothing behind it. One timer for all of it: bytes that drip in do not win time. */
function awaitHeader(socket: Socket, headerMs: number, verdicts: Verdicts): void {
  let held: Buffer = Buffer.alloc(0);
  const stop = (): void => {
    clearTimeout(timer);
    socket.removeListener('readable', read);
    socket.removeListener('end', end);
    socket.removeListener('close', end);
  };
  const refuse = (reason: string): void => {
    stop();
    verdicts.refuse(reason);
  };
  const end = (): void => refuse('the connection ended before its header was whole');
  const read = (): void => {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) return;
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const reading = readProxyHeader(held);
    if (reading.state === 'more') return;
    if (reading.state === 'refused') {
      refuse(reading.reason);
      return;
    }
    stop();
    settle(socket, reading.header);
    const rest = held.subarray(reading.bytes);
    if (rest.length > 0) socket.unshift(rest);
    // After the stream has noticed that nobody listens: only then does a listener of the server's make it flow.
    process.nextTick(() => {
      socket.removeListener('error', ignore);
      if (!socket.destroyed) verdicts.accept();
    });
  };
  const timer = setTimeout(() => refuse(`no whole header within ${headerMs} ms`), headerMs).unref();
  socket.on('error', ignore);
  socket.on('end', end);
  socket.on('close', end);
  socket.on('readable', read);
}

/** A client that resets its connection must not end the process. */
function ignore(): void {}

/** From here on the socket says who is behind the proxy, as every framework and log expects. */
function settle(socket: Socket, header: ProxyHeader): void {
  keepProxyHeader(socket, header);
  const { source } = header;
  if (source === undefined) return;
  const family = source.address.includes(':') ? 'IPv6' : 'IPv4';
  for (const [name, value] of [
    ['remoteAddress', source.address],
    ['remotePort', source.port],
    ['remoteFamily', family],
  ]) {
    Object.defineProperty(socket, String(name), { value, configurable: true });
  }
}

function refusals({ log, onRefused }: ProxyServerOptions): (reason: string, socket: Socket) => void {
  let minute = 0;
  let count = 0;
  return (reason, socket) => {
    const { remoteAddress } = socket;
    socket.on('error', ignore);
    socket.destroy();
    if (onRefused !== undefined) {
      onRefused(reason, remoteAddress);
      return;
    }
    const now = Math.trunc(Date.now() / 60_000);
    if (now !== minute) [minute, count] = [now, 0];
    count += 1;
    if (count > PROXY_REFUSALS_PER_MINUTE) return;
    const fields = { 'event.name': 'proxy_protocol.refused', 'client.address': remoteAddress, reason };
    (log ?? getLogger()).warn(fields, 'a connection was refused: %s', reason);
  };
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'remoteAddress' in value && 'unshift' in value;
}
