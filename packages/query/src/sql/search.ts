/**
 * One page of records, and the neighbours of one record. Order is (`time`, `producer`, `boot`, `seq`), which is the
 * sort key of the table, so the engine reads only as far as the page needs; descending is the exact reverse. A
 * cursor is the key of the last record shown: the bound on `time` stands apart, where the primary key is used.
 */
import { timeToNs, type FlatRecord } from '@sillok/record';
import { PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX, CONTEXT_RECORDS_MAX } from '../limits.js';
import type { Row } from '../row-values.js';
import type { Query } from '../plan.js';
import { compareBytes } from '../values.js';
import { SEARCH_COLUMNS, SEARCH_SELECT } from './columns.js';
import { timeParameter } from './condition.js';
import type { ParameterList } from './parameters.js';
import { openScope, whereSql, type Scope, type Statement } from './scope.js';

export type Order = 'asc' | 'desc';

/** Place of a record in the order of all records of a project. */
export interface RecordKey {
  readonly time: string;
  readonly producer: string;
  readonly boot: string;
  readonly seq: number;
}

export interface SearchOptions extends Scope {
  readonly limit?: number;
  readonly order?: Order;
  /** The page begins after this record, in the given order. */
  readonly cursor?: RecordKey;
}

export function compileSearch(query: Query, options: SearchOptions): Statement {
  const order = options.order ?? sortOrder(query) ?? 'desc';
  const scope = openScope(query, options);
  if (options.cursor) scope.conditions.push(...afterKey(options.cursor, order, scope.parameters));
  const limit = Math.min(options.limit ?? stageLimit(query) ?? PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX);
  const sql = `SELECT ${SEARCH_SELECT} FROM ${scope.table} ${whereSql(scope)} ${orderBy(order)} LIMIT ${integer(limit)}`;
  return { sql, params: scope.parameters.values(), columns: SEARCH_COLUMNS };
}

/** The order that `| sort time` asks for. */
function sortOrder(query: Query): Order | undefined {
  const sort = query.stages.findLast((stage) => stage.type === 'sort');
  const key = sort?.type === 'sort' ? sort.keys[0] : undefined;
  if (!key) return undefined;
  return key.descending ? 'desc' : 'asc';
}

function stageLimit(query: Query): number | undefined {
  const limits = query.stages.flatMap((stage) => (stage.type === 'limit' ? [stage.rows] : []));
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function integer(value: number): number {
  return Math.max(0, Math.trunc(value));
}

export function orderBy(order: Order): string {
  const direction = order === 'asc' ? 'ASC' : 'DESC';
  return `ORDER BY time ${direction}, producer ${direction}, boot ${direction}, seq ${direction}`;
}

/** Conditions for records behind a key, without tuples: on a tuple the primary key would not be used. */
export function afterKey(key: RecordKey, order: Order, parameters: ParameterList): string[] {
  const sign = order === 'asc' ? '>' : '<';
  const time = timeParameter(timeToNs(key.time), parameters);
  const producer = parameters.add('String', key.producer);
  const boot = parameters.add('String', key.boot);
  const seq = parameters.add('UInt64', String(key.seq));
  const sameBoot = `(boot ${sign} ${boot} OR (boot = ${boot} AND seq ${sign} ${seq}))`;
  const sameTime = `(producer ${sign} ${producer} OR (producer = ${producer} AND ${sameBoot}))`;
  return [`time ${sign}= ${time}`, `(time ${sign} ${time} OR ${sameTime})`];
}

export interface ContextOptions extends Scope {
  readonly key: RecordKey;
  readonly direction: 'before' | 'after';
  readonly limit: number;
}

/** Records directly before a record (nearest first) or after it. Without a query: of the whole project. */
export function compileContext(query: Query | undefined, options: ContextOptions): Statement {
  const order: Order = options.direction === 'after' ? 'asc' : 'desc';
  const scope = openScope(query, options);
  scope.conditions.push(...afterKey(options.key, order, scope.parameters));
  const limit = integer(Math.min(options.limit, CONTEXT_RECORDS_MAX));
  const sql = `SELECT ${SEARCH_SELECT} FROM ${scope.table} ${whereSql(scope)} ${orderBy(order)} LIMIT ${limit}`;
  return { sql, params: scope.parameters.values(), columns: SEARCH_COLUMNS };
}

/** The key of a decoded row. */
export function keyOf(row: Row): RecordKey {
  const { record, context } = row;
  return { time: record.time, producer: context.producer, boot: context.boot, seq: record.seq };
}

/** Order of records as the engine has it: by bytes, ascending. */
export function compareKeys(left: RecordKey, right: RecordKey): number {
  return (
    compareBytes(left.time, right.time) ||
    compareBytes(left.producer, right.producer) ||
    compareBytes(left.boot, right.boot) ||
    left.seq - right.seq
  );
}

/** Key of a record that is not stored yet. */
export function keyOfRecord(record: FlatRecord, context: { producer: string; boot: string }): RecordKey {
  return { time: record.time, producer: context.producer, boot: context.boot, seq: record.seq };
}
