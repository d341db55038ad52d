/** `POST /api/sql`, `DELETE /api/sql/:queryId`, and `/api/estimate` for both languages. */
import { randomUUID } from 'node:crypto';
import { estimateQuery, ROUTES, sqlBody, type EstimateShape, type SqlAnswer } from '@sillok/api';
import { compileSearch, compileStats, statsStage } from '@sillok/query';
import type { FastifyInstance } from 'fastify';
import { fromReader, fromStore, ReadError, tooManyQueries } from './errors.js';
import { estimate, estimateStatement } from './estimate.js';
import { SQL_ROWS_MAX, SQL_RUNNING_MAX } from './limits.js';
import { checked, projectOf, rangeOf, searchOf, type Reading } from './reading.js';
import { guardedQuery } from './sql-query.js';
import { gapsIn } from './trust.js';

export function registerSql(app: FastifyInstance, reading: Reading): void {
  app.post(ROUTES.sql, async (request, reply): Promise<SqlAnswer> => {
    const project = projectOf(reading, request);
    const asked = checked(sqlBody, request.body);
    const name = asked.query_id ?? randomUUID();
    if (reading.running.isTaken(project, name)) {
      throw new ReadError('request_invalid', `A query with the id "${name}" is running.`);
    }
    if (reading.running.userCount >= SQL_RUNNING_MAX) throw tooManyQueries();
    const freshness = reading.state.freshness();
    const { limit: _, sets: __, ...query } = await guardedQuery(reading, project, asked);
    const { columns, rows, statistics } = await reading.running
      .run(query, { project, reply, name })
      .catch((error: unknown) => Promise.reject(fromReader(error)));
    const truncated = rows.length > SQL_ROWS_MAX;
    if (truncated) rows.length = SQL_ROWS_MAX;
    return {
      columns,
      rows,
      truncated,
      query_id: name,
      freshness,
      ...gapsIn(reading.state, project, {}),
      cost: statistics,
    };
  });

  app.delete<{ Params: { queryId: string } }>(ROUTES.sqlQuery, async (request) => {
    const project = projectOf(reading, request);
    const { queryId } = request.params;
    const isEnded = await reading.running.cancel(project, queryId);
    if (isEnded === undefined) throw new ReadError('query_not_found', `No query "${queryId}" is running.`);
    return { query_id: queryId, ended: isEnded };
  });
}

export function registerEstimate(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.estimate, async (request, reply): Promise<EstimateShape> => {
    const project = projectOf(reading, request);
    const asked = checked(estimateQuery, request.query);
    const query = searchOf(asked.q);
    const scope = { project, ...rangeOf(asked, Date.now()), table: reading.store().table };
    const isCounted = statsStage(query) !== undefined;
    const limit = asked.limit + 1;
    const statement = isCounted
      ? (compileStats(query, scope) ?? compileSearch(query, scope))
      : compileSearch(query, { ...scope, limit, order: asked.order });
    const { sql, params } = statement;
    return estimate(reading, { sql, params, ...(isCounted ? {} : { limit }) }, { project, reply }).catch(
      (error: unknown) => Promise.reject(fromStore(error)),
    );
  });

  app.post(ROUTES.estimate, async (request, reply): Promise<EstimateShape> => {
    const project = projectOf(reading, request);
    const asked = checked(sqlBody, request.body);
    const query = await guardedQuery(reading, project, asked);
    const found = await estimate(reading, query, { project, reply }).catch((error: unknown) =>
      Promise.reject(fromReader(error)),
    );
    return estimateStatement(asked.query, found);
  });
}
