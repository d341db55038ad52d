/** The ways to read: search, live tail, SQL, fields, context. One file each, registered here. */
import type { FastifyInstance } from 'fastify';

import type { ReadDeps } from '../seams.js';

export function registerReadRoutes(_app: FastifyInstance, _deps: ReadDeps): void {
  // Each way adds its line here.
}
