/** Statements: estimate, run, cancel. */
import type { EstimateShape, SqlAnswer } from '@sillok/api';
import { ask, send } from './http.js';

export interface SqlQuestion {
  readonly query: string;
  readonly params: Readonly<Record<string, string>>;
}

const post = (path: string, body: object, signal: AbortSignal) =>
  ({
    path,
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    },
  }) as const;

export function runSql(question: SqlQuestion, queryId: string, signal: AbortSignal): Promise<SqlAnswer> {
  const { path, init } = post('/api/sql', { ...question, query_id: queryId }, signal);
  return ask<SqlAnswer>(path, init);
}

export function estimateSql(question: SqlQuestion, signal: AbortSignal): Promise<EstimateShape> {
  const { path, init } = post('/api/estimate', question, signal);
  return ask<EstimateShape>(path, init);
}

/** Answers once the engine has confirmed that the statement no longer runs. */
export const cancelSql = (queryId: string): Promise<unknown> =>
  send('DELETE', `/api/sql/${encodeURIComponent(queryId)}`);
