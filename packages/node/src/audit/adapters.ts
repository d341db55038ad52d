/**
 * Transactions of the libraries that people use, as `Transactions`: a few lines each, against the smallest shape of the
 * library that they need, so that none of them is a dependency.
 */
import type { Execute, Transactions } from './outcomes.js';

type Rows = readonly { readonly [column: string]: unknown }[];

interface PgClient {
  query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  release(error?: Error | boolean): void;
}
interface PgPool {
  connect(): Promise<PgClient>;
  query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * What a pool's `connect` resolves with. pg's has a second form with a callback, and inference looks at the last form only:
 * so it is told both.
 */
type PgClientOf<P extends PgPool> = P extends {
  connect: { (): Promise<infer C>; (callback: never): unknown };
}
  ? C extends PgClient
    ? C
    : Awaited<ReturnType<P['connect']>>
  : Awaited<ReturnType<P['connect']>>;

/** node-postgres. `name` tells two databases of one service apart. */
export function pgTransactions<P extends PgPool>(pool: P, name = 'postgres'): Transactions<PgClientOf<P>> {
  return {
    name,
    dialect: 'postgres',
    execute: async (sql, values) => rowsOf((await pool.query(sql, [...values])).rows),
    async run(work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        // What this very pool's `connect` resolves with.
        const value = await work(client as PgClientOf<P>, async (sql, values) =>
          rowsOf((await client.query(sql, [...values])).rows),
        );
        await client.query('COMMIT');
        return value;
      } catch (error) {
        broken = await tryRollback(() => client.query('ROLLBACK'));
        throw error;
      } finally {
        client.release(broken);
      }
    },
  };
}

/** A connection on which not even ROLLBACK works must not go back into the pool. */
async function tryRollback(rollback: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await rollback();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

interface MysqlConnection {
  beginTransaction(): Promise<unknown>;
  commit(): Promise<unknown>;
  rollback(): Promise<unknown>;
  query(sql: string, values?: unknown[]): Promise<[unknown, unknown]>;
  release(): void;
  destroy(): void;
}
interface MysqlPool<C extends MysqlConnection> {
  getConnection(): Promise<C>;
  query(sql: string, values?: unknown[]): Promise<[unknown, unknown]>;
}

/** mysql2/promise, for MySQL and MariaDB with InnoDB. */
export function mysqlTransactions<C extends MysqlConnection>(
  pool: MysqlPool<C>,
  name = 'mysql',
): Transactions<C> {
  return {
    name,
    dialect: 'mysql',
    execute: async (sql, values) => rowsOf((await pool.query(sql, [...values]))[0]),
    async run(work) {
      const connection = await pool.getConnection();
      let broken: Error | undefined;
      try {
        await connection.beginTransaction();
        const execute: Execute = async (sql, values) => rowsOf((await connection.query(sql, [...values]))[0]);
        const value = await work(connection, execute);
        await connection.commit();
        return value;
      } catch (error) {
        broken = await tryRollback(() => connection.rollback());
        throw error;
      } finally {
        if (broken === undefined) connection.release();
        else connection.destroy();
      }
    },
  };
}

interface KnexLike<Tx> {
  raw(sql: string, values: readonly string[]): PromiseLike<unknown>;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** knex on PostgreSQL (`client: 'pg'`). */
export function knexTransactions<
  Tx extends { raw(sql: string, values: readonly string[]): PromiseLike<unknown> },
>(knex: KnexLike<Tx>, name = 'postgres'): Transactions<Tx> {
  const executeOn =
    (target: { raw(sql: string, values: readonly string[]): PromiseLike<unknown> }): Execute =>
    async (sql, values) =>
      rowsIn(await target.raw(sql.replaceAll(/\$\d/g, '?'), values));
  return {
    name,
    dialect: 'postgres',
    execute: executeOn(knex),
    run: (work) => knex.transaction((tx) => work(tx, executeOn(tx))),
  };
}

interface KyselyLike<Tx> {
  transaction(): { execute<T>(work: (tx: Tx) => Promise<T>): Promise<T> };
  executeQuery(query: never): Promise<{ rows: unknown[] }>;
}

/** Kysely on PostgreSQL. `compiled` is `CompiledQuery.raw` of the kysely that made `db`. */
export function kyselyTransactions<Tx extends { executeQuery(query: never): Promise<{ rows: unknown[] }> }>(
  db: KyselyLike<Tx>,
  compiled: (sql: string, values: unknown[]) => unknown,
  name = 'postgres',
): Transactions<Tx> {
  const executeOn =
    (target: { executeQuery(query: never): Promise<{ rows: unknown[] }> }): Execute =>
    async (sql, values) =>
      // Made by kysely's own `CompiledQuery.raw`, whose type is not named here.
      rowsOf((await target.executeQuery(compiled(sql, [...values]) as never)).rows);
  return {
    name,
    dialect: 'postgres',
    execute: executeOn(db),
    run: (work) => db.transaction().execute((tx) => work(tx, executeOn(tx))),
  };
}

interface DrizzleLike<Tx> {
  execute(query: never): PromiseLike<unknown>;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** What is used of drizzle-orm's `sql`. */
interface DrizzleSql {
  raw(text: string): unknown;
  param(value: string): unknown;
  join(parts: never[]): unknown;
}

/** Drizzle on PostgreSQL. `sql` is that of drizzle-orm. */
export function drizzleTransactions<Tx extends { execute(query: never): PromiseLike<unknown> }>(
  db: DrizzleLike<Tx>,
  sql: DrizzleSql,
  name = 'postgres',
): Transactions<Tx> {
  const executeOn =
    (target: { execute(query: never): PromiseLike<unknown> }): Execute =>
    async (text, values) => {
      const parts = text.split(/\$\d/).flatMap((part, index) => {
        const value = values[index];
        return value === undefined ? [sql.raw(part)] : [sql.raw(part), sql.param(value)];
      });
      // Pieces made by drizzle's own `sql`, whose types are not named here.
      return rowsIn(await target.execute(sql.join(parts as never[]) as never));
    };
  return {
    name,
    dialect: 'postgres',
    execute: executeOn(db),
    run: (work) => db.transaction((tx) => work(tx, executeOn(tx))),
  };
}

interface TypeormLike<Tx> {
  query(sql: string, values?: unknown[]): Promise<unknown>;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** TypeORM's `DataSource` on PostgreSQL. */
export function typeormTransactions<Tx extends { query(sql: string, values?: unknown[]): Promise<unknown> }>(
  source: TypeormLike<Tx>,
  name = 'postgres',
): Transactions<Tx> {
  const executeOn =
    (target: { query(sql: string, values?: unknown[]): Promise<unknown> }): Execute =>
    async (sql, values) =>
      rowsOf(await target.query(sql, [...values]));
  return {
    name,
    dialect: 'postgres',
    execute: executeOn(source),
    run: (work) => source.transaction((tx) => work(tx, executeOn(tx))),
  };
}

interface PrismaQueries {
  $queryRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<unknown>;
  $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<unknown>;
}

/** Prisma's own, in milliseconds. By default it gives up 2 s of waiting for a connection and 5 s of work. */
interface PrismaLimits {
  readonly maxWait?: number;
  readonly timeout?: number;
}

interface PrismaLike<Tx> extends PrismaQueries {
  $transaction<T>(work: (tx: Tx) => Promise<T>, limits?: PrismaLimits): Promise<T>;
}

/** Prisma on PostgreSQL: a `PrismaClient`, also an extended one. */
export function prismaTransactions<Tx extends PrismaQueries>(
  prisma: PrismaLike<Tx>,
  { name = 'postgres', ...limits }: PrismaLimits & { readonly name?: string } = {},
): Transactions<Tx> {
  // Prisma has one call for rows and one for their count.
  const executeOn =
    (target: PrismaQueries): Execute =>
    async (sql, values) => {
      if (sql.startsWith('SELECT')) return rowsOf(await target.$queryRawUnsafe(sql, ...values));
      await target.$executeRawUnsafe(sql, ...values);
      return [];
    };
  return {
    name,
    dialect: 'postgres',
    execute: executeOn(prisma),
    run: (work) => prisma.$transaction((tx) => work(tx, executeOn(tx)), limits),
  };
}

function rowsIn(result: unknown): Rows {
  return typeof result === 'object' && result !== null && 'rows' in result
    ? rowsOf(result.rows)
    : rowsOf(result);
}

function rowsOf(rows: unknown): Rows {
  return Array.isArray(rows)
    ? rows.filter((row): row is Rows[number] => typeof row === 'object' && row !== null)
    : [];
}
