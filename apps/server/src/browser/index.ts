/** The room for what browsers send: bodies in a budget of their own, the way in, and the switch for operators. */
import { join, resolve } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { BodyBudget, useRawBodies } from '../http/body.js';
import { registerBrowser } from '../ingest/browser.js';
import type { IngestDeps } from '../seams.js';
import { BROWSER_KILLS_FILE } from './filenames.js';
import { Kills } from './kills.js';
import {
  BROWSER_BODIES_IN_FLIGHT_BYTES_MAX,
  BROWSER_BODY_BYTES_MAX,
  BROWSER_BODY_INFLATED_BYTES_MAX,
} from './limits.js';
import { registerKillRoutes } from './routes.js';
import { registerSdkFiles } from './sdk-files.js';

export async function registerBrowserRoom(app: FastifyInstance, given: IngestDeps): Promise<void> {
  const { config, log } = given;
  const deps = { ...given, kills: new Kills(join(resolve(config.dataDirectory), BROWSER_KILLS_FILE), log) };
  await app.register(async (ingest: FastifyInstance) => {
    useRawBodies(ingest, new BodyBudget(BROWSER_BODIES_IN_FLIGHT_BYTES_MAX), {
      sentBytesMax: BROWSER_BODY_BYTES_MAX,
      inflatedBytesMax: BROWSER_BODY_INFLATED_BYTES_MAX,
    });
    registerBrowser(ingest, deps);
  });
  registerKillRoutes(app, deps);
  registerSdkFiles(app);
}
