/** The room for what browsers send: bodies in a budget of their own, the way in, and the switch for operators. */
import { join, resolve } from 'node:path';

import type { FastifyInstance } from 'fastify';

import type { Acts } from '../audit/acts.js';
import { BodyBudget, useRawBodies } from '../http/body.js';
import { registerBrowser } from '../ingest/browser.js';
import type { IngestDeps } from '../seams.js';
import { BROWSER_KILLS_FILE, BROWSER_STORMS_FILE, SOURCE_MAPS_DIRECTORY } from './filenames.js';
import { Kills } from './kills.js';
import {
  BROWSER_BODIES_IN_FLIGHT_BYTES_MAX,
  BROWSER_BODY_BYTES_MAX,
  BROWSER_BODY_INFLATED_BYTES_MAX,
} from './limits.js';
import { MapResolver } from './map-resolve.js';
import { registerMapRoutes } from './map-routes.js';
import { MapStore } from './map-store.js';
import { registerKillRoutes } from './routes.js';
import { Storms } from './storms.js';
import { registerSdkFiles } from './sdk-files.js';

export async function registerBrowserRoom(
  app: FastifyInstance,
  given: IngestDeps,
  acts: Acts,
): Promise<void> {
  const { config, log } = given;
  const folder = resolve(config.dataDirectory);
  const kills = new Kills(join(folder, BROWSER_KILLS_FILE), log);
  const storms = new Storms({ admission: given.admission, log, path: join(folder, BROWSER_STORMS_FILE) });
  given.onStop(() => storms.stop());
  const maps = new MapStore(join(folder, SOURCE_MAPS_DIRECTORY), log);
  const deps = { ...given, kills, storms, maps: new MapResolver(maps) };
  await app.register(async (ingest: FastifyInstance) => {
    useRawBodies(ingest, new BodyBudget(BROWSER_BODIES_IN_FLIGHT_BYTES_MAX), {
      sentBytesMax: BROWSER_BODY_BYTES_MAX,
      inflatedBytesMax: BROWSER_BODY_INFLATED_BYTES_MAX,
    });
    registerBrowser(ingest, deps);
  });
  registerKillRoutes(app, { ...deps, acts });
  await registerMapRoutes(app, { ...deps, acts, maps });
  registerSdkFiles(app);
}
