/** What nobody can do to a real PostgreSQL through a statement that reads, whatever it is. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { postgresMissing, startPostgres } from '../../../../test/lib/postgres.js';
import { until } from '../server.fixture.js';
import type { AskingServer } from './database.fixture.js';
import { startShopPostgres, type ShopPostgres } from './postgres.fixture.js';

let shop: ShopPostgres;
let admin: pg.Client;
let asking: AskingServer;

beforeAll(async () => {
  if (postgresMissing !== undefined) return;
  shop = await startShopPostgres(await startPostgres());
  ({ admin, asking } = shop);
});
afterAll(() => (postgresMissing === undefined ? shop.stop() : undefined));

const name = (text: string): string =>
  postgresMissing === undefined ? text : `${text} (${postgresMissing})`;

describe.skipIf(postgresMissing !== undefined)(name('what cannot be written'), () => {
  test.each([
    ['a second statement', 'SELECT 1; DELETE FROM orders', 'database_statement_failed'],
    ['a commit before it', 'COMMIT; DELETE FROM orders', 'database_statement_refused'],
    ['an update', 'UPDATE orders SET total = 0', 'database_statement_refused'],
    ['one behind a comment', '/* SELECT */ DELETE FROM orders', 'database_statement_refused'],
    [
      'one inside WITH',
      'WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone',
      'database_statement_failed',
    ],
    ['a function that writes with the rights of its owner', 'SELECT sneak()', 'database_statement_failed'],
    [
      'a transaction that is set to write',
      "SELECT set_config('transaction_read_only', 'off', false), sneak()",
      'database_statement_refused',
    ],
    ['rows that are locked', 'SELECT 1 FROM orders FOR UPDATE', 'database_statement_failed'],
    ['a table', 'SELECT 1 INTO made', 'database_statement_failed'],
    ['EXPLAIN that executes', 'EXPLAIN ANALYZE DELETE FROM orders', 'database_statement_failed'],
    ['a number', "SELECT nextval('numbers')", 'database_statement_failed'],
    ['a number that is set', "SELECT setval('numbers', 99)", 'database_statement_failed'],
    ['a block', 'DO $$ BEGIN UPDATE orders SET total = 0; END $$', 'database_statement_refused'],
    ['rows from outside', "COPY orders FROM PROGRAM 'id'", 'database_statement_refused'],
    [
      'a write after the lock is taken off',
      'SET default_transaction_read_only = off; UPDATE orders SET total = 0',
      'database_statement_refused',
    ],
    [
      'two statements in one, the first a reading one',
      'SELECT 1; SET default_transaction_read_only = off; UPDATE orders SET total = 0',
      'database_statement_failed',
    ],
    [
      'a transaction that ends inside',
      "WITH x AS (SELECT set_config('default_transaction_read_only', 'off', false)) SELECT sneak() FROM x",
      'database_statement_refused',
    ],
    ['a merge', 'WITH x AS (UPDATE orders SET total = 0 RETURNING 1) SELECT 1', 'database_statement_failed'],
    ['a file of the server', "SELECT pg_read_file('postgresql.conf')", 'database_statement_refused'],
    ['a folder of the server', "SELECT pg_ls_dir('.')", 'database_statement_failed'],
    ['a file that is written', "SELECT lo_export(1, '/tmp/sillok-never')", 'database_statement_refused'],
    ['another connection', "SELECT dblink_connect('host=127.0.0.1')", 'database_statement_refused'],
    [
      'a query as a text',
      "SELECT query_to_xml('DELETE FROM orders RETURNING 1', true, false, '')",
      'database_statement_refused',
    ],
    ['the settings of the server', 'SELECT pg_reload_conf()', 'database_statement_refused'],
    [
      'an executed plan',
      'EXPLAIN (ANALYZE, FORMAT JSON) UPDATE orders SET total = 0',
      'database_statement_failed',
    ],
    ['a prepared one', 'PREPARE x AS DELETE FROM orders', 'database_statement_refused'],
    ['a NUL', 'SELECT 1 \u0000; DELETE FROM orders', 'database_statement_failed'],
  ])('%s', async (_name, query, code) => {
    expect(await asking.codeOf('shop', query)).toBe(code);
    // Also with a role that could: only the read-only transaction stands there.
    expect(await asking.codeOf('known', query)).toBe(code);
    const { rows } = await admin.query('SELECT count(*)::int AS n, sum(total)::text AS sum FROM orders');
    expect(rows).toEqual([{ n: 20_000, sum: '20101005000.0' }]);
  });

  // PostgreSQL 15 does all of this in a read-only transaction: the other connection ends, the message stands in its log of changes.
  test.each([
    'SELECT pg_terminate_backend({pid:int})',
    'SELECT PG_Cancel_Backend({pid:int})',
    'SELECT "pg_terminate_backend"({pid:int})',
    'SELECT pg_catalog /**/ . /**/ pg_terminate_backend({pid:int})',
    'SELECT U&"pg\\005fterminate\\005fbackend"({pid:int})',
    "SELECT 'a' AS a$x$, pg_terminate_backend({pid:int}) AS b$x$",
    "SELECT date'2026-01-01\\', pg_terminate_backend({pid:int}), '",
    "/* /* */ ' */ SELECT pg_terminate_backend({pid:int}) /* ' */",
    'SELECT 1 -- \r, pg_terminate_backend({pid:int})',
    "SELECT query_to_xml('SELECT pg_' || 'terminate_backend(' || {pid} || ')', true, false, '')",
    "SELECT * FROM ts_stat('SELECT to_tsvector(pg_' || 'terminate_backend(' || {pid} || ')::text)')",
    "SELECT ts_rewrite('a', 'SELECT ''a''::tsquery, pg_' || 'terminate_backend(' || {pid} || ')::text::tsquery')",
    "SELECT pg_logical_emit_message(false, 'outbox', 'a message that nobody rolls back') WHERE {pid} > 0",
    "SELECT set_config('statement_timeout', '0', false), pg_sleep(n) FROM generate_series(0, 600) n WHERE {pid} > 0",
  ])('what acts although the transaction only reads: %s', async (query) => {
    const other = new pg.Client({ host: '127.0.0.1', port: shop.port, user: 'reader', database: 'postgres' });
    await other.connect();
    const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const params = { pid: rows[0]?.pid };
    expect(await asking.codeOf('shop', query, { params })).toBe('database_statement_refused');
    expect((await other.query('SELECT 1 AS alive')).rows).toEqual([{ alive: 1 }]);
    await other.end();
  });

  test('a text to look for is bound, and then no name of a function', async () => {
    const params = { text: 'pg_terminate_backend' };
    expect((await asking.ask('shop', 'SELECT {text:text} AS text', { params })).rows).toEqual([
      [params.text],
    ]);
    expect(await asking.codeOf('shop', 'SELECT 1 AS my_set_config, 2 AS my_dblink')).toBe('200');
  });

  test('what PostgreSQL lets a reading transaction do ends with it: locks, notices, large objects', async () => {
    const heard: unknown[] = [];
    admin.on('notification', (notice) => heard.push(notice.payload));
    await admin.query('LISTEN orders');
    const query = "SELECT pg_advisory_lock(4711), pg_notify('orders', 'from a reader')";
    expect(await asking.codeOf('shop', query)).toBe('200');
    await admin.query("NOTIFY orders, 'after it'");
    await until(() => heard.length > 0);
    expect(heard).toEqual(['after it']);
    // Before version 16 a read-only transaction may make one; the rollback takes it away again.
    await asking.codeOf('known', "SELECT lo_from_bytea(0, 'written')");
    const left =
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' UNION ALL SELECT 1 FROM pg_largeobject_metadata";
    expect((await admin.query(left)).rows).toEqual([]);
  });

  test('a large answer is cut before it fills the memory; hostile texts stay texts', async () => {
    const wide = await asking.ask('shop', "SELECT repeat('x', 100000) FROM generate_series(1, 1000000)");
    expect([wide.truncated, wide.rows.length < 200]).toEqual([true, true]);
    const many = await asking.ask('shop', 'SELECT n FROM generate_series(1, 1000000) n');
    expect([many.truncated, many.rows.length]).toEqual([true, 10_000]);
    const hostile = `'; DROP TABLE orders; -- \u202e<script>{id}$1\\x00`;
    const said = await asking.ask('shop', 'SELECT {text:text} AS "<b>{text}</b>"', {
      params: { text: hostile },
    });
    expect([said.rows, said.columns[0]?.name]).toEqual([[[hostile]], '<b>{text}</b>']);
    expect(await asking.codeOf('shop', 'SELECT {text}', { params: { text: 'a\u0000b' } })).toBe(
      'database_statement_failed',
    );
  });

  test('a wrong password, a database that is not there and one that is starting are told without the address', async () => {
    for (const [name, reason] of [
      ['wrong', /password authentication failed/],
      ['nowhere', /database "nowhere" does not exist/],
      ['unresolved', /ENOTFOUND|EAI_AGAIN/],
    ] as const) {
      const { status, body } = await asking.call('POST', `/api/databases/${name}/query`, {
        query: 'SELECT 1',
      });
      expect([name, status]).toEqual([name, 502]);
      expect(body['error']).toMatchObject({
        code: 'database_unreachable',
        message: expect.stringMatching(reason),
      });
      expect(JSON.stringify(body)).not.toMatch(/s3cret-word|postgres:\/\//);
    }
  });

  test.each([
    ['root', /superuser/],
    ['writer', /may_write: public\.orders/],
    ['maker', /may_create: public/],
    ['loader', /pg_write_all_data/],
    ['keeper', /may_act: pg_reload_conf/],
    ['ender', /role_rights: pg_signal_backend/],
  ])('a role that can do more than read is refused before anything runs: %s', async (database, found) => {
    const { status, body } = await asking.call('POST', `/api/databases/${database}/query`, {
      query: 'SELECT 1',
    });
    expect(status).toBe(403);
    expect(body['error']).toMatchObject({ code: 'database_writable', message: expect.stringMatching(found) });
  });

  test('with the word it is let in, and every answer warns', async () => {
    const answer = await asking.ask('known', 'SELECT 1 AS one');
    expect(answer.rows).toEqual([[1]]);
    expect(answer.warnings).toMatchObject([{ code: 'accepted_writable_role' }]);
  });
});
