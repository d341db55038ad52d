/** What every statement has in common: the project, the range of time and the condition of the search. */
import { timeToNs } from '@sillok/record';
import type { Query } from '../plan.js';
import { hasKey, timeParameter, type KeyProbe, type SqlContext } from './condition.js';
import { ParameterList, type Parameters } from './parameters.js';
import { conditionsSql } from './pruning.js';

/** Which records a statement may see. */
export interface Scope {
  readonly project: string;
  /** Canonical times; `from` is included, `to` is not. */
  readonly from?: string;
  readonly to?: string;
  /** The moment that relative times count from; the moment of compiling by default. */
  readonly nowNs?: bigint;
  /** Table; `records` by default. */
  readonly table?: string;
}

export interface Statement {
  readonly sql: string;
  readonly params: Parameters;
  /** Names of the columns of the answer, in order. */
  readonly columns: readonly string[];
}

export interface OpenScope {
  readonly context: SqlContext;
  readonly parameters: ParameterList;
  readonly table: string;
  /** Conditions that are joined by AND. */
  readonly conditions: string[];
  /** Looks at all records of the project and the range, whatever the search is. */
  readonly isAnywhere: KeyProbe;
}

export function openScope(query: Query | undefined, scope: Scope & { readonly cursor?: unknown }): OpenScope {
  const parameters = new ParameterList();
  const context: SqlContext = { parameters, nowNs: scope.nowNs ?? BigInt(Date.now()) * 1_000_000n };
  const conditions = [`project = ${parameters.add('String', scope.project)}`];
  if (scope.from !== undefined) conditions.push(`time >= ${timeParameter(timeToNs(scope.from), parameters)}`);
  if (scope.to !== undefined) conditions.push(`time < ${timeParameter(timeToNs(scope.to), parameters)}`);
  const range = conditions.join(' AND ');
  const table = scope.table ?? 'records';
  const isAnywhere: KeyProbe = (key) =>
    `(SELECT count() > 0 FROM (SELECT 1 FROM ${table} WHERE ${range} AND ${hasKey(key)} LIMIT 1))`;
  // Each condition so far and its AND, and the cursor of a page, which has seven conditions.
  const others = 2 * conditions.length + (scope.cursor === undefined ? 0 : 14);
  if (query) conditions.push(...conditionsSql(query.filter, others, context));
  return { context, parameters, table, conditions, isAnywhere };
}

export function whereSql(scope: OpenScope): string {
  return `WHERE ${scope.conditions.join(' AND ')}`;
}
