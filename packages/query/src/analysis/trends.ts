/** Trends: days of endpoints, from the hours that the store keeps beyond its records. */
import { ParameterList } from '../sql/parameters.js';
import type { Statement } from '../sql/scope.js';
import { ENDPOINT_ROUTE, IS_ENDPOINT, METHOD, SERVICE } from './endpoints.js';
import { FAILED } from './slices.js';

/** What an hour of an endpoint is computed from: the same as `/api/endpoints` shows. */
export const ENDPOINT_COLUMNS = {
  where: IS_ENDPOINT,
  service: SERVICE,
  method: METHOD,
  route: ENDPOINT_ROUTE,
  failed: FAILED,
} as const;

export interface TrendsOptions {
  readonly project: string;
  /** The table of hours. */
  readonly table: string;
  /** `2026-11-21` */
  readonly fromDay: string;
  readonly service?: string | undefined;
  readonly route?: string | undefined;
  readonly method?: string | undefined;
  /** Endpoints, those with the most requests. */
  readonly endpoints: number;
  readonly rows: number;
}

/** Rows: service, method, route, day, requests, errors, [buckets, counts]. */
export function compileTrends(options: TrendsOptions): Statement {
  const parameters = new ParameterList();
  const where = [
    `project = ${parameters.add('String', options.project)}`,
    `hour >= toDateTime(${parameters.add('String', `${options.fromDay} 00:00:00`)}, 'UTC')`,
  ];
  for (const name of ['service', 'route', 'method'] as const) {
    const value = options[name];
    if (value !== undefined) where.push(`${name} = ${parameters.add('String', value)}`);
  }
  const condition = where.join(' AND ');
  const busiest =
    `SELECT service, method, route FROM ${options.table} FINAL WHERE ${condition} ` +
    `GROUP BY service, method, route ORDER BY sum(requests) DESC LIMIT ${options.endpoints}`;
  const sql =
    `SELECT toString(service), toString(method), toString(route), toString(toDate(hour)) AS day, sum(requests), ` +
    `sum(errors), sumMap(buckets, counts) FROM ${options.table} FINAL ` +
    `WHERE ${condition} AND (service, method, route) IN (${busiest}) ` +
    `GROUP BY service, method, route, day ORDER BY service, method, route, day LIMIT ${options.rows}`;
  return { sql, params: parameters.values(), columns: [] };
}

/** One row: the newest hour that is computed, as text; 1970 when there is none. */
export function compileRolledUpTo(table: string): Statement {
  return {
    sql: `SELECT toString(max(hour)) FROM ${table} WHERE project = ''`,
    params: {},
    columns: ['hour'],
  };
}
