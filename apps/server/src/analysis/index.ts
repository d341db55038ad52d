/** Answers drawn from many records: one file per question. */
import type { FastifyInstance } from 'fastify';
import type { IdentityRoom } from '../identity/room.js';
import type { Reading } from '../read/reading.js';
import { registerEndpoints } from './calls/endpoints.js';
import { registerHeatmap } from './calls/heatmap.js';
import { registerImpact } from './calls/impact.js';
import { registerMap } from './calls/map.js';
import { registerOthers } from './compare/others.js';
import { registerPatterns } from './compare/patterns.js';
import { registerWhy } from './compare/why.js';
import { registerRetries } from './retries/route.js';
import { registerScenario } from './scenario/route.js';
import { registerTrends } from './trends/route.js';
import { registerTrace } from './trace/route.js';

export function registerAnalysisRoutes(app: FastifyInstance, reading: Reading, identity: IdentityRoom): void {
  for (const register of [
    registerWhy,
    registerPatterns,
    registerHeatmap,
    registerEndpoints,
    registerImpact,
    registerMap,
    registerTrends,
  ])
    register(app, reading);
  registerOthers(app, reading, identity);
  // These show what one person did, and leave an entry about who looked.
  registerTrace(app, reading, identity);
  registerScenario(app, reading, identity);
  registerRetries(app, reading, identity);
}
