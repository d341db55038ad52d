/**
 * A slice of the records: a search and a range of time, as one condition beside others. Comparisons have several in one
 * statement, which share their parameters.
 */
import { timeToNs } from '@sillok/record';
import type { Filter, Query } from '../plan.js';
import { filterSql, timeParameter, type SqlContext } from '../sql/condition.js';
import { ParameterList } from '../sql/parameters.js';

export interface Slice {
  readonly query?: Query | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface Analysis {
  readonly project: string;
  readonly table: string;
  readonly nowNs: bigint;
}

/** One statement in the making. */
export interface Draft {
  readonly parameters: ParameterList;
  readonly context: SqlContext;
  readonly table: string;
  /** `project = …`: stands in every WHERE. */
  readonly own: string;
}

export function openDraft({ project, table, nowNs }: Analysis): Draft {
  const parameters = new ParameterList();
  return {
    parameters,
    context: { parameters, nowNs },
    table,
    own: `project = ${parameters.add('String', project)}`,
  };
}

/** The range alone: for WHERE, where the primary key is used. */
export function rangeSql({ from, to }: Slice, { parameters }: Draft): string {
  const parts: string[] = [];
  if (from !== undefined) parts.push(`time >= ${timeParameter(timeToNs(from), parameters)}`);
  if (to !== undefined) parts.push(`time < ${timeParameter(timeToNs(to), parameters)}`);
  return parts.length === 0 ? '1' : parts.join(' AND ');
}

export function searchSql(filter: Filter | undefined, { context }: Draft): string {
  return filter === undefined ? '1' : filterSql(filter, context);
}

/** 1 for records of the slice. */
export function sliceSql(slice: Slice, draft: Draft): string {
  return `(${rangeSql(slice, draft)} AND ${searchSql(slice.query?.filter, draft)})`;
}

/** WHERE of a statement about one slice. */
export function whereSlice(slice: Slice, draft: Draft, more: readonly string[] = []): string {
  const search = searchSql(slice.query?.filter, draft);
  return `WHERE ${[draft.own, rangeSql(slice, draft), search, ...more].join(' AND ')}`;
}

/** The moment of a time, or the time itself when there is none, as nanoseconds since 1970. */
export const TIME_NS = 'toUnixTimestamp64Nano(time)';

/** A record that says that something failed. */
export const FAILED = `level IN ('error', 'fatal')`;

/** Who it happened to: the account, and where nobody was signed in, the session. */
export const PERSON = `if(user_hash != '', user_hash, session_hash)`;

/** A record's name as one value: producer, boot, seq and time. */
export const REFERENCE = 'tuple(toString(producer), toString(boot), seq, toString(time))';
