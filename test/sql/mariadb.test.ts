/** Statements on a real MariaDB, sent by mysql2 and by what stands on it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestLog } from '@sillok/node/test';
import { instrumentMysql2 } from '@sillok/node/sql';
import { withTrace } from '@sillok/node';
import { drizzle } from 'drizzle-orm/mysql2';
import { sql as drizzleSql } from 'drizzle-orm';
import { Kysely, MysqlDialect } from 'kysely';
import knex from 'knex';
import mysql from 'mysql2';
import { Sequelize } from 'sequelize';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mariadbMissing, startMariaDb, type MariaDb } from '../lib/mariadb.js';
import { until } from '../lib/server.js';

const { log, records, clear } = createTestLog();
let mariadb: MariaDb;
let folder: string;
let pool: mysql.Pool;
let release: () => void = () => undefined;
let mark = '';
let marks = 0;

describe.skipIf(mariadbMissing !== undefined)('MariaDB', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sillok-general-'));
    mariadb = await startMariaDb({ 'general-log': '1', 'general-log-file': join(folder, 'general.log') });
    pool = mysql.createPool({ uri: mariadb.url, connectionLimit: 2 });
    await pool.promise().query('CREATE DATABASE shop');
    await pool.promise().query('CREATE TABLE shop.orders (id int PRIMARY KEY, email varchar(99) UNIQUE)');
    await pool.promise().query(`INSERT INTO shop.orders VALUES (7, 'kim@example.com')`);
  });
  beforeEach(() => {
    clear();
    marks += 1;
    mark = `m${marks}_`;
  });
  afterEach(() => release());
  afterAll(async () => {
    await pool?.promise().end();
    await mariadb?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the server itself logged of a statement that holds these words. */
  async function logged(words: string): Promise<string> {
    const text = (): string => readFileSync(join(folder, 'general.log'), 'utf8');
    const line = (): string | undefined =>
      text()
        .split('\n')
        .find((each) => each.includes(words));
    await until(`the server has logged ${words}`, 10_000, async () => line() !== undefined);
    return line() ?? '';
  }

  const ways: { readonly name: string; readonly send: (words: string) => Promise<unknown> }[] = [
    { name: 'pool, promise', send: (words) => pool.promise().query(`SELECT 7 AS ${words}`) },
    { name: 'pool, values', send: (words) => pool.promise().query(`SELECT ? AS ${words}`, [7]) },
    {
      name: 'pool, callback',
      send: (words) =>
        new Promise((resolve, reject) => {
          pool.query({ sql: `SELECT 7 AS ${words}` }, (error, rows) =>
            error ? reject(error) : resolve(rows),
          );
        }),
    },
    {
      name: 'connection, events',
      send: (words) =>
        new Promise((resolve, reject) => {
          const connection = mysql.createConnection(mariadb.url);
          const query = connection.query(`SELECT 7 AS ${words}`);
          query.on('error', reject);
          query.on('end', () => connection.end(resolve));
        }),
    },
    {
      name: 'knex',
      send: async (words) => {
        const db = knex({ client: 'mysql2', connection: mariadb.url });
        await db('shop.orders').select(`email as ${words}`).where({ id: 7 });
        await db.destroy();
      },
    },
    {
      name: 'kysely',
      send: (words) => {
        const db = new Kysely<{ 'shop.orders': { id: number; email: string } }>({
          dialect: new MysqlDialect({ pool }),
        });
        return db.selectFrom('shop.orders').select(`email as ${words}`).where('id', '=', 7).execute();
      },
    },
    {
      name: 'drizzle',
      send: (words) =>
        drizzle({ client: pool }).execute(drizzleSql.raw(`SELECT email AS ${words} FROM shop.orders`)),
    },
    {
      name: 'TypeORM',
      send: async (words) => {
        const source = await new DataSource({
          type: 'mariadb',
          url: mariadb.url,
          connectorPackage: 'mysql2',
        } as never).initialize();
        await source.query(`SELECT email AS ${words} FROM shop.orders WHERE id = ?`, [7]);
        await source.destroy();
      },
    },
    {
      name: 'Sequelize',
      send: async (words) => {
        const db = new Sequelize(mariadb.url, { logging: false });
        await db.query(`SELECT email AS ${words} FROM shop.orders WHERE id = :id`, {
          replacements: { id: 7 },
        });
        await db.close();
      },
    },
  ];

  test.each(ways)(
    '$name: the statement carries the place in the trace, and is a span without literals',
    async ({ send }) => {
      release = instrumentMysql2(mysql, { log, comments: true });
      await withTrace({}, () => log.span('request', () => send(mark)));
      const found = await logged(mark);
      const span = records({ kind: 'span' }).find((each) => JSON.stringify(each.attributes).includes(mark));
      expect(found).toContain(`/*traceparent='00-${span?.trace_id}-${span?.span_id}-0`);
      expect(span).toMatchObject({
        level: 'info',
        parent_span_id: records({ message: 'request' })[0]?.span_id,
        attributes: {
          span: { kind: 'client' },
          db: { system: { name: 'mysql' }, operation: { name: 'SELECT' }, namespace: 'mysql' },
          server: { address: '127.0.0.1', port: mariadb.port },
        },
      });
      expect(JSON.stringify(span)).not.toMatch(/SELECT 7|traceparent/);
    },
  );

  test('execute() prepares and never carries a comment; it is a span all the same', async () => {
    release = instrumentMysql2(mysql, { log, comments: true });
    await withTrace({}, () => pool.promise().execute(`SELECT ? AS ${mark}`, [7]));
    expect(await logged(mark)).not.toContain('traceparent');
    expect(records({ kind: 'span' })).toHaveLength(1);
  });

  test('a failure has its code and no value, and reaches the caller as it is', async () => {
    release = instrumentMysql2(mysql, { log, comments: true });
    const send = (): Promise<unknown> =>
      pool.promise().query(`INSERT INTO shop.orders VALUES (8, 'kim@example.com')`);
    await expect(withTrace({}, send)).rejects.toMatchObject({ code: 'ER_DUP_ENTRY' });
    expect(records({ kind: 'span' })).toMatchObject([
      {
        level: 'error',
        message: 'INSERT shop.orders',
        attributes: {
          error: { type: 'ER_DUP_ENTRY' },
          exception: { message: `Duplicate entry '?' for key 'email'` },
        },
      },
    ]);
    expect(JSON.stringify(records())).not.toContain('kim@example');
  });

  test('requests that wait for a connection keep their own place in the trace', async () => {
    release = instrumentMysql2(mysql, { log, comments: true });
    const traces = Array.from({ length: 40 }, (_, index) => index.toString(16).padStart(32, 'c'));
    const send = (index: number): Promise<unknown> =>
      new Promise((resolve) => {
        pool.query(`SELECT ${index}, sleep(0.002) AS ${mark}q${index}_`, resolve);
      });
    await Promise.all(
      traces.map((trace, index) =>
        withTrace({ traceparent: `00-${trace}-${'b'.repeat(16)}-01` }, () => send(index)),
      ),
    );
    for (const [index, trace] of traces.entries()) {
      expect(await logged(`${mark}q${index}_`)).toContain(trace);
    }
  });
});
