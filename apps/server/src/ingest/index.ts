/** The ways in that are not our own protocol: one file each, registered here. */
import type { FastifyInstance } from 'fastify';

import type { IngestDeps } from '../seams.js';
import { registerElastic } from './elastic.js';
import { registerLoki } from './loki.js';
import { registerNdjson } from './ndjson.js';
import { registerOtlp } from './otlp.js';
import { registerSyslog } from './syslog.js';

export function registerIngestProtocols(app: FastifyInstance, deps: IngestDeps): void {
  registerOtlp(app, deps);
  registerElastic(app, deps);
  registerLoki(app, deps);
  registerNdjson(app, deps);
  registerSyslog(app, deps);
}
