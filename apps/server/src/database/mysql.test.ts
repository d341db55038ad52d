/** Looking into a real MariaDB: what is proven from its grants, what is refused, and that a cancel is true. */
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { mariadbMissing, startMariaDb, type MariaDb } from '../../../../test/lib/mariadb.js';
import { until } from '../server.fixture.js';
import { AskingServer } from './database.fixture.js';
import { beyondReading } from './mysql.js';

let maria: MariaDb;
let admin: mysql.Connection;
let asking: AskingServer;

const SETUP = [
  'CREATE DATABASE shop',
  'CREATE TABLE shop.orders (id INT PRIMARY KEY, total DECIMAL(10,2), placed DATETIME, big BIGINT UNSIGNED)',
  "INSERT INTO shop.orders VALUES (1, 9.50, '2026-11-01 10:00:00', 18446744073709551615), (2, 1, NULL, 2)",
  "CREATE USER reader@'%' IDENTIFIED BY 's3cret-word'",
  "GRANT SELECT, SHOW VIEW ON shop.* TO reader@'%'",
  "CREATE USER writer@'%' IDENTIFIED BY 's3cret-word'",
  "GRANT SELECT, UPDATE (total) ON shop.orders TO writer@'%'",
  'CREATE SEQUENCE shop.numbers',
  'CREATE FUNCTION shop.counted() RETURNS INT BEGIN UPDATE shop.orders SET total = 0; RETURN 1; END',
  'CREATE PROCEDURE shop.sneak() UPDATE shop.orders SET total = 0',
  "CREATE USER root2@'%' IDENTIFIED BY 's3cret-word'",
  "GRANT ALL PRIVILEGES ON *.* TO root2@'%'",
];

beforeAll(async () => {
  if (mariadbMissing !== undefined) return;
  maria = await startMariaDb();
  admin = await mysql.createConnection(maria.url);
  for (const statement of SETUP) await admin.query(statement);
  const url = (user: string) => `mysql://${user}:s3cret-word@127.0.0.1:${maria.port}/shop`;
  asking = new AskingServer({
    shop: { url: url('reader'), entities: { id: 'order' } },
    quick: { url: url('reader'), timeout_s: 0.3 },
    writer: { url: url('writer') },
    root: { url: url('root2') },
    known: { url: url('writer'), accept_writable_role: 'I know that this role can write' },
  });
  await asking.start();
});
afterAll(async () => {
  if (mariadbMissing !== undefined) return;
  await asking.server.dispose();
  await admin.end();
  await maria.stop();
});

const isMissing = mariadbMissing !== undefined;

describe.skipIf(isMissing)(`in MariaDB${isMissing ? ` (${mariadbMissing})` : ''}`, () => {
  test('values come typed, parameters are bound, large numbers keep their digits', async () => {
    const query = "SELECT id, total, placed, big, '{id}' AS text FROM orders WHERE id = {id} OR id = {id}";
    const answer = await asking.ask('shop', query, { params: { id: 1 } });
    expect(answer.rows).toEqual([[1, '9.50', '2026-11-01 10:00:00', '18446744073709551615', '{id}']]);
    expect(answer.links).toEqual([{ column: 0, kind: 'entity', type: 'order' }]);
    expect(answer.proof.version).toMatch(/^MariaDB /);
    expect(answer.proof.checks.every(({ ok }) => ok)).toBe(true);
  });

  test('an answer ends at the limit of rows and says so', async () => {
    const query = 'SELECT a.seq FROM seq_1_to_20000 a';
    const answer = await asking.ask('shop', query);
    expect(answer.rows).toHaveLength(10_000);
    expect(answer.truncated).toBe(true);
  });

  test.each([
    ['a second statement', 'SELECT 1; DELETE FROM orders', 'database_statement_failed'],
    ['an update', 'UPDATE orders SET total = 0', 'database_statement_refused'],
    [
      'one in a comment that is executed',
      'SELECT 1 /*! INTO OUTFILE "/tmp/x" */',
      'database_statement_refused',
    ],
    [
      'an update inside WITH',
      'WITH x AS (SELECT 1) UPDATE orders SET total = 0',
      'database_statement_failed',
    ],
    ['a block', 'DO SLEEP(0)', 'database_statement_refused'],
    [
      'a write after the lock is taken off',
      'SET SESSION TRANSACTION READ WRITE',
      'database_statement_refused',
    ],
    ['a call', 'CALL shop.sneak()', 'database_statement_refused'],
    ['a handler', 'HANDLER orders OPEN', 'database_statement_refused'],
    ['rows that are locked', 'SELECT id FROM orders FOR UPDATE', 'database_statement_failed'],
    ['a function that writes', 'SELECT shop.counted()', 'database_statement_failed'],
    ['an analysed update', 'EXPLAIN UPDATE orders SET total = 0', 'database_statement_failed'],
    ['a sequence', 'SELECT NEXTVAL(shop.numbers)', 'database_statement_failed'],
    ['a file', "SELECT 1 INTO OUTFILE '/tmp/sillok-never'", 'database_statement_failed'],
  ])('%s is refused, also with an account that could write', async (_name, query, code) => {
    expect(await asking.codeOf('shop', query)).toBe(code);
    expect(await asking.codeOf('known', query)).toBe(code);
    const [rows] = await admin.query('SELECT COUNT(*) AS n, SUM(total) AS sum FROM shop.orders');
    expect(rows).toEqual([{ n: 2, sum: '10.50' }]);
  });

  test.each([
    ['writer', /UPDATE ON/],
    ['root', /ALL PRIVILEGES/],
  ])('an account that can do more than read is refused: %s', async (database, found) => {
    const { status, body } = await asking.call('POST', `/api/databases/${database}/query`, {
      query: 'SELECT 1',
    });
    expect(status).toBe(403);
    expect(body['error']).toMatchObject({ code: 'database_writable', message: expect.stringMatching(found) });
  });

  test('the database ends what takes too long', async () => {
    expect(await asking.codeOf('quick', 'SELECT SLEEP(5) FROM orders')).toBe('database_timeout');
  });

  test('a cancel is confirmed by the list of the database itself', async () => {
    const running = async (): Promise<number> => {
      const text =
        "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%4711%' AND ID <> CONNECTION_ID()";
      const [rows] = await admin.query<mysql.RowDataPacket[]>(text);
      return rows.length;
    };
    const asked = asking.codeOf('shop', 'SELECT SLEEP(20), 4711', { query_id: 'sleepy' });
    await until(async () => (await running()) === 1);
    const { body } = await asking.call('DELETE', '/api/databases/shop/query/sleepy');
    expect(body).toEqual({ query_id: 'sleepy', ended: true, how: 'cancelled' });
    expect(await running()).toBe(0);
    expect(await asked).toBe('database_cancelled');
  });
});

test.each([
  ["GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*X'", []],
  ['GRANT SELECT, SHOW VIEW ON `shop`.* TO `r`@`%`', []],
  ['GRANT SELECT (a, b), INSERT (a) ON `shop`.`t` TO `r`@`%`', ['INSERT ON `shop`.`t`']],
  ['GRANT SELECT ON `shop`.* TO `r`@`%` WITH GRANT OPTION', ['GRANT OPTION ON `shop`.*']],
  ['GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `r`@`%`', ['EXECUTE ON `shop`.`p`']],
  ['GRANT `boss` TO `r`@`%`', ['GRANT `boss` TO `r`@`%`']],
  ["GRANT PROXY ON ''@'%' TO 'root'@'localhost'", ["PROXY ON ''@'%'"]],
  ['GRANT FILE, SELECT ON *.* TO `r`@`%`', ['FILE ON *.*']],
])('%s → what is beyond reading', (grant, beyond) => {
  expect(beyondReading(grant)).toEqual(beyond);
});
