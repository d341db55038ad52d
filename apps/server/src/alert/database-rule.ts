/**
 * Rules over a number of a business database: a statement that reads, once a minute, compared with a value. It is asked as people
 * ask (proven read-only, audited, ended after its time), as that of `alert`. What gives no number says so: an empty answer, a
 * database that is away or a replica that lags is no "all is well".
 */
import type { AlertRule, DatabaseAnswer } from '@sillok/api';

import { statementLate } from '../database/errors.js';
import { keeperOf } from '../database/kept.js';
import type { DatabaseRoom } from '../database/room.js';
import type { Principal } from '../seams.js';
import { EvaluationError } from './errors.js';
import { EVALUATE_TIME_MS_MAX, FRESH_MS_MAX, GROUPS_MAX } from './limits.js';
import type { MadeRule } from './rules.js';
import type { Signal } from './signal.js';
import { ours } from './titles.js';

interface DatabaseWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface NumberFound {
  readonly group: string;
  readonly value: number;
}

export async function askDatabase(room: DatabaseRoom, made: MadeRule, nowMs: number): Promise<Signal[]> {
  const { project, id, rule } = made;
  const window = { fromMs: nowMs - rule.window_s * 1000, toMs: nowMs };
  const answer = await answerOf(room, { principal: keeperOf(project, 'alert'), rule, window });
  const { lag_ms: lagMs } = answer.proof;
  if (lagMs !== null && lagMs > FRESH_MS_MAX)
    throw new EvaluationError('replica_behind', rule.database, String(Math.round(lagMs / 1000)));
  const sign = rule.kind === 'absence' ? '<' : '≥';
  return numbersOf(rule, answer)
    .filter(({ value }) => fires(rule, value))
    .map(({ group, value }) => ({
      ...{ project, rule: id, kind: rule.kind, group, severity: rule.severity },
      ...ours({
        code: 'number',
        values: [String(value), sign, String(rule.value), rule.database],
        about: group,
      }),
      ...{ q: rule.q, database: rule.database, time: new Date(nowMs).toISOString() },
      // A number of orders or of won is no number of times.
      ...{ count: 1, isLevel: true },
    }));
}

export function fires({ kind, value: limit }: AlertRule, value: number): boolean {
  return kind === 'absence' ? value < limit : value >= limit;
}

interface Asking {
  readonly principal: Principal;
  readonly rule: AlertRule;
  readonly window: DatabaseWindow;
}

export async function answerOf(
  room: DatabaseRoom,
  { principal, rule, window }: Asking,
): Promise<DatabaseAnswer> {
  const signal = AbortSignal.timeout(EVALUATE_TIME_MS_MAX);
  const params = {
    from: new Date(window.fromMs).toISOString(),
    to: new Date(window.toMs).toISOString(),
  };
  try {
    return await room.ask(principal, rule.database, { query: rule.q, params, rows: GROUPS_MAX, signal });
  } catch (error) {
    throw signal.aborted ? statementLate(rule.database, EVALUATE_TIME_MS_MAX / 1000) : error;
  }
}

/** The column `value`, else the last one that is not `by`. Throws where there is no number to compare. */
export function numbersOf(rule: AlertRule, { columns, rows }: DatabaseAnswer): NumberFound[] {
  const names = columns.map(({ name }) => name);
  const by = rule.by === '' ? -1 : names.indexOf(rule.by);
  if (rule.by !== '' && by === -1) throw new EvaluationError('column_missing', rule.by);
  const named = names.indexOf('value');
  const at = named === -1 || named === by ? names.findLastIndex((_, index) => index !== by) : named;
  if (at === -1) throw new EvaluationError('number_missing');
  // With `by` no row is nothing to tell; without it the one number is missing.
  if (by === -1 && rows.length !== 1)
    throw new EvaluationError(rows.length === 0 ? 'no_row' : 'several_rows');
  return rows.map((row) => ({
    group: by === -1 ? '' : String(row[by] ?? ''),
    value: mustNumber(row[at], names[at] ?? ''),
  }));
}

function mustNumber(cell: unknown, name: string): number {
  const value = cell === null || cell === undefined || cell === '' ? Number.NaN : Number(cell);
  if (Number.isFinite(value)) return value;
  throw new EvaluationError(cell === null || cell === undefined ? 'column_null' : 'column_no_number', name);
}
