/**
 * Brings the tables to the schema of this version: creates what is not there, adds columns and indexes that are new,
 * replaces indexes whose definition has changed, drops those that no search uses any more.
 *
 * Columns are only ever added. An index that is added is built for old parts in the background; until then searches
 * over them are right, only slower.
 */
import type { Client } from './client.js';
import { COLUMNS, type Column } from './columns.js';
import { DDL_TIMEOUT_MS } from './limits.js';
import { quoteName, quoteText, RECORDS } from './names.js';
import { createEndpointHours } from './rollups.js';
import { columnSql, ddl, INDEXES, indexSql, onCluster, storageTable, type SchemaOptions } from './schema.js';

export async function migrate(client: Client, schema: SchemaOptions): Promise<void> {
  const command = async (sql: string): Promise<void> => {
    await client.text({ sql, pool: 'system', timeoutMs: DDL_TIMEOUT_MS });
  };
  for (const statement of [...ddl(schema), createEndpointHours(schema)]) await command(statement);
  for (const statement of await alterations(client, schema)) await command(statement);
}

async function alterations(client: Client, schema: SchemaOptions): Promise<string[]> {
  const columns = await missingColumns(client, schema);
  const indexes = await indexChanges(client, schema);
  const alter = (table: string, action: string): string =>
    `ALTER TABLE ${quoteName(schema.database)}.${quoteName(table)}${onCluster(schema)} ${action}`;
  const storage = storageTable(schema);
  const tables = schema.cluster === undefined ? [storage] : [storage, RECORDS];
  return [
    ...columns.flatMap((column) =>
      tables.map((table) => alter(table, `ADD COLUMN IF NOT EXISTS ${columnSql(column)}`)),
    ),
    ...indexes.drop.map((name) => alter(storage, `DROP INDEX IF EXISTS ${name}`)),
    ...indexes.add.flatMap((index) => [
      alter(storage, `ADD ${indexSql(index)}`),
      // In the background: `mutations_sync` is 0.
      alter(storage, `MATERIALIZE INDEX ${index.name}`),
    ]),
  ];
}

async function missingColumns(client: Client, schema: SchemaOptions): Promise<readonly Column[]> {
  const rows = await query(client, `SELECT name FROM system.columns WHERE ${ours(schema)}`);
  const present = new Set(rows.map(([name]) => name));
  return COLUMNS.filter(({ name }) => !present.has(name));
}

interface IndexChanges {
  readonly drop: readonly string[];
  readonly add: readonly (typeof INDEXES)[number][];
}

async function indexChanges(client: Client, schema: SchemaOptions): Promise<IndexChanges> {
  const from = `system.data_skipping_indices WHERE ${ours(schema)}`;
  const rows = await query(client, `SELECT name, expr, type_full FROM ${from}`);
  const expressions = await normalise(
    client,
    INDEXES.map(({ expression }) => expression),
  );
  const wanted = new Map(
    INDEXES.map((index, at) => [index.name, definition(expressions[at] ?? '', index.type)]),
  );
  const present = new Map(
    rows.map(([name = '', expression = '', type = '']) => [name, definition(expression, type)]),
  );
  return {
    drop: [...present].flatMap(([name, text]) => (wanted.get(name) === text ? [] : [name])),
    add: INDEXES.filter(({ name }) => present.get(name) !== wanted.get(name)),
  };
}

function definition(expression: string, type: string): string {
  return `${expression} ${type.replaceAll(' ', '')}`;
}

/** As the engine writes them, which is how its system table shows them. */
async function normalise(client: Client, expressions: readonly string[]): Promise<string[]> {
  const statements = expressions.map((expression) => quoteText(`SELECT ${expression}`)).join(', ');
  const list = `arrayMap(text -> formatQuerySingleLine(text), [${statements}])`;
  const rows = await query(client, `SELECT arrayJoin(${list})`);
  return rows.map(([text = '']) => text.slice('SELECT '.length));
}

function ours(schema: SchemaOptions): string {
  return `database = ${quoteText(schema.database)} AND table = ${quoteText(storageTable(schema))}`;
}

async function query(client: Client, sql: string): Promise<string[][]> {
  const text = await client.text({ sql: `${sql} FORMAT JSONCompactEachRow`, pool: 'system' });
  // All columns that are asked for here are strings.
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as string[]]));
}
