/**
 * A test run that would empty its tables, against real databases: it gets as far as its first test only where the database says that it
 * is one for tests. Whatever else it says, and when it says nothing, the run ends before a row is touched.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARK_TEST_DATABASE_SQL } from '@sillok/admin';
import { assertTestDatabaseAt, guardTestRun } from '@sillok/admin/test-guard';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mariadbMissing, startMariaDb, type MariaDb } from '../lib/mariadb.js';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';

const top = join(import.meta.dirname, '..', '..');
const REFUSED = { code: 'not_a_test_database' };

/** What a database says of itself, and whether a test run may use it. */
const MARKS = [
  { says: 'test', marks: ['test'], isForTests: true },
  { says: 'staging', marks: ['staging'], isForTests: false },
  { says: 'production', marks: ['production'], isForTests: false },
  { says: 'test and production', marks: ['test', 'production'], isForTests: false },
  { says: 'nothing, in an empty table', marks: [], isForTests: false },
  { says: 'nothing', marks: undefined, isForTests: false },
];

type Statement = (sql: string) => Promise<unknown>;

async function mark(run: Statement, marks: readonly string[] | undefined): Promise<void> {
  await run('DROP TABLE IF EXISTS sillok_environment');
  if (marks === undefined) return;
  for (const statement of MARK_TEST_DATABASE_SQL.split(';')) await run(statement);
  await run('DELETE FROM sillok_environment');
  for (const each of marks) await run(`INSERT INTO sillok_environment (name) VALUES ('${each}')`);
}

describe.skipIf(postgresMissing !== undefined)('on PostgreSQL', () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let folder = '';

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE orders AS SELECT n FROM generate_series(1, 50) AS n');
    folder = mkdtempSync(join(tmpdir(), 'sillok-test-guard-'));
    symlinkSync(join(top, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(folder, 'vitest.config.mjs'),
      "export default { test: { globalSetup: ['@sillok/admin/test-guard'], include: ['*.test.mjs'] } };",
    );
    // As tests are written: what is loaded first already empties the table.
    writeFileSync(
      join(folder, 'orders.test.mjs'),
      `import { writeFileSync } from 'node:fs';
       import pg from 'pg';
       import { test } from 'vitest';
       writeFileSync('loaded', '');
       const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
       await client.connect();
       await client.query('TRUNCATE orders');
       await client.end();
       test('has an empty table', () => undefined);`,
    );
  });
  afterAll(async () => {
    await pool?.end();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask: Statement = (sql) => pool.query(sql);

  test.each(MARKS)('one that says $says', async ({ marks, isForTests }) => {
    await mark(ask, marks);
    const asked = assertTestDatabaseAt(postgres.url);
    if (isForTests) await expect(asked).resolves.toBeUndefined();
    else await expect(asked).rejects.toMatchObject(REFUSED);
  });

  async function run(env: Readonly<Record<string, string>> = {}): Promise<{ code: unknown; out: string }> {
    rmSync(join(folder, 'loaded'), { force: true });
    const program = join(top, 'node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(process.execPath, [program, 'run', '--root', folder], {
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'test', DATABASE_URL: postgres.url, ...env },
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => (out += piece.toString('utf8')));
    const [code] = await once(child, 'close');
    return { code, out };
  }

  const rows = async (): Promise<number> => (await pool.query('SELECT n FROM orders')).rows.length;

  test('a run of vitest ends before its first file when it is none for tests, and goes on when it is', async () => {
    await mark(ask, ['staging']);
    const staging = await run();
    expect([staging.code, existsSync(join(folder, 'loaded'))]).toEqual([1, false]);
    expect(staging.out).toContain('it is marked as "staging"');
    expect(await rows()).toBe(50);

    await mark(ask, ['test']);
    const production = await run({ SILLOK_ENVIRONMENT: 'production' });
    expect([production.code, production.out]).toEqual([
      1,
      expect.stringContaining('SILLOK_ENVIRONMENT is production'),
    ]);
    expect(await rows()).toBe(50);

    const own = await run();
    expect([own.code, own.out]).toEqual([0, expect.stringContaining('1 passed')]);
    expect(await rows()).toBe(0);
  });
});

describe.skipIf(mariadbMissing !== undefined)('on MariaDB', () => {
  let mariadb: MariaDb;
  let connection: mysql.Connection;
  let url = '';

  beforeAll(async () => {
    mariadb = await startMariaDb();
    connection = await mysql.createConnection(mariadb.url);
    await connection.query('CREATE DATABASE shop');
    await connection.query('USE shop');
    url = mariadb.url.replace(/mysql$/, 'shop');
  });
  afterAll(async () => {
    await connection?.end();
    await mariadb?.stop();
  });

  test.each(MARKS)('one that says $says', async ({ marks, isForTests }) => {
    await mark((sql) => connection.query(sql), marks);
    for (const each of [url, url.replace('mysql:', 'mariadb:')]) {
      const asked = assertTestDatabaseAt(each);
      if (isForTests) await expect(asked).resolves.toBeUndefined();
      else await expect(asked).rejects.toMatchObject(REFUSED);
    }
  });
});

test('no answer, no address and no known kind of database are refused, and none at all is said explicitly', async () => {
  for (const url of [
    'postgres://nobody@127.0.0.1:1/x',
    'mysql://nobody@127.0.0.1:1/x',
    'mongodb://127.0.0.1/x',
  ])
    await expect(assertTestDatabaseAt(url)).rejects.toMatchObject(REFUSED);
  await expect(guardTestRun({})).rejects.toThrow('DATABASE_URL is not set');
  const two = { SILLOK_TEST_DATABASES: 'DATABASE_URL, REPORTS_URL', REPORTS_URL: 'mongodb://127.0.0.1/x' };
  await expect(guardTestRun(two)).rejects.toThrow('DATABASE_URL is not set');
  await expect(guardTestRun({ SILLOK_TEST_DATABASES: '' })).resolves.toBeUndefined();
  await expect(guardTestRun({ SILLOK_TEST_DATABASES: '', NODE_ENV: 'staging' })).rejects.toMatchObject(
    REFUSED,
  );
});
