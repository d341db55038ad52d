/**
 * Statements that are kept in dashboards and reports. Whoever saves one must be allowed to ask that database; after that everybody
 * who may look at it sees its numbers, and each run is in the audit trail like any other.
 */
import type { PanelAnswer, ReportWindow } from '@sillok/api';

import { badRequest } from '../errors.js';
import type { PanelRun } from '../dashboard/panel.js';
import { rangeOfPanel } from '../dashboard/panel-range.js';
import type { Principal } from '../seams.js';
import type { DatabaseRoom } from './room.js';

/** Throws unless this asker may ask all the databases that are named. */
export function mayKeep(room: DatabaseRoom, principal: Principal, names: readonly string[]): void {
  for (const name of new Set(names.filter((each) => each !== ''))) room.mustFind(principal, name);
}

/** For what was kept: the wall and the schedule have nobody who asks. */
export function keeperOf(project: string, what: 'wall' | 'report' | 'alert'): Principal {
  return { project, scopes: ['owner'], keyId: what };
}

interface PanelAsked {
  readonly principal: Principal;
  readonly run: PanelRun;
}

export async function runDatabasePanel(
  room: DatabaseRoom,
  { principal, run }: PanelAsked,
): Promise<PanelAnswer> {
  const { panel, variables, values, name } = run;
  if (panel.language !== 'sql' || panel.kind === 'heatmap')
    throw badRequest(
      'request_invalid',
      'A panel of a database is SQL, and no heatmap.',
      'Choose SQL and another kind of panel.',
    );
  const { from, to, bucketMs } = rangeOfPanel(run);
  const chosen = Object.fromEntries(
    variables.map((variable) => [variable.name, values[variable.name] ?? '']),
  );
  const params = { ...chosen, from, to };
  const asked = { query: panel.q, params, ...(name !== undefined && { query_id: name }) };
  const answer = await room.ask(principal, panel.database, asked);
  return {
    columns: answer.columns,
    rows: answer.rows,
    truncated: answer.truncated,
    from,
    to,
    bucket_ms: bucketMs,
    freshness: { visible_through: new Date().toISOString(), lag_ms: answer.proof.lag_ms ?? 0 },
    gaps: 0,
    cost: { rows_read: answer.rows.length, bytes_read: 0, elapsed_ms: answer.cost.elapsed_ms },
  };
}

/** The one number of a statement within a window; null when it gives none. */
export async function numberOf(
  room: DatabaseRoom,
  project: string,
  asked: { readonly database: string; readonly q: string; readonly window: ReportWindow },
): Promise<{ readonly value: number | null; readonly elapsed_ms: number }> {
  const { database, q: query, window } = asked;
  const params = { from: window.from, to: window.to };
  const answer = await room.ask(keeperOf(project, 'report'), database, { query, params });
  const first = answer.rows[0]?.[0];
  const value = first === null || first === undefined ? Number.NaN : Number(first);
  return { value: Number.isFinite(value) ? value : null, elapsed_ms: answer.cost.elapsed_ms };
}
