/** `/api/databases`: which there are, what was proven of one, its tables, one statement, its end, and advice. */
import {
  databaseQueryBody,
  ROUTES,
  type DatabaseAdviceShape,
  type DatabaseCancelShape,
  type DatabaseRunningShape,
  type DatabaseShape,
} from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import { ReadError } from '../read/errors.js';
import { checked, type Reading } from '../read/reading.js';
import { tablesThatLack } from './advice.js';
import { repeatedUpdates } from './repeated-updates.js';
import { within } from './connection.js';
import { SCHEMA_COLUMNS_MAX, STATEMENT_TIME_MS } from './limits.js';
import { connectTo } from './run-statement.js';
import type { DatabaseRoom } from './room.js';
import type { DatabaseSettings } from './settings-file.js';

interface Named {
  Params: { name: string };
}
interface NamedQuery {
  Params: { name: string; queryId: string };
}

export function registerDatabases(app: FastifyInstance, reading: Reading, room: DatabaseRoom): void {
  const { auth } = reading;
  const { statements } = room;
  app.get(ROUTES.databases, (request) => {
    const principal = auth.authenticate(request, 'read');
    const databases: DatabaseShape[] = room.list(principal.project).map((each) => ({
      name: each.name,
      dialect: each.dialect,
      allowed: room.mayAsk(principal, each),
      timeout_s: each.timeout_s,
    }));
    return { databases };
  });
  app.get<Named>(ROUTES.database, async (request) => {
    const database = room.mustFind(auth.authenticate(request, 'read'), request.params.name);
    const { link, proof } = await connectTo(database);
    await link.close();
    return { name: database.name, dialect: database.dialect, proof };
  });
  app.get<Named>(ROUTES.databaseSchema, async (request) => {
    const database = room.mustFind(auth.authenticate(request, 'read'), request.params.name);
    return { tables: await tablesOf(database) };
  });
  app.post<Named>(ROUTES.databaseQuery, (request, reply) => {
    const principal = auth.authenticate(request, 'read');
    const asked = checked(databaseQueryBody, request.body);
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    return room.ask(principal, request.params.name, { ...asked, signal: gone.signal });
  });
  app.get<Named>(ROUTES.databaseRunning, (request) => {
    const { name, project } = room.mustFind(auth.authenticate(request, 'read'), request.params.name);
    const running: DatabaseRunningShape[] = statements.list(project, name).map((each) => ({
      query_id: each.query_id,
      who: each.who,
      elapsed_ms: Date.now() - each.startedMs,
      warnings: each.warnings,
    }));
    return { running };
  });
  app.delete<NamedQuery>(ROUTES.databaseStatement, async (request): Promise<DatabaseCancelShape> => {
    const { name, queryId } = request.params;
    const database = room.mustFind(auth.authenticate(request, 'read'), name);
    const running = statements.find(database.project, queryId);
    if (running === undefined) throw new ReadError('query_not_found', `No query "${queryId}" is running.`);
    return { query_id: queryId, ...(await statements.cancel(database, running)) };
  });
  app.get<Named>(ROUTES.databaseAdvice, async (request): Promise<DatabaseAdviceShape> => {
    const principal = auth.authenticate(request, 'read');
    const database = room.mustFind(principal, request.params.name);
    const tables = await tablesOf(database);
    return {
      database: database.name,
      tables: tables.length,
      lacking: tablesThatLack(tables),
      repeated_updates: await repeatedUpdates(reading, principal.project),
    };
  });
}

async function tablesOf(database: DatabaseSettings) {
  const { link } = await connectTo(database);
  try {
    const late = (): void => link.destroy();
    return await within(link.schema(SCHEMA_COLUMNS_MAX), { timeMs: STATEMENT_TIME_MS, late });
  } finally {
    await link.close();
  }
}
