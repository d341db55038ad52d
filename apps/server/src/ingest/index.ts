/** The ways in that are not our own protocol: one file each, registered here. */
import type { FastifyInstance } from 'fastify';

import type { IngestDeps } from '../seams.js';

export function registerIngestProtocols(_app: FastifyInstance, _deps: IngestDeps): void {
  // Each protocol adds its line here.
}
