/**
 * Who calls whom, along paths that are seen within one trace. For one endpoint the engine only gathers the hops of the
 * traces that it is in, as lists per name; the paths are followed in JavaScript, where a hundred thousand hops take a tenth of
 * a second. (The same as one statement over arrays took the engine a second to plan and more memory than a query has.)
 */
import type { Statement } from '../sql/scope.js';
import { ENDPOINT_ROUTE, endpointSql, METHOD, SERVICE, type EndpointName } from './endpoints.js';
import { FAILED, openDraft, TIME_NS, whereSlice, type Analysis, type Draft, type Slice } from './slices.js';

export interface ImpactOptions extends Analysis {
  readonly slice: Slice;
  readonly endpoint: EndpointName;
}

const IS_EDGE = `has(mapKeys(attributes), 'edge.kind')`;
/** A hop without a span id is nobody's parent. */
const SPAN = `if(span_id = '', cityHash64(producer, boot, seq), cityHash64(span_id))`;
const PARENT = `if(parent_span_id = '', toUInt64(0), cityHash64(parent_span_id))`;
const ROLE = `attributes['span.kind']`;
/** Fits a number of JavaScript: 53 bits, compared only within one trace. */
const short = (hash: string): string => `toFloat64(bitAnd(${hash}, 9007199254740991))`;
const TRACE_HASH = 'cityHash64(trace_id)';

/** One row: how many requests of the endpoint belong to a trace. Reads no more than names. */
export function compileImpactSize(options: ImpactOptions): Statement {
  const draft = openDraft(options);
  const own = [...endpointSql(options.endpoint, draft), `trace_id != ''`];
  const sql = `SELECT count() FROM ${draft.table} ${whereSlice(options.slice, draft, own)}`;
  return { sql, params: draft.parameters.values(), columns: ['calls'] };
}

/**
 * Rows: service, method, route, version, failed, is an endpoint, is it, and lists: trace, span, parent (0: none), time (ns as
 * text); one element per hop of every n-th trace that has the endpoint. A name is sent once and not with each hop: as rows of
 * their own, 200,000 hops were a quarter of a second of JSON.
 */
export function compileImpactHops(options: ImpactOptions & { every: number; rows: number }): Statement {
  const draft = openDraft(options);
  const ids = tracesOf(draft, options, options.every);
  const name = draft.parameters.add('String', options.endpoint.route);
  const isTaken = `if(kind = 'access', NOT ${IS_EDGE}, ${ROLE} IN ('server', 'consumer'))`;
  const where = whereSlice(options.slice, draft, [`kind IN ('access', 'span')`]).slice('WHERE '.length);
  const hops =
    `SELECT ${short(TRACE_HASH)} AS t, ${short(SPAN)} AS s, ${short(PARENT)} AS p, ${SERVICE} AS service, ` +
    `${METHOD} AS method, ${ENDPOINT_ROUTE} AS route, toString(\`service.version\`) AS version, ` +
    `${TIME_NS} AS ns, ${FAILED} AS failed, ${isTaken} AS is_endpoint, ` +
    `is_endpoint AND route = ${name}${isIt(draft, options)} AS it FROM ${draft.table} ` +
    // The traces first: all other columns are read only where they are.
    `PREWHERE trace_id != '' AND ${TRACE_HASH} IN (${ids}) WHERE ${where} LIMIT ${options.rows}`;
  const names = 'service, method, route, version, failed, is_endpoint, it';
  const sql =
    `SELECT ${names}, groupArray(t), groupArray(s), groupArray(p), groupArray(toString(ns)) ` +
    `FROM (${hops}) GROUP BY ${names}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

function isIt({ parameters }: Draft, { endpoint }: ImpactOptions): string {
  const service = ` AND service = ${parameters.add('String', endpoint.service)}`;
  const { method } = endpoint;
  return method === undefined ? service : `${service} AND method = ${parameters.add('String', method)}`;
}

function tracesOf(draft: Draft, { slice, endpoint }: ImpactOptions, every: number): string {
  const own = [...endpointSql(endpoint, draft), `trace_id != ''`, ...drawnSql(every)];
  return `SELECT ${TRACE_HASH} FROM ${draft.table} ${whereSlice(slice, draft, own)}`;
}

function drawnSql(every: number): string[] {
  return every <= 1 ? [] : [`cityHash64(trace_id) % ${every} = 0`];
}

export interface MapOptions extends Analysis {
  readonly slice: Slice;
  readonly every: number;
  readonly traceNodes: number;
  readonly rows: number;
}

const DATABASE = `attributes['db.system.name']`;
/** What a client span goes to, when nothing that it called has a record. */
const DEPENDENCY =
  `multiIf(${DATABASE} != '', concat('database ', ${DATABASE}, ' ', attributes['db.namespace']), ` +
  `${ROLE} = 'producer', concat('queue ', attributes['messaging.destination.name']), ` +
  `${ROLE} = 'client' AND attributes['server.address'] != '', concat('external ', attributes['server.address']), '')`;

/** Who a record is of, on the map: a service, or an edge by its kind. */
const PLACE = `if(\`service.name\` != '', toString(\`service.name\`), toString(producer))`;

/** Rows: from, to, requests, errors, quantiles, time: calls from service to service, and to what has no record. */
export function compileMapEdges(options: MapOptions): Statement {
  const draft = openDraft(options);
  const own = [`trace_id != ''`, ...drawnSql(options.every)];
  const part = (kind: string, dependency: string): string =>
    `SELECT cityHash64(trace_id) AS t, ${SPAN} AS s, ${PARENT} AS p, ${PLACE} AS n, ${dependency} AS d, ${FAILED} AS f, ` +
    `ifNull(duration_ms, 0) AS ms FROM ${draft.table} ${whereSlice(options.slice, draft, [`kind = '${kind}'`, ...own])}`;
  const traces =
    'SELECT t, groupArray(s) AS ss, groupArray(p) AS ps, groupArray(n) AS ns, groupArray(d) AS ds, groupArray(f) AS fs, ' +
    `groupArray(ms) AS ms FROM (${part('access', `''`)} UNION ALL ${part('span', DEPENDENCY)}) ` +
    `GROUP BY t HAVING length(ss) <= ${options.traceNodes}`;
  const calls =
    `arrayMap(i -> tuple(ns[up[i]], ns[i], fs[i], ms[i]), ` +
    `arrayFilter(i -> up[i] != 0 AND ns[up[i]] != ns[i], arrayEnumerate(ss)))`;
  const isLeaf = `ds[i] != '' AND NOT has(ps, ss[i])`;
  const leaves =
    'arrayMap(i -> tuple(ns[i], ds[i], fs[i], ms[i]), ' + `arrayFilter(i -> ${isLeaf}, arrayEnumerate(ss)))`;
  const up = 'arrayMap(p -> if(p = 0, 0, indexOf(ss, p)), ps) AS up';
  // In a subquery of its own: beside its use it would be worked out again for every element.
  const found = `SELECT arrayConcat(${calls}, ${leaves}) AS found FROM (SELECT *, ${up} FROM (${traces}))`;
  // Nothing but what was found is joined: ARRAY JOIN repeats all columns beside it.
  const sql =
    'SELECT f.1 AS from, f.2 AS to, count(), countIf(f.3 = 1), quantiles(0.5, 0.95, 0.99)(f.4), sum(f.4) ' +
    `FROM (SELECT arrayJoin(found) AS f FROM (${found})) GROUP BY from, to ` +
    `ORDER BY count() DESC, from, to LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

/** Rows: service, type, requests, errors, quantiles, time, versions: what services and edges answered, of all traces. */
export function compileMapServices(options: Omit<MapOptions, 'every' | 'traceNodes'>): Statement {
  const draft = openDraft(options);
  const isBrowser = `JSONExtractString(resource, 'telemetry.sdk.name') = 'sillok-browser'`;
  const isClient = `(kind = 'span' AND ${ROLE} = 'client' AND ${isBrowser})`;
  const type = `multiIf(kind = 'access' AND ${IS_EDGE}, 'edge', ${isClient}, 'client', 'service')`;
  const taken = `(kind = 'access' OR (kind = 'span' AND (${ROLE} IN ('server', 'consumer') OR ${isClient})))`;
  const sql =
    `SELECT ${PLACE} AS service, ${type} AS type, kind = 'span' AS is_span, count() AS requests, countIf(${FAILED}), ` +
    'quantilesIf(0.5, 0.95, 0.99)(ifNull(duration_ms, 0), isNotNull(duration_ms)), sum(ifNull(duration_ms, 0)), ' +
    'groupUniqArray(20)(toString(`service.version`)) ' +
    `FROM ${draft.table} ${whereSlice(options.slice, draft, [`kind IN ('access', 'span')`, taken])} ` +
    `GROUP BY service, type, is_span ORDER BY requests DESC LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

/** One row: how many spans and access records there are. */
export function compileHopCount(options: Analysis & { slice: Slice }): Statement {
  const draft = openDraft(options);
  const where = whereSlice(options.slice, draft, [`kind IN ('access', 'span')`]);
  const sql = `SELECT count() FROM ${draft.table} ${where}`;
  return { sql, params: draft.parameters.values(), columns: ['count'] };
}
