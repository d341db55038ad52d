/**
 * Endpoints: what services answer, from access records and server spans. A route that no framework named is the path with
 * its numbers and ids put out.
 */
import type { Field } from '../plan.js';
import type { Statement } from '../sql/scope.js';
import { numberValueSql } from '../sql/value-sql.js';
import { FAILED, openDraft, TIME_NS, whereSlice, type Analysis, type Draft, type Slice } from './slices.js';

export const SERVICE = 'toString(`service.name`)';
export const METHOD = 'toString(`http.request.method`)';
const IDS_IN_PATH = String.raw`/(?:[0-9a-fA-F-]{8,}|[^/]*[0-9][^/]*)`;
export const ROUTE =
  `if(\`http.route\` != '', toString(\`http.route\`), ` +
  `replaceRegexpAll(replaceRegexpOne(\`url.path\`, '[?].*$', ''), '${IDS_IN_PATH}', '/:id'))`;

/** A service's own access record; those of edges name no route and say what they are. */
export const IS_ACCESS = `(kind = 'access' AND NOT has(mapKeys(attributes), 'edge.kind'))`;
const IS_SERVER_SPAN = `(kind = 'span' AND attributes['span.kind'] = 'server')`;
const IS_CONSUMER_SPAN = `(kind = 'span' AND attributes['span.kind'] = 'consumer')`;
export const IS_ENDPOINT = `(${IS_ACCESS} OR ${IS_SERVER_SPAN} OR ${IS_CONSUMER_SPAN})`;
/** The queue that a consumer took it from stands for the route. */
const QUEUE = `attributes['messaging.destination.name']`;
const FROM_QUEUE = `kind = 'span' AND \`http.route\` = '' AND ${QUEUE} != ''`;
export const ENDPOINT_ROUTE = `if(${FROM_QUEUE}, ${QUEUE}, ${ROUTE})`;

/** requests, errors, p50, p95, p99, sum of durations. */
export const NUMBERS =
  `count() AS requests, countIf(${FAILED}) AS errors, ` +
  'quantilesIf(0.5, 0.95, 0.99)(ifNull(duration_ms, 0), isNotNull(duration_ms)) AS quantiles, ' +
  'sum(ifNull(duration_ms, 0)) AS time_ms';

export interface EndpointsOptions extends Analysis {
  readonly slice: Slice;
  readonly service?: string | undefined;
  readonly rows: number;
}

/** Rows: service, method, route, is span, requests, errors, quantiles, time, versions, last seen. */
export function compileEndpoints(options: EndpointsOptions): Statement {
  const draft = openDraft(options);
  const own = [IS_ENDPOINT, ...serviceSql(options.service, draft)];
  const sql =
    `SELECT ${SERVICE} AS service, ${METHOD} AS method, ${ENDPOINT_ROUTE} AS route, kind = 'span' AS is_span, ${NUMBERS}, ` +
    'groupUniqArray(20)(toString(`service.version`)), toString(max(time)) ' +
    `FROM ${draft.table} ${whereSlice(options.slice, draft, own)} ` +
    `GROUP BY service, method, route, is_span ORDER BY requests DESC LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

function serviceSql(service: string | undefined, { parameters }: Draft): string[] {
  return service === undefined ? [] : [`\`service.name\` = ${parameters.add('String', service)}`];
}

export interface EndpointName {
  readonly service: string;
  readonly method?: string | undefined;
  readonly route: string;
}

export interface EndpointOptions extends Analysis {
  readonly slice: Slice;
  readonly endpoint: EndpointName;
  readonly stepNs: bigint;
  readonly by: 'step' | 'version';
  readonly rows: number;
}

/** Rows: step or version, first time, then the numbers. */
export function compileEndpoint(options: EndpointOptions): Statement {
  const draft = openDraft(options);
  const key = options.by === 'step' ? `intDiv(${TIME_NS}, ${options.stepNs})` : 'toString(`service.version`)';
  const where = whereSlice(options.slice, draft, endpointSql(options.endpoint, draft));
  const sql =
    `SELECT ${key} AS key, toString(min(time)) AS first, ${NUMBERS} FROM ${draft.table} ${where} ` +
    `GROUP BY key ORDER BY first LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

export function endpointSql({ service, method, route }: EndpointName, { parameters }: Draft): string[] {
  const name = parameters.add('String', route);
  return [
    `\`service.name\` = ${parameters.add('String', service)}`,
    ...(method === undefined ? [] : [`\`http.request.method\` = ${parameters.add('String', method)}`]),
    // The column first: it has an index.
    `(\`http.route\` = ${name} OR (\`http.route\` = '' AND ${ENDPOINT_ROUTE} = ${name}))`,
    IS_ENDPOINT,
  ];
}

export interface HeatmapOptions extends Analysis {
  readonly slice: Slice;
  readonly endpoint?: EndpointName | undefined;
  readonly field: Field;
  readonly stepNs: bigint;
  readonly bounds: readonly number[];
  readonly rows: number;
}

/** Rows: step, row (from 0; the last is above all bounds), count, failed. */
export function compileHeatmap(options: HeatmapOptions): Statement {
  const draft = openDraft(options);
  const own = options.endpoint === undefined ? [] : endpointSql(options.endpoint, draft);
  const value = numberValueSql(options.field.source, draft.parameters);
  const where = whereSlice(options.slice, draft, own);
  const bounds = `[${options.bounds.map(Number).join(', ')}]`;
  const row = `arrayCount(b -> v > b, ${bounds})`;
  const sql =
    `SELECT intDiv(ns, ${options.stepNs}) AS step, ${row} AS row, count(), countIf(failed) FROM ` +
    `(SELECT ${TIME_NS} AS ns, ${value} AS v, ${FAILED} AS failed FROM ${draft.table} ${where}) ` +
    `WHERE isNotNull(v) GROUP BY step, row ORDER BY step, row LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}
