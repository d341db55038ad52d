/**
 * Hours of endpoints: what trends over weeks and months are read from, long after the records have expired.
 *
 * An hour is computed as a whole from `records` and replaces what was there for it; nothing is ever added up. So a retried
 * insert, a late record and a run that was cut off need no care of their own: as long as an hour has more records than
 * when it was computed, it is computed again. Fewer means that they expired, and then the hour stays as it is.
 */
import type { Client } from './client.js';
import { timeLiteral } from './insert-sql.js';
import { HOUR_MS, ROLLUP_BUCKETS_PER_DOUBLING, ROLLUP_KEEP_DAYS, ROLLUP_TIMEOUT_MS } from './limits.js';
import { ENDPOINT_HOURS, quoteName, quoteText } from './names.js';
import { onCluster, type SchemaOptions } from './schema.js';

export interface RollUpOptions {
  /** Hours that ended before it are computed. */
  readonly nowMs: number;
  /** How far back it looks. */
  readonly days: number;
  /** Hours of one run, the newest first. */
  readonly hoursMax: number;
  readonly isStopping: () => boolean;
}

/** Column expressions of an endpoint, as analyses have them; they read `records`. */
export interface EndpointColumns {
  readonly where: string;
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly failed: string;
}

export function createEndpointHours(schema: SchemaOptions): string {
  const { database, cluster } = schema;
  const path = quoteText(`/clickhouse/tables/all/${database}/${ENDPOINT_HOURS}`);
  const engine =
    cluster === undefined
      ? 'ReplacingMergeTree(computed)'
      : `ReplicatedReplacingMergeTree(${path}, '{shard}-{replica}', computed)`;
  return `CREATE TABLE IF NOT EXISTS ${tableOf(schema)}${onCluster(schema)} (
  project LowCardinality(String),
  hour DateTime('UTC'),
  service LowCardinality(String),
  method LowCardinality(String),
  route LowCardinality(String),
  version LowCardinality(String),
  requests UInt64,
  errors UInt64,
  time_ms Float64,
  buckets Array(Int16),
  counts Array(UInt64),
  computed UInt64
) ENGINE = ${engine}
PARTITION BY toYYYYMM(hour)
ORDER BY (project, hour, service, method, route, version)
TTL hour + INTERVAL ${ROLLUP_KEEP_DAYS} DAY`;
}

export function tableOf({ database }: SchemaOptions): string {
  return `${quoteName(database)}.${quoteName(ENDPOINT_HOURS)}`;
}

export interface RollUpDeps {
  readonly client: Client;
  readonly schema: SchemaOptions;
  /** `` `sillok`.`records` `` */
  readonly records: string;
}

/** Computes the hours that need it; answers how many it did. */
export async function rollUp(
  deps: RollUpDeps,
  columns: EndpointColumns,
  options: RollUpOptions,
): Promise<number> {
  const due = await dueHours(deps, columns, options);
  let done = 0;
  for (const { hour, records } of due.slice(0, options.hoursMax)) {
    if (options.isStopping()) break;
    await compute(deps, columns, { hour, records, nowMs: options.nowMs });
    done += 1;
  }
  return done;
}

interface Due {
  /** Seconds since 1970. */
  readonly hour: number;
  /** Records it had when it was looked at. What comes later makes it due again. */
  readonly records: number;
}

async function dueHours(deps: RollUpDeps, columns: EndpointColumns, options: RollUpOptions): Promise<Due[]> {
  const { nowMs, days } = options;
  const end = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const from = literal(end - days * 24 * HOUR_MS);
  const there = await rows(
    deps.client,
    `SELECT toUnixTimestamp(toStartOfHour(time)) AS hour, count() FROM ${deps.records} ` +
      `WHERE time >= ${from} AND time < ${literal(end)} AND ${columns.where} GROUP BY hour`,
  );
  // An hour's own line has no project: it says how many records the hour was computed from.
  const computed = await rows(
    deps.client,
    `SELECT toUnixTimestamp(hour) AS at, argMax(requests, computed) FROM ${tableOf(deps.schema)} ` +
      `WHERE project = '' GROUP BY at`,
  );
  const known = new Map(computed.map(([hour = 0, records = 0]) => [hour, records]));
  return there
    .map(([hour = 0, records = 0]) => ({ hour, records }))
    .filter(({ hour, records }) => records > (known.get(hour) ?? 0))
    .toSorted((left, right) => right.hour - left.hour);
}

interface Hour extends Due {
  readonly nowMs: number;
}

async function compute(
  deps: RollUpDeps,
  columns: EndpointColumns,
  { hour, records, nowMs }: Hour,
): Promise<void> {
  const { where, service, method, route, failed } = columns;
  const [from, to] = [literal(hour * 1000), literal(hour * 1000 + HOUR_MS)];
  const at = `toDateTime(${hour}, 'UTC')`;
  const bucket = `toInt16(floor(log2(greatest(ifNull(duration_ms, 0), 0.001)) * ${ROLLUP_BUCKETS_PER_DOUBLING}))`;
  const histogram = `sumMapIf([${bucket}], [toUInt64(1)], isNotNull(duration_ms)) AS spread`;
  const grouped =
    `SELECT toString(project) AS p, ${service} AS s, ${method} AS m, ${route} AS r, toString(\`service.version\`) AS v, ` +
    `count() AS n, countIf(${failed}) AS e, sum(ifNull(duration_ms, 0)) AS t, ${histogram} FROM ${deps.records} ` +
    `WHERE time >= ${from} AND time < ${to} AND ${where} GROUP BY p, s, m, r, v`;
  const sql =
    `INSERT INTO ${tableOf(deps.schema)} SELECT p, ${at}, s, m, r, v, n, e, t, spread.1, spread.2, ${nowMs} FROM (${grouped}) ` +
    `UNION ALL SELECT '', ${at}, '', '', '', '', ${records}, 0, 0, [], [], ${nowMs}`;
  await deps.client.text({ sql, pool: 'system', timeoutMs: ROLLUP_TIMEOUT_MS });
}

function literal(ms: number): string {
  return timeLiteral(new Date(Math.max(0, ms)).toISOString().replace('Z', '000000Z'));
}

async function rows(client: Client, sql: string): Promise<number[][]> {
  const text = await client.text({
    sql: `${sql} FORMAT JSONCompactEachRow`,
    pool: 'system',
    settings: { output_format_json_quote_64bit_integers: '0' },
    timeoutMs: ROLLUP_TIMEOUT_MS,
  });
  // All columns that are asked for here are numbers.
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as number[]]));
}
