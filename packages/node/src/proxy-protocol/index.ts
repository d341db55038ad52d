/** `@sillok/node/proxy-protocol`: who is behind a proxy, and in which trace, for servers; and the header itself, for clients. */
export { readProxyHeader, TRACE_TLV, UNIQUE_ID_TLV } from './header.js';
export type { ProxyAddress, ProxyHeader, ProxyReading } from './header.js';
export { acceptProxyProtocol, withProxyTrace, type ProxyServerOptions } from './server.js';
export { proxyHeaderOf, proxyTraceparentOf } from './socket.js';
export { connectWithProxyHeader, proxyHeader, type ProxyHeaderParts } from './write.js';
