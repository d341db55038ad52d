/** Statements: estimate, run, cancel. */
import type { EstimateShape, SqlAnswer } from '@sillok/api';
import { CANCEL_AGAIN_MS, CANCEL_TRIES_MAX } from '../limits.js';
import { ask, send } from './http.js';

export interface SqlQuestion {
  readonly query: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Where statements run: over the record, or in a database. */
export interface SqlRunner<Answer> {
  readonly run: (question: SqlQuestion, queryId: string, signal: AbortSignal) => Promise<Answer>;
  /** Answers once the end is confirmed. */
  readonly cancel: (queryId: string) => Promise<unknown>;
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

function runSql(question: SqlQuestion, queryId: string, signal: AbortSignal): Promise<SqlAnswer> {
  const { path, init } = post('/api/sql', { ...question, query_id: queryId }, signal);
  return ask<SqlAnswer>(path, init);
}

export function estimateSql(question: SqlQuestion, signal: AbortSignal): Promise<EstimateShape> {
  const { path, init } = post('/api/estimate', question, signal);
  return ask<EstimateShape>(path, init);
}

/** Over the record. */
export const recordRunner: SqlRunner<SqlAnswer> = {
  run: runSql,
  cancel: (queryId) => send('DELETE', `/api/sql/${encodeURIComponent(queryId)}`),
};

/** Asks until the server knows the statement: a cancel can overtake the run on its way. False: nobody has confirmed it. */
export async function cancelForSure(
  queryId: string,
  cancel: (queryId: string) => Promise<unknown>,
): Promise<boolean> {
  for (let tried = 0; tried < CANCEL_TRIES_MAX; tried += 1) {
    if (tried > 0) await new Promise((resolve) => setTimeout(resolve, CANCEL_AGAIN_MS));
    const isConfirmed = await cancel(queryId).then(
      () => true,
      () => false,
    );
    if (isConfirmed) return true;
  }
  return false;
}
