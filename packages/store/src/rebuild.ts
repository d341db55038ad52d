/**
 * Rebuilds the table from the queue's segments: a fresh table is filled beside the old one, which goes on answering,
 * and then takes its place in one step.
 */
import type { Chunk, InsertOutcome } from './chunk.js';
import type { Client } from './client.js';
import { insertChunk, type InsertDeps } from './insert.js';
import { DDL_TIMEOUT_MS } from './limits.js';
import { quoteName, RECORDS_FRESH, RECORDS_FRESH_ALL } from './names.js';
import { createDistributed, createStorage, onCluster, storageTable, type SchemaOptions } from './schema.js';

export interface Rebuild {
  insertChunk(chunk: Chunk): Promise<InsertOutcome>;
  /** Rows in the fresh table. */
  rows(): Promise<number>;
  /** The fresh table takes the place of the old one, which is dropped. */
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

export interface RebuildDeps {
  readonly client: Client;
  readonly schema: SchemaOptions;
  readonly inserting: InsertDeps;
}

/** Starts from an empty fresh table: what an earlier, interrupted rebuild left is dropped. */
export async function beginRebuild({ client, schema, inserting }: RebuildDeps): Promise<Rebuild> {
  const database = quoteName(schema.database);
  const fresh = `${database}.${quoteName(RECORDS_FRESH)}`;
  const current = `${database}.${quoteName(storageTable(schema))}`;
  const command = async (sql: string): Promise<void> => {
    await client.text({ sql, pool: 'system', timeoutMs: DDL_TIMEOUT_MS });
  };
  // In a cluster rows go to the shards as they always do, and not all to the node that is asked.
  const table = schema.cluster === undefined ? fresh : `${database}.${quoteName(RECORDS_FRESH_ALL)}`;
  const dropFresh = async (): Promise<void> => {
    if (table !== fresh) await command(`DROP TABLE IF EXISTS ${table}${onCluster(schema)} SYNC`);
    await command(`DROP TABLE IF EXISTS ${fresh}${onCluster(schema)} SYNC`);
  };
  await dropFresh();
  await command(createStorage(schema, RECORDS_FRESH));
  if (table !== fresh) await command(createDistributed(schema, RECORDS_FRESH, RECORDS_FRESH_ALL));
  return {
    insertChunk: (chunk) => insertChunk({ ...inserting, table }, chunk),
    rows: async () =>
      Number(await client.text({ sql: `SELECT count() FROM ${table} FORMAT TabSeparated`, pool: 'system' })),
    async finish() {
      await command(`EXCHANGE TABLES ${fresh} AND ${current}${onCluster(schema)}`);
      await dropFresh();
    },
    abandon: dropFresh,
  };
}
