/** Each way to run an audited transaction, on the real databases: commit, rollback, settlement, and the fence behind it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sillok, type Logger } from '@sillok/node';
import {
  Audit,
  createOutcomes,
  drizzleTransactions,
  knexTransactions,
  kyselyTransactions,
  mysqlTransactions,
  pgTransactions,
  prismaTransactions,
  typeormTransactions,
  type Transactions,
} from '@sillok/node/audit';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import knex from 'knex';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { mariadbMissing, startMariaDb } from './lib/mariadb.js';
import { postgresMissing, startPostgres } from './lib/postgres.js';
import {
  generatePrisma,
  prismaMissing,
  type GeneratedPrisma,
  type Prisma,
  type PrismaTx,
} from './lib/prisma.js';
import { readBoots } from './sdk/spools.js';

/** One library: its transactions, and a statement of its own kind inside of one. */
interface Library {
  readonly transactions: Transactions<never>;
  insert(tx: unknown, id: string): Promise<unknown>;
  close(): Promise<unknown>;
}

const CHANGE = { action: 'order.pay', entity: { type: 'order', id: '7' } } as const;
let spool = '';
let logger: Logger;
let generated: GeneratedPrisma;

beforeAll(async () => {
  if (prismaMissing === undefined) generated = await generatePrisma();
  spool = mkdtempSync(join(tmpdir(), 'sillok-adapters-'));
  logger = sillok({ service: 'adapters', spoolDirectory: spool, stdout: 'none', captureFatal: false });
});
afterAll(async () => {
  generated?.dispose();
  await logger.close();
  rmSync(spool, { recursive: true, force: true });
});

/** The types of the libraries' transactions differ; here only that they fit is of interest, which `open` has checked. */
function libraryOf<Tx>(
  transactions: Transactions<Tx>,
  insert: (tx: Tx, id: string) => Promise<unknown>,
  close: () => Promise<unknown>,
): Library {
  // A value of `Tx` only ever comes from these very transactions.
  return {
    transactions: transactions as unknown as Transactions<never>,
    insert: insert as Library['insert'],
    close,
  };
}

const INSERT = 'INSERT INTO orders (id) VALUES ($1)';

const ON_POSTGRES: Record<string, (url: string) => Promise<Library> | Library> = {
  pg(url) {
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    return libraryOf(
      pgTransactions(pool),
      (client, id) => client.query(INSERT, [id]),
      () => pool.end(),
    );
  },
  knex(url) {
    const db = knex({ client: 'pg', connection: url });
    return libraryOf(
      knexTransactions(db),
      async (tx, id) => tx('orders').insert({ id }),
      () => db.destroy(),
    );
  },
  kysely(url) {
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    const db = new Kysely<{ orders: { id: string } }>({ dialect: new PostgresDialect({ pool }) });
    const insert = async (tx: Pick<typeof db, 'insertInto'>, id: string) =>
      tx.insertInto('orders').values({ id }).execute();
    return libraryOf(kyselyTransactions(db, CompiledQuery.raw), insert, () => db.destroy());
  },
  drizzle(url) {
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    const db = drizzle(pool);
    const insert = async (tx: Pick<typeof db, 'execute'>, id: string) =>
      tx.execute(sql`INSERT INTO orders (id) VALUES (${id})`);
    return libraryOf(drizzleTransactions(db, sql), insert, () => pool.end());
  },
  async typeorm(url) {
    const source = await new DataSource({ type: 'postgres', url }).initialize();
    return libraryOf(
      typeormTransactions(source),
      (tx, id) => tx.query(INSERT, [id]),
      () => source.destroy(),
    );
  },
  prisma(url) {
    const prisma = generated.connect({ connectionString: url });
    const insert = async (tx: Pick<typeof prisma, 'order'>, id: string) => tx.order.create({ data: { id } });
    return libraryOf(prismaTransactions(prisma, { timeout: 60_000 }), insert, () => prisma.$disconnect());
  },
};

test('the work gets the client of its own library, by type', () => {
  const open = (pool: pg.Pool) => pgTransactions(pool);
  expectTypeOf(open).returns.toEqualTypeOf<Transactions<pg.PoolClient>>();
  // A pool without the form that takes a callback.
  interface Plain {
    readonly connect: () => Promise<pg.PoolClient>;
    readonly query: (sql: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;
  }
  const openPlain = (pool: Plain) => pgTransactions(pool);
  expectTypeOf(openPlain).returns.toEqualTypeOf<Transactions<pg.PoolClient>>();
});

async function checks(library: Library, count: (id: string) => Promise<number>): Promise<void> {
  const { transactions, insert } = library;
  await createOutcomes(transactions);
  await createOutcomes(transactions);
  const audit = new Audit({ logger, transactions: [transactions] });
  await audit.transaction(CHANGE, transactions, (tx: unknown) => insert(tx, 'kept'));
  expect(await count('kept')).toBe(1);
  const failing = audit.transaction(CHANGE, transactions, async (tx) => {
    await insert(tx, 'gone');
    throw new Error('declined');
  });
  await expect(failing).rejects.toThrow('declined');
  expect(await count('gone')).toBe(0);
  // Settled as rolled back while it had not begun: it can never be committed afterwards.
  const late = audit.transaction(
    CHANGE,
    {
      ...transactions,
      run: async (work) => {
        return transactions.run(async (tx, execute) => {
          const fenced: typeof execute = async (text, values) => {
            await transactions.execute(text.replace("'committed'", "'rolled_back'"), values);
            return execute(text, values);
          };
          return work(tx, fenced);
        });
      },
    },
    (tx) => insert(tx, 'late'),
  );
  await expect(late).rejects.toThrow();
  expect(await count('late')).toBe(0);
  expect(audit.open).toBe(0);
  await library.close();
}

describe.skipIf(postgresMissing !== undefined)('on PostgreSQL', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let pool: pg.Pool;
  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await postgres.stop();
  });

  const libraries = Object.keys(ON_POSTGRES).map((name) => ({
    name,
    missing: name === 'prisma' ? prismaMissing : undefined,
  }));
  for (const { name, missing } of libraries)
    test.skipIf(missing !== undefined)(`${name} commits, rolls back, and is fenced`, () => checkOne(name));

  async function checkOne(name: string): Promise<void> {
    await pool.query('DROP TABLE IF EXISTS orders, sillok_outcomes');
    await pool.query('CREATE TABLE orders (id text PRIMARY KEY, state text, audit_id text, member_id int)');
    const library = await ON_POSTGRES[name]?.(postgres.url);
    if (library === undefined) throw new Error(`no library ${name}`);
    await checks(
      library,
      async (id) => (await pool.query('SELECT 1 FROM orders WHERE id = $1', [id])).rows.length,
    );
  }
});

describe.skipIf(postgresMissing !== undefined || prismaMissing !== undefined)('Prisma’s own ends', () => {
  test('its generated types fit, and the work gets the transaction’s client', () => {
    generated.checkTypes(`
      import { prismaTransactions, type Transactions } from '@sillok/node/audit';
      import type { Prisma, PrismaClient } from './client/client.js';
      export function open(prisma: PrismaClient): Transactions<Prisma.TransactionClient> {
        const transactions = prismaTransactions(prisma, { timeout: 10_000 });
        void transactions.run(async (tx) => tx.order.update({ where: { id: '7' }, data: { state: 'paid' } }));
        const extended = prisma.$extends({ model: { order: { pay: async () => 7 } } });
        void prismaTransactions(extended).run(async (tx) => tx.order.pay());
        // @ts-expect-error a client of a transaction opens none of its own kind
        void transactions.run(async (tx) => tx.$disconnect());
        return transactions;
      }`);
  });

  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let prisma: Prisma;
  beforeAll(async () => {
    postgres = await startPostgres();
    prisma = generated.connect({ connectionString: postgres.url, max: 1 });
    await createOutcomes(prismaTransactions(prisma));
    await prisma.$executeRawUnsafe('CREATE TABLE orders (id text PRIMARY KEY)');
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await postgres.stop();
  });

  const outcomesOf = async (id: string): Promise<unknown[]> => {
    await logger.flush();
    return readBoots(spool)
      .flatMap(({ records }) => records)
      .filter(({ attributes }) => attributes?.['audit.id'] === id)
      .map(({ attributes }) => attributes?.['audit.outcome']);
  };

  test('a transaction that Prisma ends for taking too long is rolled back, and so recorded', async () => {
    const transactions = prismaTransactions(prisma, { timeout: 200 });
    const audit = new Audit({ logger, transactions: [transactions] });
    const slow = audit.transaction({ ...CHANGE, id: 'too-slow' }, transactions, async (tx) => {
      await tx.$executeRaw`INSERT INTO orders VALUES ('slow')`;
      await tx.$queryRaw`SELECT pg_sleep(0.6)::text`;
    });
    await expect(slow).rejects.toMatchObject({ code: 'P2028' });
    expect(await outcomesOf('too-slow')).toEqual(['intent', 'rolled_back']);
    expect(await prisma.$queryRaw`SELECT id FROM orders`).toEqual([]);
  });

  test('one that waits too long for a connection is rolled back, and so recorded', async () => {
    const transactions = prismaTransactions(prisma, { maxWait: 100 });
    const audit = new Audit({ logger, transactions: [transactions] });
    const work = async (tx: PrismaTx): Promise<unknown> =>
      tx.$executeRaw`INSERT INTO orders VALUES ('waited')`;
    await prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1`;
      const waiting = audit.transaction({ ...CHANGE, id: 'waited' }, transactions, work);
      await expect(waiting).rejects.toMatchObject({ code: 'P2028' });
    });
    expect(await outcomesOf('waited')).toEqual(['intent', 'rolled_back']);
    expect(await prisma.$queryRaw`SELECT id FROM orders`).toEqual([]);
  });
});

describe.skipIf(mariadbMissing !== undefined)('on MariaDB', () => {
  test('mysql2 commits, rolls back, and is fenced', async () => {
    const mariadb = await startMariaDb();
    const pool = mysql.createPool(mariadb.url);
    await pool.query('CREATE TABLE orders (id varchar(64) PRIMARY KEY)');
    const library = libraryOf(
      mysqlTransactions(pool),
      (connection, id) => connection.query('INSERT INTO orders (id) VALUES (?)', [id]),
      async () => undefined,
    );
    await checks(library, async (id) => {
      const [rows] = await pool.query('SELECT 1 FROM orders WHERE id = ?', [id]);
      return Array.isArray(rows) ? rows.length : -1;
    });
    await pool.end();
    await mariadb.stop();
  });
});
