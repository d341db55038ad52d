/** The databases of the team: which there are, their tables, one statement in one of them. */
import type { DatabaseAnswer, DatabaseShape, DatabaseTableShape } from '@sillok/api';
import { ask, send } from './http.js';
import type { SqlRunner } from './sql.js';

const of = (name: string, rest: string): string => `/api/databases/${encodeURIComponent(name)}${rest}`;

export const databases = (signal: AbortSignal): Promise<{ readonly databases: readonly DatabaseShape[] }> =>
  ask('/api/databases', { signal });

export const tablesOf = (
  name: string,
  signal: AbortSignal,
): Promise<{ readonly tables: readonly DatabaseTableShape[] }> => ask(of(name, '/schema'), { signal });

export function databaseRunner(name: string): SqlRunner<DatabaseAnswer> {
  return {
    run: ({ query, params }, queryId, signal) =>
      ask(of(name, '/query'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, params, query_id: queryId }),
        signal,
      }),
    cancel: (queryId) => send('DELETE', of(name, `/query/${encodeURIComponent(queryId)}`)),
  };
}
