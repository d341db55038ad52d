/** The ways to read: search, context, fields, histogram, estimate, export, SQL, live tail. One file each. */
import type { FastifyInstance } from 'fastify';

import type { ReadDeps } from '../seams.js';
import { registerContext } from './context.js';
import { createCursorCodec } from './cursor.js';
import { loadCursorKey } from './cursor-key.js';
import { registerExport } from './export.js';
import { registerFields } from './fields.js';
import { createGuard } from './guard/guard.js';
import { createGuardEngine } from './guard/guard-engine.js';
import { createHints } from './hints.js';
import { registerHistogram } from './histogram.js';
import { registerLive } from './live/live.js';
import { createMisfits } from './misfits.js';
import type { Reading } from './reading.js';
import { createRunning } from './running.js';
import { registerSearch } from './search.js';
import { registerEstimate, registerSql } from './sql.js';

/** Answers what the routes share, for rooms that read too. */
export function registerReadRoutes(app: FastifyInstance, deps: ReadDeps): Reading {
  const reading: Reading = {
    ...deps,
    cursors: createCursorCodec(loadCursorKey(deps.config.dataDirectory)),
    guard: createGuard({ engine: createGuardEngine(deps.store), table: () => deps.store().table }),
    hints: createHints(deps.store),
    misfits: createMisfits(),
    running: createRunning(deps),
  };
  for (const register of [
    registerSearch,
    registerContext,
    registerFields,
    registerHistogram,
    registerEstimate,
    registerExport,
    registerSql,
    registerLive,
  ]) {
    register(app, reading);
  }
  return reading;
}
