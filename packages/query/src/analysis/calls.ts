/**
 * Who calls whom, along paths that are seen within one trace. Spans and access records are gathered per trace as arrays of
 * numbers; parents are found in them by their position, hops that are no endpoint (client spans, edges, sections) are
 * jumped over by doubling, and the ancestors of every endpoint are followed level by level. So A→B in one trace and B→C in
 * another never make A→C, and the cost is one look at each row.
 */
import type { Statement } from '../sql/scope.js';
import { ENDPOINT_ROUTE, endpointSql, METHOD, ROUTE, SERVICE, type EndpointName } from './endpoints.js';
import { FAILED, openDraft, TIME_NS, whereSlice, type Analysis, type Draft, type Slice } from './slices.js';

export interface ImpactOptions extends Analysis {
  readonly slice: Slice;
  readonly endpoint: EndpointName;
  readonly depth: number;
  /** Every n-th trace. */
  readonly every: number;
  /** Larger traces are left out: looking for parents costs the square of their size. */
  readonly traceNodes: number;
  readonly rows: number;
}

const IS_EDGE = `has(mapKeys(attributes), 'edge.kind')`;
const ENDPOINT_ID = (route: string): string => `cityHash64(${SERVICE}, ${METHOD}, ${route})`;
/** A hop without a span id is nobody's parent. */
const SPAN = `if(span_id = '', cityHash64(producer, boot, seq), cityHash64(span_id))`;
const PARENT = `if(parent_span_id = '', toUInt64(0), cityHash64(parent_span_id))`;
const VERSION = 'cityHash64(toString(`service.version`))';
const ROLE = `attributes['span.kind']`;
/** Doublings: 2^6 hops between two endpoints. */
const DOUBLINGS = 6;

/**
 * Rows: is callee, depth, endpoint, via, version, calls, errors, traces, last (ns). A first row of depth 0 counts the
 * endpoint itself; its errors are the requests whose parent has no record.
 */
export function compileImpact(options: ImpactOptions): Statement {
  const draft = openDraft(options);
  const traces = tracesSql(draft, options);
  const levels = Array.from({ length: options.depth }, (_unused, index) => index + 1);
  const ancestors = levels.map((depth) =>
    depth === 1 ? `near AS anc1` : `arrayMap(i -> if(i = 0, 0, near[i]), anc${depth - 1}) AS anc${depth}`,
  );
  const found = levels.flatMap((depth) => [callersSql(depth), calleesSql(depth)]);
  const itself =
    `arrayMap(i -> tuple(0, 0, es[i], es[i], vs[i], i, toUInt8(ps[i] != 0 AND up[i] = 0), ts[i]), ` +
    `arrayFilter(i -> xs[i] AND first[i], arrayEnumerate(ss)))`;
  const all = `arrayDistinct(arrayConcat(${[itself, ...found].join(', ')}))`;
  const inner = `SELECT t, ${all} AS found FROM (${stepwise(traces, [...JUMPS, ...ancestors])})`;
  // Nothing but what was found goes through ARRAY JOIN, which repeats every column for each element.
  const sql =
    'SELECT f.1 AS side, f.2 AS depth, f.3 AS endpoint, f.4 AS via, f.5 AS version, count(), ' +
    'countIf(f.7 = 1), uniqExact(t), max(f.8) ' +
    `FROM (SELECT t, arrayJoin(found) AS f FROM (${inner})) GROUP BY side, depth, endpoint, via, version ` +
    `ORDER BY depth, side, count() DESC LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

/** Positions of parents, then of the nearest ancestor that is an endpoint. */
const JUMPS: readonly string[] = [
  'arrayMap(p -> if(p = 0, 0, indexOf(ss, p)), ps) AS up',
  'arrayMap((s, i) -> indexOf(ss, s) = i, ss, arrayEnumerate(ss)) AS first',
  ...Array.from({ length: DOUBLINGS }, (_unused, index) => {
    const last = index === 0 ? 'up' : `jump${index}`;
    const next = index === DOUBLINGS - 1 ? 'near' : `jump${index + 1}`;
    return `arrayMap(i -> if(i = 0 OR es[i] != 0, i, ${last}[i]), ${last}) AS ${next}`;
  }),
];

/**
 * Each step in a subquery of its own. As aliases of one SELECT they would be put into each other's lambdas and be worked
 * out again for every element: seconds where this takes milliseconds (seen in chdb 26.7).
 */
function stepwise(from: string, steps: readonly string[]): string {
  return steps.reduce((inner, step) => `SELECT *, ${step} FROM (${inner})`, from);
}

/** Of each request of the endpoint, its ancestor of that depth, and the one below it on the way. */
function callersSql(depth: number): string {
  const via = depth === 1 ? 'es[i]' : `es[anc${depth - 1}[i]]`;
  return (
    `arrayMap(i -> tuple(0, ${depth}, es[anc${depth}[i]], ${via}, ` +
    `vs[anc${depth}[i]], anc${depth}[i], fs[anc${depth}[i]], ts[anc${depth}[i]]), ` +
    `arrayFilter(i -> xs[i] AND first[i] AND anc${depth}[i] != 0, arrayEnumerate(ss)))`
  );
}

/** Each endpoint whose ancestor of that depth is one of its requests. */
function calleesSql(depth: number): string {
  return (
    `arrayMap(i -> tuple(1, ${depth}, es[i], es[near[i]], vs[i], i, fs[i], ts[i]), ` +
    `arrayFilter(i -> es[i] != 0 AND first[i] AND anc${depth}[i] != 0 AND xs[anc${depth}[i]], arrayEnumerate(ss)))`
  );
}

/** One row per trace that has the endpoint. */
function tracesSql(draft: Draft, options: ImpactOptions): string {
  const drawn = drawnSql(options.every);
  const isIt = endpointSql(options.endpoint, draft);
  const ids = `SELECT cityHash64(trace_id) FROM ${draft.table} ${whereSlice(options.slice, draft, [...isIt, ...drawn])}`;
  const name = draft.parameters.add('String', options.endpoint.route);
  const service = draft.parameters.add('String', options.endpoint.service);
  const method =
    options.endpoint.method === undefined
      ? ''
      : ` AND \`http.request.method\` = ${draft.parameters.add('String', options.endpoint.method)}`;
  const part = ({ kind, isEndpoint, route }: { kind: string; isEndpoint: string; route: string }): string =>
    `SELECT cityHash64(trace_id) AS t, ${SPAN} AS s, ${PARENT} AS p, ` +
    `if(${isEndpoint}, ${ENDPOINT_ID(route)}, 0) AS e, ${VERSION} AS v, ${TIME_NS} AS ns, ${FAILED} AS f, ` +
    `(e != 0 AND \`service.name\` = ${service} AND ${route} = ${name}${method}) AS x FROM ${draft.table} ` +
    whereSlice(options.slice, draft, [`kind = '${kind}'`, `trace_id != ''`, ...drawn, `t IN (${ids})`]);
  const access = part({ kind: 'access', isEndpoint: `NOT ${IS_EDGE}`, route: ROUTE });
  const spans = part({
    kind: 'span',
    isEndpoint: `${ROLE} IN ('server', 'consumer')`,
    route: ENDPOINT_ROUTE,
  });
  return (
    'SELECT t, groupArray(s) AS ss, groupArray(p) AS ps, groupArray(e) AS es, groupArray(v) AS vs, ' +
    `groupArray(ns) AS ts, groupArray(f) AS fs, groupArray(x) AS xs FROM (${access} UNION ALL ${spans}) ` +
    `GROUP BY t HAVING length(ss) <= ${options.traceNodes}`
  );
}

function drawnSql(every: number): string[] {
  return every <= 1 ? [] : [`cityHash64(trace_id) % ${every} = 0`];
}

/** Rows: endpoint, service, method, route: what the numbers of `compileImpact` mean. */
export function compileEndpointNames(options: Analysis & { slice: Slice; rows: number }): Statement {
  const draft = openDraft(options);
  const part = (kind: string, isEndpoint: string, route: string): string =>
    `SELECT ${SERVICE} AS service, ${METHOD} AS method, ${route} AS route FROM ${draft.table} ` +
    `${whereSlice(options.slice, draft, [`kind = '${kind}'`, isEndpoint])} GROUP BY service, method, route`;
  const all = [
    part('access', `NOT ${IS_EDGE}`, ROUTE),
    part('span', `${ROLE} IN ('server', 'consumer')`, ENDPOINT_ROUTE),
  ];
  const sql =
    `SELECT DISTINCT toString(cityHash64(service, method, route)), service, method, route FROM (${all.join(' UNION ALL ')}) ` +
    `LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

/** Rows: hash, version. */
export function compileVersionNames(options: Analysis & { slice: Slice; rows: number }): Statement {
  const draft = openDraft(options);
  const sql =
    `SELECT DISTINCT toString(${VERSION}), toString(\`service.version\`) FROM ${draft.table} ` +
    `${whereSlice(options.slice, draft)} LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
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
  const inner = `SELECT arrayMap(p -> if(p = 0, 0, indexOf(ss, p)), ps) AS up, arrayConcat(${calls}, ${leaves}) AS found FROM (${traces})`;
  const sql =
    'SELECT f.1 AS from, f.2 AS to, count(), countIf(f.3 = 1), quantiles(0.5, 0.95, 0.99)(f.4), sum(f.4) ' +
    `FROM (${inner}) ARRAY JOIN found AS f GROUP BY from, to ORDER BY count() DESC LIMIT ${options.rows}`;
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
  const sql = `SELECT count() FROM ${draft.table} ${whereSlice(options.slice, draft, [`kind IN ('access', 'span')`])}`;
  return { sql, params: draft.parameters.values(), columns: ['count'] };
}
