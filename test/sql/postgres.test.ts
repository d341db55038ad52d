/** Statements on a real PostgreSQL, sent by node-postgres and by everything that stands on it. */
import { createRequire } from 'node:module';
import { context, trace } from '@opentelemetry/api';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { PrismaPg } from '@prisma/adapter-pg';
import { createTestLog } from '@sillok/node/test';
import { SillokSpanProcessor } from '@sillok/node/otel';
import { instrumentPg } from '@sillok/node/sql';
import { withTrace } from '@sillok/node';
import { drizzle } from 'drizzle-orm/node-postgres';
import { sql as drizzleSql } from 'drizzle-orm';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { Kysely, PostgresDialect } from 'kysely';
import knex from 'knex';
import pg from 'pg';
import { Sequelize } from 'sequelize';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { freePort, until } from '../lib/server.js';

const { log, records, clear } = createTestLog();
let postgres: Postgres;
let pool: pg.Pool;
let release: () => void = () => undefined;
let mark = '';
let marks = 0;

describe.skipIf(postgresMissing !== undefined)('PostgreSQL', () => {
  beforeAll(async () => {
    postgres = await startPostgres({
      log_min_duration_statement: '0',
      shared_preload_libraries: 'pg_stat_statements',
    });
    pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    // A connection that the server ends at its stop.
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE orders (id int PRIMARY KEY, email text UNIQUE)');
    await pool.query(`INSERT INTO orders VALUES (7, 'kim@example.com')`);
  });
  beforeEach(() => {
    clear();
    marks += 1;
    mark = `m${marks}_`;
  });
  afterEach(() => release());
  afterAll(async () => {
    await pool?.end();
    await postgres?.stop();
  });

  /** What the server itself logged of a statement that holds these words. */
  async function logged(words: string): Promise<string> {
    const line = (): string | undefined =>
      postgres
        .output()
        .split('\n')
        .find((each) => each.includes(words));
    await until(`the server has logged ${words}`, 10_000, async () => line() !== undefined);
    return line() ?? '';
  }

  const orders = pgTable('orders', { id: integer('id').primaryKey(), email: text('email') });
  const ways: { readonly name: string; readonly send: (words: string) => Promise<unknown> }[] = [
    { name: 'pool.query, text', send: (words) => pool.query(`SELECT 7 AS ${words}`) },
    { name: 'pool.query, values', send: (words) => pool.query(`SELECT $1::int AS ${words}`, [7]) },
    {
      name: 'pool.query, object',
      send: (words) => pool.query({ text: `SELECT 7 AS ${words}`, rowMode: 'array' }),
    },
    {
      name: 'client with a callback',
      send: async (words) => {
        const client = await pool.connect();
        return new Promise((resolve, reject) => {
          client.query(`SELECT 7 AS ${words}`, (error, result) => {
            client.release();
            if (error === null || error === undefined) resolve(result);
            else reject(error);
          });
        });
      },
    },
    {
      name: 'knex',
      send: async (words) => {
        const db = knex({ client: 'pg', connection: postgres.url });
        await db('orders').select(`email as ${words}`).where({ id: 7 });
        await db.transaction((trx) => trx('orders').select('id').where({ id: 7 }));
        await db.destroy();
      },
    },
    {
      name: 'kysely',
      send: (words) => {
        const db = new Kysely<{ orders: { id: number; email: string } }>({
          dialect: new PostgresDialect({ pool }),
        });
        return db.selectFrom('orders').select(`email as ${words}`).where('id', '=', 7).execute();
      },
    },
    {
      name: 'drizzle',
      send: (words) =>
        drizzle({ client: pool })
          .select({ email: drizzleSql.raw(`email AS ${words}`) })
          .from(orders),
    },
    {
      name: 'TypeORM',
      send: async (words) => {
        const source = await new DataSource({ type: 'postgres', url: postgres.url }).initialize();
        await source.query(`SELECT email AS ${words} FROM orders WHERE id = $1`, [7]);
        await source.destroy();
      },
    },
    {
      name: 'Sequelize',
      send: async (words) => {
        const db = new Sequelize(postgres.url, { logging: false });
        await db.query(`SELECT email AS ${words} FROM orders WHERE id = :id`, { replacements: { id: 7 } });
        await db.close();
      },
    },
    {
      name: 'Prisma’s driver adapter',
      send: async (words) => {
        const adapter = await new PrismaPg({ connectionString: postgres.url }).connect();
        await adapter.queryRaw({
          sql: `SELECT email AS ${words} FROM orders WHERE id = $1`,
          args: [7],
          argTypes: [],
        });
        await adapter.dispose();
      },
    },
  ];

  test.each(ways)(
    '$name: the statement carries the place in the trace, and is a span without literals',
    async ({ send }) => {
      release = instrumentPg(pg, { log, comments: true });
      await withTrace({}, () => log.span('request', () => send(mark)));
      const found = await logged(mark);
      const span = records({ kind: 'span' }).find((each) => JSON.stringify(each.attributes).includes(mark));
      const request = records({ message: 'request' })[0];
      expect(found).toContain(`/*traceparent='00-${span?.trace_id}-${span?.span_id}-0`);
      expect(span).toMatchObject({
        level: 'info',
        parent_span_id: request?.span_id,
        attributes: {
          span: { kind: 'client' },
          db: { system: { name: 'postgresql' }, operation: { name: 'SELECT' }, namespace: 'postgres' },
          server: { address: '127.0.0.1', port: postgres.port },
        },
      });
      expect(JSON.stringify(span)).not.toMatch(/SELECT 7|traceparent/);
    },
  );

  test('a statement with a name never carries a comment: it is planned once under its name', async () => {
    release = instrumentPg(pg, { log, comments: true });
    const client = new pg.Client(postgres.url);
    await client.connect();
    for (let index = 0; index < 3; index += 1) {
      await withTrace({}, () =>
        client.query({ name: 'by-id', text: `SELECT $1::int AS ${mark}`, values: [index] }),
      );
    }
    const prepared = await client.query('SELECT statement FROM pg_prepared_statements');
    await client.end();
    expect(prepared.rows).toEqual([{ statement: `SELECT $1::int AS ${mark}` }]);
    expect(await logged(mark)).not.toContain('traceparent');
    expect(records({ kind: 'span' }).filter((span) => JSON.stringify(span).includes(mark))).toHaveLength(3);
  });

  test('drizzle’s prepared statements have names and stay as they are', async () => {
    release = instrumentPg(pg, { log, comments: true });
    const prepared = drizzle({ client: pool })
      .select({ email: drizzleSql.raw(`email AS ${mark}`) })
      .from(orders)
      .prepare(`by_${mark}`);
    await withTrace({}, () => prepared.execute());
    expect(await logged(mark)).not.toContain('traceparent');
  });

  test('comments are off unless asked for, and a sample takes whole traces', async () => {
    release = instrumentPg(pg, { log });
    await withTrace({}, () => pool.query(`SELECT 1 AS ${mark}off`));
    expect(await logged(`${mark}off`)).not.toContain('traceparent');
    release();
    release = instrumentPg(pg, { log, comments: { sample: 0.5 } });
    const low = `00-${'a'.repeat(24)}00000001-${'b'.repeat(16)}-01`;
    const high = `00-${'a'.repeat(24)}f0000000-${'b'.repeat(16)}-01`;
    await withTrace({ traceparent: low }, () => pool.query(`SELECT 1 AS ${mark}low`));
    await withTrace({ traceparent: high }, () => pool.query(`SELECT 1 AS ${mark}high`));
    expect(await logged(`${mark}low`)).toContain('traceparent');
    expect(await logged(`${mark}high`)).not.toContain('traceparent');
  });

  test('a failure has its SQLSTATE and no value, and reaches the caller as it is', async () => {
    release = instrumentPg(pg, { log, comments: true });
    const send = (): Promise<unknown> => pool.query(`INSERT INTO orders VALUES (8, 'kim@example.com')`);
    await expect(withTrace({}, send)).rejects.toMatchObject({
      code: '23505',
      constraint: 'orders_email_key',
    });
    await expect(pool.query(`SELECT 'secret-text'::int`)).rejects.toMatchObject({ code: '22P02' });
    expect(records({ kind: 'span' })).toMatchObject([
      {
        level: 'error',
        message: 'INSERT orders',
        attributes: {
          db: { response: { status_code: '23505' } },
          error: { type: '23505' },
          otel: { status_code: 'ERROR' },
        },
      },
      { attributes: { exception: { message: 'invalid input syntax for type integer: "?"' } } },
    ]);
    expect(JSON.stringify(records())).not.toMatch(/kim@example|secret-text/);
  });

  test('a statement that gets no connection stands in its request all the same, with where it could not connect to', async () => {
    release = instrumentPg(pg, { log, comments: true });
    const nowhere = new pg.Pool({ host: '127.0.0.1', port: await freePort(), database: 'shop' });
    const trace = 'd'.repeat(32);
    await withTrace({ traceparent: `00-${trace}-${'b'.repeat(16)}-01` }, async () => {
      await expect(nowhere.query('SELECT email FROM carts WHERE id = $1', [7])).rejects.toThrow(
        'ECONNREFUSED',
      );
      await new Promise<void>((resolve) => nowhere.query(`SELECT 'secret-text'`, () => resolve()));
      await expect(nowhere.connect()).rejects.toThrow('ECONNREFUSED');
    });
    expect(records({ kind: 'span' })).toMatchObject([
      {
        ...{ message: 'SELECT carts', level: 'error', trace_id: trace },
        attributes: {
          db: { query: { text: 'SELECT email FROM carts WHERE id = $1' }, system: { name: 'postgresql' } },
          ...{ error: { type: 'ECONNREFUSED' }, server: { address: '127.0.0.1' } },
        },
      },
      { message: 'SELECT', level: 'error', trace_id: trace },
    ]);
    expect(JSON.stringify(records())).not.toContain('secret-text');
    await nowhere.end();
  });

  test('requests that wait for a connection keep their own place in the trace', async () => {
    release = instrumentPg(pg, { log, comments: true });
    const traces = Array.from({ length: 40 }, (_, index) => index.toString(16).padStart(32, 'c'));
    await Promise.all(
      traces.map((trace, index) =>
        withTrace({ traceparent: `00-${trace}-${'b'.repeat(16)}-01` }, () =>
          pool.query(`SELECT ${index}, pg_sleep(0.002) AS ${mark}q${index}_`),
        ),
      ),
    );
    for (const [index, trace] of traces.entries()) {
      expect(await logged(`${mark}q${index}_`)).toContain(trace);
    }
  });

  test('beside OpenTelemetry’s instrumentation of pg a statement is one span', async () => {
    const processor = new SillokSpanProcessor({ log });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    provider.register();
    const theirs = new PgInstrumentation();
    theirs.setTracerProvider(provider);
    const loaded: typeof pg = createRequire(import.meta.url)('pg');
    release = instrumentPg(loaded, { log, comments: true });
    const client = new loaded.Client(postgres.url);
    await client.connect();
    clear();
    await withTrace({}, () => log.span('request', () => client.query(`SELECT 7 AS ${mark}`)));
    await client.end();
    theirs.disable();
    await provider.shutdown();
    context.disable();
    trace.disable();
    const spans = records({ kind: 'span' });
    expect(spans.map(({ message }) => message)).toEqual(['pg.query:SELECT postgres', 'request']);
    expect(spans[0]?.parent_span_id).toBe(spans[1]?.span_id);
    expect(await logged(mark)).toContain(String(spans[0]?.trace_id));
  });

  test('pg_stat_statements counts a statement once, whatever its comments, and shows the first one', async () => {
    await pool.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    await pool.query('CREATE TABLE counted (id int)');
    release = instrumentPg(pg, { log, comments: true });
    for (let index = 0; index < 5; index += 1) {
      await withTrace({}, () => pool.query(`SELECT id FROM counted WHERE id = ${index}`));
    }
    release();
    const { rows } = await pool.query(
      `SELECT calls::int, query FROM pg_stat_statements WHERE query LIKE 'SELECT id FROM counted%'`,
    );
    expect(rows).toMatchObject([{ calls: 5, query: expect.stringContaining('traceparent') }]);
  });
});
