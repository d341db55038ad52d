/**
 * A PostgreSQL connection that cannot write. Looked at: the role and what it belongs to, its rights on tables, schemas and the
 * database, and a write that the server must refuse. Statements go by the extended protocol, which takes one at a time, through a
 * cursor, so that no answer is larger than what is shown.
 */
import { Socket } from 'node:net';

import pg from 'pg';
import Cursor from 'pg-cursor';

import type {
  Check,
  ConnectOptions,
  Connection,
  Held,
  Proof,
  RowLimits,
  Rows,
  SchemaTable,
} from './connection.js';
import { ACTING_BY_RIGHT } from './acting.js';
import { RowTaker, tablesOf, within } from './connection.js';
import { CLOSE_TIME_MS_MAX, CONNECT_TIME_MS_MAX, FETCH_ROWS, LOCK_TIME_MS_MAX, NAMED_MAX } from './limits.js';
import type { Bound } from './statement.js';

/** SQLSTATE of a write in a read-only transaction; during recovery it is the same. */
const READ_ONLY = '25006';

export async function connectPostgres({ url, timeoutMs }: ConnectOptions): Promise<Connection> {
  // Ours, so that it can be cut when the other side no longer answers.
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIME_MS_MAX,
    application_name: 'sillok',
    options: optionsOf({
      default_transaction_read_only: 'on',
      statement_timeout: timeoutMs,
      lock_timeout: LOCK_TIME_MS_MAX,
      idle_in_transaction_session_timeout: timeoutMs,
    }),
    types: { getTypeParser: parserOf },
    stream: () => socket,
  });
  // A server that ends our connection says so here too; the statement that runs fails by itself.
  client.on('error', () => undefined);
  await client.connect();
  const one = async (sql: string, values: unknown[] = []): Promise<Row> =>
    (await client.query(sql, values)).rows[0] ?? {};
  const { pid } = await one('SELECT pg_backend_pid() AS pid');
  return {
    pid: Number(pid),
    prove: () => prove(client),
    run: (bound, limits) => run(client, bound, limits),
    schema: (limit) => schema(client, limit),
    cancel: async (other) => void (await one('SELECT pg_cancel_backend($1)', [other])),
    terminate: async (other) => void (await one('SELECT pg_terminate_backend($1)', [other])),
    async isRunning(other) {
      const { state } = await one('SELECT state FROM pg_stat_activity WHERE pid = $1', [other]);
      return state === 'active';
    },
    async held(other): Promise<Held | undefined> {
      const { age } = await one('SELECT age(backend_xmin) AS age FROM pg_stat_activity WHERE pid = $1', [
        other,
      ]);
      return typeof age === 'number' ? { transactions: age } : undefined;
    },
    async close() {
      const late = (): void => void socket.destroy();
      await within(client.end(), { timeMs: CLOSE_TIME_MS_MAX, late }).catch(() => undefined);
    },
    destroy: () => void socket.destroy(),
  };
}

/** Of the session, from its first moment on. */
function optionsOf(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

type Row = Readonly<Record<string, unknown>>;

const NUMBERS: ReadonlySet<number> = new Set([
  pg.types.builtins.INT2,
  pg.types.builtins.INT4,
  pg.types.builtins.FLOAT4,
  pg.types.builtins.FLOAT8,
  pg.types.builtins.OID,
]);

/** Numbers that JavaScript holds become numbers; everything else stays the text that PostgreSQL wrote. */
function parserOf(oid: number): (text: string) => unknown {
  if (NUMBERS.has(oid)) return Number;
  if (oid === pg.types.builtins.BOOL) return (text) => text === 't';
  if (oid === pg.types.builtins.INT8)
    return (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
  return (text) => text;
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(pg.types.builtins).map(([name, oid]) => [oid, name.toLowerCase()]),
);

const PROOF = `
  SELECT current_user AS name, current_setting('server_version') AS version,
    pg_is_in_recovery() AS is_replica,
    CASE WHEN NOT pg_is_in_recovery() THEN NULL
      WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
      ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000 END AS lag_ms,
    rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
    has_database_privilege(current_database(), 'CREATE') AS creates_schemas,
    ARRAY(SELECT r.rolname FROM pg_roles r WHERE r.rolname IN ('pg_write_all_data', 'pg_write_server_files',
        'pg_read_server_files', 'pg_execute_server_program', 'pg_maintain', 'pg_create_subscription',
        'pg_signal_backend', 'pg_checkpoint')
      AND pg_has_role(current_user, r.oid, 'MEMBER')) AS strong
  FROM pg_roles WHERE rolname = current_user`;

const WRITABLE = `
  SELECT n.nspname || '.' || c.relname AS place
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname !~ '^pg_(toast|temp)'
    AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
      OR has_any_column_privilege(c.oid, 'INSERT, UPDATE')
      OR pg_has_role(c.relowner, 'MEMBER'))
  ORDER BY 1`;

const CREATING = `
  SELECT nspname AS place FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND has_schema_privilege(oid, 'CREATE')
  ORDER BY 1`;

/** A reader is given none of them; only a superuser has them from the beginning. */
const ACTING = `
  SELECT DISTINCT p.proname AS place FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE p.proname ~ $1 AND n.nspname !~ '^pg_(toast|temp)' AND has_function_privilege(p.oid, 'EXECUTE')
  ORDER BY 1`;

async function prove(client: pg.Client): Promise<Proof> {
  const { rows } = await client.query<Row>(PROOF);
  const role = rows[0] ?? {};
  const places = async (sql: string, values: readonly string[] = []): Promise<string[]> =>
    (await client.query<Row>(sql, [...values])).rows.map(({ place }) => String(place));
  const writable = await places(WRITABLE);
  const creating = await places(CREATING);
  const acting = await places(ACTING, [`^(?:${ACTING_BY_RIGHT})$`]);
  const rights = ['createrole', 'createdb', 'replication', 'bypassrls'].filter(
    (name) => role[`rol${name}`] === true,
  );
  // Written `{a,b}`: it stays text, as all arrays do here.
  const strong = String(role['strong'] ?? '{}')
    .replace(/[{}]/g, '')
    .split(',')
    .filter(Boolean);
  const created = [...(role['creates_schemas'] === true ? ['the database'] : []), ...creating];
  const refused = await refusedWrite(client);
  const checks: Check[] = [
    check(
      'superuser',
      role['rolsuper'] !== true,
      role['rolsuper'] === true ? 'the role is a superuser' : 'no',
    ),
    check('role_rights', rights.length + strong.length === 0, named([...rights, ...strong])),
    check('may_write', writable.length === 0, named(writable)),
    check('may_create', created.length === 0, named(created)),
    check('may_act', acting.length === 0, named(acting)),
    check(
      'read_only_transaction',
      refused === READ_ONLY,
      refused === READ_ONLY ? `refused a write (${refused})` : refused,
    ),
  ];
  const lag = role['lag_ms'];
  return {
    version: `PostgreSQL ${String(role['version'])}`,
    user: String(role['name']),
    is_replica: role['is_replica'] === true,
    lag_ms: lag === null || lag === undefined ? null : Math.max(0, Math.round(Number(lag))),
    checks,
  };
}

function check(name: string, ok: boolean, found: string): Check {
  return { check: name, ok, found };
}

function named(places: readonly string[]): string {
  const more = places.length - NAMED_MAX;
  return places.length === 0
    ? 'none'
    : places.slice(0, NAMED_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The code with which the server refuses a write, tried for real; a server that takes it gets a rollback. */
async function refusedWrite(client: pg.Client): Promise<string> {
  await client.query('BEGIN TRANSACTION READ ONLY');
  try {
    await client.query('CREATE TABLE sillok_tries_to_write ()');
    return 'a write was taken';
  } catch (error) {
    return codeOf(error);
  } finally {
    await client.query('ROLLBACK');
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

async function run(client: pg.Client, bound: Bound, limits: RowLimits): Promise<Rows> {
  await client.query('BEGIN TRANSACTION READ ONLY');
  const cursor = client.query(new Cursor(bound.sql, [...bound.values], { rowMode: 'array' }));
  const taker = new RowTaker(limits);
  let columns: Rows['columns'] = [];
  for (let isOpen = true; isOpen;) {
    const { rows, fields } = await read(cursor);
    if (columns.length === 0)
      columns = fields.map(({ name, dataTypeID }) => ({ name, type: TYPE_NAMES.get(dataTypeID) ?? 'text' }));
    isOpen = rows.every((row) => taker.take(row)) && rows.length === FETCH_ROWS;
  }
  await cursor.close();
  await client.query('ROLLBACK');
  return { columns, rows: taker.rows, truncated: taker.truncated };
}

function read(cursor: Cursor<unknown[]>): Promise<{ rows: unknown[][]; fields: readonly pg.FieldDef[] }> {
  return new Promise((resolve, reject) => {
    cursor.read(FETCH_ROWS, (error, rows, result) => {
      if (error === undefined || error === null) resolve({ rows, fields: result.fields });
      else reject(error);
    });
  });
}

async function schema(client: pg.Client, limit: number): Promise<readonly SchemaTable[]> {
  const { rows } = await client.query<Row>(
    `SELECT n.nspname AS schema, c.relname AS name, a.attname AS column,
       format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
       AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
       AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
     ORDER BY 1, 2, a.attnum LIMIT $1`,
    [limit],
  );
  return tablesOf(rows);
}
