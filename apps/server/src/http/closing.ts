/**
 * Closes the port at a graceful stop. Requests in flight are answered. Connections on which nothing was ever asked (clients
 * open spare ones) are closed at once: Node counts them as busy and would wait for them for a minute.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { STOP_TIMEOUT_MS } from '../limits.js';

/** Call it before listening; the answer closes. */
export function prepareClosing(app: FastifyInstance): () => Promise<void> {
  const unused = watchUnused(app.server);
  return async () => {
    for (const socket of unused) socket.destroy();
    const timer = setTimeout(() => app.server.closeAllConnections(), STOP_TIMEOUT_MS);
    await app.close().finally(() => clearTimeout(timer));
  };
}

function watchUnused(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', (request) => unused.delete(request.socket));
  return unused;
}
