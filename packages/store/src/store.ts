/**
 * The store: the only thing in Sillok that speaks ClickHouse, embedded, alone or as a cluster.
 *
 * Nothing in here is the truth: the tables are derived from the queue's segments and can be rebuilt from them.
 */
import type { Chunk, InsertOutcome } from './chunk.js';
import { createStoreClient, type Endpoint } from './client.js';
import { insertChunk, type InsertDeps } from './insert.js';
import { killStatement } from './kill.js';
import { DDL_TIMEOUT_MS, PING_TIMEOUT_MS } from './limits.js';
import { DEFAULT_DATABASE, quoteName, RECORDS } from './names.js';
import { ddl } from './schema.js';
import { select, type SelectQuery, type SelectResult } from './select.js';

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
  ping(): Promise<boolean>;
  ddl(): string[];
  migrate(): Promise<void>;
  insertChunk(chunk: Chunk): Promise<InsertOutcome>;
  select(query: SelectQuery): Promise<SelectResult>;
  /** True when no statement of that id runs any more. */
  kill(queryId: string): Promise<boolean>;
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
  const command = async (sql: string): Promise<void> => {
    await client.text({ sql, pool: 'system', timeoutMs: DDL_TIMEOUT_MS });
  };
  return {
    table,
    ping: () => client.ping(PING_TIMEOUT_MS),
    ddl: () => ddl(schema),
    async migrate() {
      for (const statement of ddl(schema)) await command(statement);
    },
    insertChunk: (chunk) => insertChunk(inserting, chunk),
    select: (query) => select(client, query),
    kill: (queryId) => killStatement(client, queryId),
    moveTo: (endpoint) => client.moveTo(endpoint),
    close: () => client.close(),
  };
}

