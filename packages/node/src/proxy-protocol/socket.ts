/** What the proxy said about a connection, kept on its socket. */
import type { Socket } from 'node:net';
import { formatTraceparent } from '@sillok/context';
import type { ProxyHeader } from './header.js';

const HEADER = Symbol.for('sillok.proxy_header');

type Proxied = Socket & { [HEADER]?: ProxyHeader };

export function keepProxyHeader(socket: Proxied, header: ProxyHeader): void {
  socket[HEADER] = header;
}

/** What the proxy said about this connection. */
export function proxyHeaderOf(socket: Proxied): ProxyHeader | undefined {
  return socket[HEADER];
}

/** The `traceparent` that came with the connection. */
export function proxyTraceparentOf(socket: Proxied): string | undefined {
  const trace = socket[HEADER]?.trace;
  return trace === undefined ? undefined : formatTraceparent(trace);
}
