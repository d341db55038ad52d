/**
 * The store: the only thing in Sillok that speaks ClickHouse, embedded, alone or as a cluster.
 *
 * Nothing in here is the truth: the tables are derived from the queue's segments and can be rebuilt from them.
 */
import type { Chunk, InsertOutcome } from './chunk.js';
import { createStoreClient, type Endpoint } from './client.js';
import {
  brokenParts,
  diskUsage,
  dropDay,
  listPartitions,
  type BrokenPart,
  type DiskUsage,
  type Partition,
} from './disk.js';
import { countBatches, insertChunk, type InsertDeps } from './insert.js';
import { killStatement } from './kill.js';
import { PING_TIMEOUT_MS } from './limits.js';
import { DEFAULT_DATABASE, quoteName, RECORDS } from './names.js';
import { migrate } from './migrate.js';
import { findPoison, type Poison } from './poison.js';
import { beginRebuild, type Rebuild } from './rebuild.js';
import { rollUp, tableOf, type EndpointColumns, type RollUpOptions } from './rollups.js';
import { ddl } from './schema.js';
import { select, type SelectQuery, type SelectResult } from './select.js';
import { explainAst, formatQuery } from './statements.js';

export interface StoreOptions extends Endpoint {
  readonly database?: string;
  /** Name of a ClickHouse cluster: Replicated and Distributed tables. */
  readonly cluster?: string;
  /** The engine can read our files by the same path. */
  readonly filesShared: boolean;
}

export interface Store {
  /** `` `sillok`.`records` ``: what to read from in SQL. */
  readonly table: string;
  /** Hours of endpoints: what trends are read from. */
  readonly endpointHours: string;
  /** Computes the hours that have more records than when they were computed; answers how many. */
  rollUp(columns: EndpointColumns, options: RollUpOptions): Promise<number>;
  ping(): Promise<boolean>;
  ddl(): string[];
  migrate(): Promise<void>;
  /** Stores the chunk or throws; after any error the next attempt must say `retry: true`. */
  insertChunk(chunk: Chunk): Promise<InsertOutcome>;
  /** Rows per batch with an id in [from, to]; batches without rows are not listed. */
  countBatches(from: bigint, to: bigint): Promise<Map<bigint, number>>;
  /** Which lines of a chunk that failed with `bad_record` the engine cannot read. */
  findPoison(lines: Uint8Array): Promise<Poison[]>;
  select(query: SelectQuery): Promise<SelectResult>;
  /** True when no statement of that id runs any more. */
  kill(queryId: string): Promise<boolean>;
  /** Exactly one statement, normalised by the engine's parser, or an error. Executes nothing. */
  formatQuery(sql: string): Promise<string>;
  /** The parse tree of what `formatQuery` gave. */
  explainAst(normalised: string): Promise<string>;
  partitions(): Promise<Partition[]>;
  diskUsage(): Promise<DiskUsage>;
  /** Damaged parts that the engine has set aside, silently. */
  brokenParts(): Promise<BrokenPart[]>;
  /** `day` is `2026-11-21`. */
  dropDay(retentionClass: string, day: string): Promise<void>;
  /** A fresh table to fill from the segments; `finish` puts it in place. */
  beginRebuild(): Promise<Rebuild>;
  /** Use another engine from now on: a restarted child has a new port. */
  moveTo(endpoint: Endpoint): void;
  close(): Promise<void>;
}

export function createStore(options: StoreOptions): Store {
  const client = createStoreClient(options);
  const database = options.database ?? DEFAULT_DATABASE;
  const schema = { database, cluster: options.cluster };
  const table = `${quoteName(database)}.${quoteName(RECORDS)}`;
  const inserting: InsertDeps = {
    client,
    table,
    filesShared: options.filesShared,
    cluster: options.cluster !== undefined,
  };
  return {
    table,
    endpointHours: tableOf(schema),
    rollUp: (columns, options) => rollUp({ client, schema, records: table }, columns, options),
    ping: () => client.ping(PING_TIMEOUT_MS),
    ddl: () => ddl(schema),
    migrate: () => migrate(client, schema),
    insertChunk: (chunk) => insertChunk(inserting, chunk),
    countBatches: (from, to) => countBatches(inserting, from, to),
    findPoison: (lines) => findPoison(client, lines),
    select: (query) => select(client, query),
    kill: (queryId) => killStatement(client, queryId),
    formatQuery: (sql) => formatQuery(client, sql),
    explainAst: (normalised) => explainAst(client, normalised),
    partitions: () => listPartitions({ client, schema }),
    diskUsage: () => diskUsage({ client, schema }),
    brokenParts: () => brokenParts({ client, schema }),
    dropDay: (retentionClass, day) => dropDay({ client, schema }, retentionClass, day),
    beginRebuild: () => beginRebuild({ client, schema, inserting }),
    moveTo: (endpoint) => client.moveTo(endpoint),
    close: () => client.close(),
  };
}
