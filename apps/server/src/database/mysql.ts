/**
 * A connection to MySQL or MariaDB that cannot write. Looked at: every grant of the account (anything that is not known to read
 * counts as writing), and a transaction that the server itself says is read-only. One statement per call, prepared on the server.
 */
import mysql from 'mysql2';

import type { Check, ConnectOptions, Connection, Proof, RowLimits, Rows, SchemaTable } from './connection.js';
import { RowTaker, tablesOf } from './connection.js';
import { CONNECT_TIME_MS_MAX, LOCK_TIME_MS_MAX, NAMED_MAX } from './limits.js';
import type { Bound } from './statement.js';

type Row = Readonly<Record<string, unknown>>;

interface Plain {
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** What an account may hold and still only read. */
const READING_GRANTS: ReadonlySet<string> = new Set([
  'USAGE',
  'SELECT',
  'SHOW VIEW',
  'SHOW DATABASES',
  'PROCESS',
  'REPLICATION CLIENT',
  'BINLOG MONITOR',
  'SLAVE MONITOR',
  'REPLICA MONITOR',
]);

export async function connectMysql({ url, timeoutMs }: ConnectOptions): Promise<Connection> {
  const link = mysql.createConnection({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    connectTimeout: CONNECT_TIME_MS_MAX,
    multipleStatements: false,
    rowsAsArray: false,
    dateStrings: true,
    supportBigNumbers: true,
    infileStreamFactory: () => {
      throw new Error('no file is sent');
    },
  });
  link.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    link.connect((error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
  const plain: Plain = { query: (sql, values = []) => queryOn(link, sql, values) };
  const isMaria = String((await plain.query('SELECT VERSION() AS v'))[0]?.['v']).includes('MariaDB');
  const [own] = await plain.query('SELECT CONNECTION_ID() AS pid');
  await limitSession(plain, { isMaria, timeoutMs });
  return {
    pid: Number(own?.['pid']),
    prove: () => prove(plain, isMaria),
    run: (bound, limits) => run(link, plain, { bound, limits }),
    schema: (limit) => schema(plain, limit),
    cancel: async (other) => void (await plain.query(`KILL QUERY ${Math.trunc(other)}`)),
    terminate: async (other) => void (await plain.query(`KILL CONNECTION ${Math.trunc(other)}`)),
    async isRunning(other) {
      const [found] = await plain.query(
        "SELECT COMMAND AS command FROM information_schema.PROCESSLIST WHERE ID = ? AND COMMAND <> 'Sleep'",
        [other],
      );
      return found !== undefined;
    },
    held: async () => undefined,
    // Whatever is left ends with it: nothing was written.
    close: async () => link.destroy(),
    destroy: () => link.destroy(),
  };
}

function queryOn(link: mysql.Connection, sql: string, values: readonly unknown[]): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    link.query(sql, [...values], (error, result) => {
      if (error !== null) reject(error);
      // A statement that gives rows gives a list of them.
      else resolve(Array.isArray(result) ? (result as Row[]) : []);
    });
  });
}

async function limitSession(plain: Plain, { isMaria, timeoutMs }: { isMaria: boolean; timeoutMs: number }) {
  const limit = isMaria ? `max_statement_time = ${timeoutMs / 1000}` : `max_execution_time = ${timeoutMs}`;
  await plain.query(`SET SESSION ${limit}, lock_wait_timeout = ${Math.ceil(LOCK_TIME_MS_MAX / 1000)}`);
  await plain.query(`SET SESSION innodb_lock_wait_timeout = ${Math.ceil(LOCK_TIME_MS_MAX / 1000)}`);
  await plain.query('SET SESSION TRANSACTION READ ONLY');
}

async function prove(plain: Plain, isMaria: boolean): Promise<Proof> {
  const [server = {}] = await plain.query(
    'SELECT VERSION() AS version, CURRENT_USER() AS name, @@global.read_only AS read_only',
  );
  const grants = (await plain.query('SHOW GRANTS')).map((row) => String(Object.values(row)[0]));
  const beyond = [...new Set(grants.flatMap(beyondReading))];
  const isAll = beyond.some((grant) => /^(ALL PRIVILEGES|SUPER)\b/.test(grant));
  const variable = isMaria ? '@@session.tx_read_only' : '@@session.transaction_read_only';
  const [session = {}] = await plain.query(`SELECT ${variable} AS read_only`);
  const isReadOnly = Number(session['read_only']) === 1;
  const checks: Check[] = [
    { check: 'superuser', ok: !isAll, found: isAll ? 'the account may do everything' : 'no' },
    { check: 'may_write', ok: beyond.length === 0, found: named(beyond) },
    {
      check: 'read_only_transaction',
      ok: isReadOnly,
      found: isReadOnly ? 'the session is read-only' : 'the session can write',
    },
  ];
  return {
    version: `${isMaria ? 'MariaDB' : 'MySQL'} ${String(server['version'])}`,
    user: String(server['name']),
    is_replica: Number(server['read_only']) === 1,
    lag_ms: null,
    checks,
  };
}

/** `GRANT SELECT, INSERT (a) ON shop.* TO …` → `INSERT ON shop.*`; roles count as writing: what is in them is not seen here. */
export function beyondReading(grant: string): string[] {
  const match = /^GRANT (.+?) ON (?:(?:TABLE|FUNCTION|PROCEDURE|PACKAGE) )?(\S+) TO /is.exec(grant);
  if (match === null) return [grant.slice(0, 100)];
  const [, privileges = '', place = ''] = match;
  const names = privileges.replace(/\([^)]*\)/g, '').split(',');
  const more = / WITH GRANT OPTION/i.test(grant) ? ['GRANT OPTION'] : [];
  return [...names.map((name) => name.trim().toUpperCase()), ...more]
    .filter((name) => !READING_GRANTS.has(name))
    .map((name) => `${name} ON ${place}`);
}

function named(places: readonly string[]): string {
  const more = places.length - NAMED_MAX;
  return places.length === 0
    ? 'none'
    : places.slice(0, NAMED_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

interface Run {
  readonly bound: Bound;
  readonly limits: RowLimits;
}

async function run(link: mysql.Connection, plain: Plain, { bound, limits }: Run): Promise<Rows> {
  await plain.query('START TRANSACTION READ ONLY');
  const taker = new RowTaker(limits);
  let columns: Rows['columns'] = [];
  await new Promise<void>((resolve, reject) => {
    const running = link.execute({ sql: bound.sql, values: [...bound.values], rowsAsArray: true });
    running.on('error', reject);
    running.on('fields', (fields: readonly mysql.FieldPacket[] | undefined) => {
      columns = (fields ?? []).map(({ name, columnType }) => ({ name, type: typeName(columnType) }));
    });
    running.on('result', (row: unknown) => {
      // The rest of a large answer is not read: the connection ends with it.
      if (Array.isArray(row) && !taker.truncated && !taker.take(row.map(plainValue))) {
        link.destroy();
        resolve();
      }
    });
    running.on('end', () => resolve());
  });
  if (!taker.truncated) await plain.query('ROLLBACK');
  return { columns, rows: taker.rows, truncated: taker.truncated };
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(mysql.Types).flatMap(([name, type]) =>
    typeof type === 'number' ? [[type, name.toLowerCase()] as const] : [],
  ),
);

function typeName(type: number | undefined): string {
  return TYPE_NAMES.get(type ?? -1) ?? 'text';
}

function plainValue(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`;
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

function schema(plain: Plain, limit: number): Promise<readonly SchemaTable[]> {
  const sql = `
    SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name, COLUMN_NAME AS \`column\`, COLUMN_TYPE AS type
    FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
    ORDER BY 1, 2, ORDINAL_POSITION LIMIT ${Math.trunc(limit)}`;
  return plain.query(sql).then(tablesOf);
}
