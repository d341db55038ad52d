/**
 * `@sillok/admin/test-guard`: a set-up (`globalSetup`) for vitest and jest, which both run once before the first test file is
 * loaded. The databases that the test run would use must say that they are for tests; else the run ends before it touches one.
 *
 * It fails closed: an address that is not set, a driver that is not there, no answer, an unmarked database, one that is marked as
 * anything else, and a process that says it is production or staging are all refused.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ScriptError } from './errors.js';
import { assertTestDatabase } from './guard.js';
import { GUARD_ANSWER_MS_MAX } from './limits.js';

type Env = Readonly<Record<string, string | undefined>>;
type Rows = readonly { readonly [column: string]: unknown }[];

/** Names of the variables that hold the addresses, with commas. Empty: the tests use none. */
const NAMES = 'SILLOK_TEST_DATABASES';

/** What vitest calls by this name. jest wants it as the default export of a file: `export { setup as default } from …`. */
export async function setup(): Promise<void> {
  await guardTestRun(process.env);
}

export async function guardTestRun(env: Env): Promise<void> {
  for (const name of ['SILLOK_ENVIRONMENT', 'NODE_ENV']) {
    if (!/prod|stag/i.test(env[name] ?? '')) continue;
    throw refused(`${name} is ${env[name]}`, 'Run tests in an environment of their own.');
  }
  const names = (env[NAMES] ?? 'DATABASE_URL').split(',').map((name) => name.trim());
  for (const name of names.filter((each) => each !== '')) {
    const url = env[name];
    if (url === undefined || url === '')
      throw refused(
        `${name} is not set`,
        `Set it to the database of the tests; ${NAMES} names the variables (with commas; empty for none).`,
      );
    await assertTestDatabaseAt(url);
  }
}

/** Asks the database at an address with the project's own driver: `pg` or `mysql2`. */
export async function assertTestDatabaseAt(url: string): Promise<void> {
  const kind = /^(postgres(ql)?|mysql|mariadb):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (kind === undefined)
    throw refused(
      'its address is none of PostgreSQL or MySQL',
      'Ask it yourself, with assertTestDatabase(query).',
    );
  const isPostgres = kind.startsWith('postgres');
  await assertTestDatabase((sql) => (isPostgres ? askPostgres(url, sql) : askMysql(url, sql)));
}

interface PgModule {
  readonly Client: new (options: object) => {
    connect(): Promise<unknown>;
    query(sql: string): Promise<{ readonly rows: Rows }>;
    end(): Promise<unknown>;
    on(event: 'error', listener: () => void): unknown;
  };
}

async function askPostgres(url: string, sql: string): Promise<Rows> {
  // The shape that is used of it.
  const { Client } = ownModule('pg') as PgModule;
  const waits = { connectionTimeoutMillis: GUARD_ANSWER_MS_MAX, query_timeout: GUARD_ANSWER_MS_MAX };
  const client = new Client({ connectionString: url, ...waits });
  // What breaks after the answer is none of the guard's business.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface MysqlModule {
  createConnection(options: object): Promise<{
    query(options: { sql: string; timeout: number }): Promise<[unknown, unknown]>;
    destroy(): void;
  }>;
}

async function askMysql(url: string, sql: string): Promise<Rows> {
  const mysql = ownModule('mysql2/promise') as MysqlModule; // the shape that is used of it
  const uri = url.replace(/^mariadb:/i, 'mysql:');
  const connection = await mysql.createConnection({ uri, connectTimeout: GUARD_ANSWER_MS_MAX });
  try {
    const [rows] = await connection.query({ sql, timeout: GUARD_ANSWER_MS_MAX });
    return rows as Rows; // of a SELECT
  } finally {
    connection.destroy();
  }
}

/** As the project itself would load it: the guard brings no driver of its own. */
function ownModule(name: string): unknown {
  return createRequire(join(process.cwd(), 'package.json'))(name);
}

function refused(found: string, help: string): ScriptError {
  return new ScriptError(
    'not_a_test_database',
    `This is no test run: ${found}. It was stopped before it touched a database.`,
    help,
  );
}
