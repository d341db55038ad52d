/**
 * Statements about single traces: which traces an id stands in, and all records of some traces.
 *
 * Spans, access records and clicks make the tree; everything else is put into it. The two are read apart, each with its
 * own limit, so that a talkative log does not push a span out.
 */
import { columnsExpression, ID_COLUMNS } from '../index-expressions.js';
import { SEARCH_COLUMNS, SEARCH_SELECT } from '../sql/columns.js';
import { openScope, whereSql, type OpenScope, type Scope, type Statement } from '../sql/scope.js';
import { orderBy } from '../sql/search.js';
import { storedTexts } from '../values.js';
import { openDraft, whereSlice, type Analysis, type Slice } from './slices.js';

export type TracePart = 'nodes' | 'entries';

export interface TraceRecordsOptions extends Scope {
  readonly traceIds: readonly string[];
  readonly part: TracePart;
  readonly limit: number;
}

/** What a person did or saw begins a trace in the browser: requests are its children. */
const CAUSES = `'browser.click', 'browser.page_view', 'browser.navigation'`;
const NODES = `(kind IN ('span', 'access') OR \`event.name\` IN (${CAUSES}))`;

/** Records of the traces in order of time, as `decodeRow` reads them. */
export function compileTraceRecords(options: TraceRecordsOptions): Statement {
  const scope = openScope(undefined, options);
  const ids = options.traceIds.map((id) => scope.parameters.add('String', id));
  scope.conditions.push(ids.length === 1 ? `trace_id = ${ids[0]}` : `trace_id IN (${ids.join(', ')})`);
  scope.conditions.push(options.part === 'nodes' ? NODES : `NOT ${NODES}`);
  return records(scope, options.limit);
}

export interface EdgeRecordsOptions extends Scope {
  /** Values of request ids that the trace knows. */
  readonly requestIds: readonly string[];
  readonly limit: number;
}

/** Access records of edges that logged no trace id, but a request id that the trace knows as an alias. */
export function compileEdgesByRequestId(options: EdgeRecordsOptions): Statement {
  const scope = openScope(undefined, options);
  const ids = scope.parameters.add('Array(String)', options.requestIds);
  scope.conditions.push(
    `hasAny(mapValues(attributes), ${ids})`,
    `kind = 'access'`,
    `trace_id = ''`,
    `has(mapKeys(attributes), 'edge.kind')`,
  );
  return records(scope, options.limit);
}

function records(scope: OpenScope, limit: number): Statement {
  const order = `${orderBy('asc')} LIMIT ${limit}`;
  const sql = `SELECT ${SEARCH_SELECT} FROM ${scope.table} ${whereSql(scope)} ${order}`;
  return { sql, params: scope.parameters.values(), columns: SEARCH_COLUMNS };
}

export interface FindTracesOptions extends Scope {
  /** The id as it was given, and other ways to write it. */
  readonly ids: readonly string[];
  readonly limit: number;
}

/** Ids of the envelope that can lead to a trace. */
const ID_FIELDS = ['trace_id', 'span_id', 'global_trace_id', 'session_hash', 'user_hash'] as const;

/**
 * Traces in which one of the ids stands as a whole value, newest first: `trace_id`, `last` and `field`, the name of the
 * field it stands in.
 */
export function compileFindTraces(options: FindTracesOptions): Statement {
  const scope = openScope(undefined, options);
  const ids = scope.parameters.add('Array(String)', options.ids);
  const stored = scope.parameters.add('Array(String)', options.ids.flatMap(storedTexts));
  // Both arms have an index, so the engine joins them over OR.
  scope.conditions.push(
    `(hasAny(${columnsExpression(ID_COLUMNS)}, ${ids}) OR hasAny(mapValues(attributes), ${stored}))`,
    `trace_id != ''`,
  );
  const named = ID_FIELDS.map((name) => `has(${ids}, ${name}), '${name}'`).join(', ');
  const attribute = `toString(arrayFirst((k, v) -> has(${stored}, v), mapKeys(attributes), mapValues(attributes)))`;
  const found = `SELECT trace_id, time, multiIf(${named}, ${attribute}) AS field FROM ${scope.table} ${whereSql(scope)}`;
  // A trace id is what most people mean; then what was seen last.
  const sql =
    `SELECT trace_id, max(time) AS last, topK(1)(field)[1] AS field, has(${ids}, trace_id) AS itself ` +
    `FROM (${found}) GROUP BY trace_id ORDER BY itself DESC, last DESC LIMIT ${options.limit}`;
  return { sql, params: scope.parameters.values(), columns: ['trace_id', 'last', 'field', 'itself'] };
}

export interface TraceAliasesOptions extends Scope {
  readonly traceIds: readonly string[];
  /** `sentry` for `trace.alias.sentry`. */
  readonly dialects: readonly string[];
}

/** Rows: trace id, then by dialect the id under which it is known there, as stored; empty when it is not. */
export function compileTraceAliases(options: TraceAliasesOptions): Statement {
  const scope = openScope(undefined, options);
  const ids = scope.parameters.add('Array(String)', options.traceIds);
  scope.conditions.push(`has(${ids}, trace_id)`);
  const named = options.dialects.map((dialect) => {
    const value = `attributes[${scope.parameters.add('String', `trace.alias.${dialect}`)}]`;
    return `anyIf(${value}, ${value} != '')`;
  });
  const sql =
    `SELECT ${['trace_id', ...named].join(', ')} FROM ${scope.table} ${whereSql(scope)} ` +
    `GROUP BY trace_id LIMIT ${options.traceIds.length}`;
  return { sql, params: scope.parameters.values(), columns: [] };
}

/** Traces of which a record is in the slice, newest first: `trace_id`, `last`. */
export function compileTraceIds(options: Analysis & { slice: Slice; rows: number }): Statement {
  const draft = openDraft(options);
  const where = whereSlice(options.slice, draft, [`trace_id != ''`]);
  const sql =
    `SELECT trace_id, max(time) AS last FROM ${draft.table} ${where} ` +
    `GROUP BY trace_id ORDER BY last DESC, trace_id LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: ['trace_id', 'last'] };
}
