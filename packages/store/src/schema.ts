/**
 * The tables, as DDL: one code for the embedded engine, a server of your own and a cluster.
 *
 * Partitioned by (class, day), so that retention drops whole partitions; ordered by time first, because every page of
 * the console is a stretch of time (FACTS: 30 to 50 times faster than a key that begins with the service).
 */
import { SEARCH_INDEXES, type SearchIndex } from '@sillok/query';
import { COLUMNS, type Column } from './columns.js';
import { quoteName, quoteText, RECORDS, RECORDS_LOCAL } from './names.js';

export interface SchemaOptions {
  readonly database: string;
  readonly cluster?: string | undefined;
}

/** The table that holds rows on each node. */
export function storageTable(options: SchemaOptions): string {
  return options.cluster === undefined ? RECORDS : RECORDS_LOCAL;
}

/** Everything that must exist; each statement may be repeated. */
export function ddl(options: SchemaOptions): string[] {
  const database = quoteName(options.database);
  const create = [`CREATE DATABASE IF NOT EXISTS ${database}${onCluster(options)}`];
  create.push(createStorage(options, storageTable(options)));
  if (options.cluster !== undefined) create.push(createDistributed(options, storageTable(options), RECORDS));
  return create;
}

export function createStorage(options: SchemaOptions, table: string): string {
  const parts = [...COLUMNS.map(columnSql), ...INDEXES.map(indexSql)].map((part) => `  ${part}`);
  return `CREATE TABLE IF NOT EXISTS ${quoteName(options.database)}.${quoteName(table)}${onCluster(options)} (
${parts.join(',\n')}
) ENGINE = ${storageEngine(options)}
PARTITION BY (class, toYYYYMMDD(time))
ORDER BY (time, producer, boot, seq)
SETTINGS ${Object.entries(TABLE_SETTINGS)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ')}`;
}

/** Searches prune with the first ones; the last finds the rows of a batch. */
export const INDEXES: readonly SearchIndex[] = [
  ...SEARCH_INDEXES,
  { name: 'index_batch', expression: 'batch', type: 'minmax' },
];

export function columnSql({ name, type, codec }: Column): string {
  return `${quoteName(name)} ${type} CODEC(${codec})`;
}

export function indexSql({ name, expression, type }: SearchIndex): string {
  return `INDEX ${name} ${expression} TYPE ${type} GRANULARITY 1`;
}

/** Measured in bench/store-schema.mjs. */
const TABLE_SETTINGS: Readonly<Record<string, string>> = {
  /** Small granules: a page of 100 rows or one trace reads a few of them. */
  index_granularity: '2048',
  /** Small compressed blocks: a look-up decompresses 16 to 64 KiB per column; and an insert has smaller buffers. */
  min_compress_block_size: '16384',
  max_compress_block_size: '65536',
  /** Fewer, larger merges: 544 thousand rows merged for a million inserted, where 5 merged 889. One costs 0.6 inserts. */
  merge_selector_base: '10',
  /** Merged parts are kept a minute, not eight: long enough for the kernel to have written what replaced them. */
  old_parts_lifetime: '60',
};

function storageEngine({ cluster }: SchemaOptions): string {
  if (cluster === undefined) return 'MergeTree';
  // By the table's own id, which is the same on all nodes: by name, the second rebuild would meet the replica of the first.
  return `ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')`;
}

/** `name` over the `storage` of all shards. Records of one boot live on one shard: there their order and gaps are seen whole. */
export function createDistributed(options: SchemaOptions, storage: string, name: string): string {
  const database = quoteName(options.database);
  const engine = [
    quoteText(options.cluster ?? ''),
    quoteText(options.database),
    quoteText(storage),
    'cityHash64(producer, boot)',
  ];
  const table = `${database}.${quoteName(name)}${onCluster(options)}`;
  return `CREATE TABLE IF NOT EXISTS ${table} AS ${database}.${quoteName(storage)}
ENGINE = Distributed(${engine.join(', ')})`;
}

export function onCluster({ cluster }: SchemaOptions): string {
  return cluster === undefined ? '' : ` ON CLUSTER ${quoteText(cluster)}`;
}
