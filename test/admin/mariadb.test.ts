/** The admin API over a real MariaDB: its table in that dialect lets one of two calls through, and one of two approvals. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminError, createAdmin, defineAction, defineEntity } from '@sillok/admin';
import type { AdminActor } from '@sillok/admin/wire';
import { sillok, type Logger } from '@sillok/node';
import { Audit, createOutcomes, mysqlTransactions } from '@sillok/node/audit';
import mysql, { type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mariadbMissing, startMariaDb, type MariaDb } from '../lib/mariadb.js';
import { readBoots } from '../sdk/spools.js';

const kim: AdminActor = { id: 'user:kim', name: 'Kim', role: 'member' };
const lee: AdminActor = { id: 'user:lee', name: 'Lee', role: 'admin' };

function adminOf(pool: Pool, logger: Logger) {
  const transactions = mysqlTransactions<PoolConnection>(pool);
  const order = defineEntity({
    type: 'order',
    title: 'Order',
    fields: z.object({ id: z.coerce.string(), city: z.string(), amount: z.number() }),
    id: ({ id }) => id,
    transactions,
    search: async (db) => ({
      rows: (await db.query<RowDataPacket[]>('SELECT * FROM orders ORDER BY id'))[0],
    }),
    find: async (db, id, { lock }) =>
      (
        await db.query<RowDataPacket[]>(`SELECT * FROM orders WHERE id = ?${lock ? ' FOR UPDATE' : ''}`, [id])
      )[0][0],
  });
  const move = defineAction(order, {
    name: 'move',
    title: 'Change the city',
    input: z.object({ city: z.string().min(1) }),
    run: ({ db, id, input }) => db.query('UPDATE orders SET city = ? WHERE id = ?', [input.city, id]),
  });
  const refund = defineAction(order, {
    name: 'refund',
    title: 'Refund',
    input: z.object({ amount: z.number().int().min(1) }),
    fourEyes: true,
    run: ({ db, id, input }) =>
      db.query('UPDATE orders SET amount = amount - ? WHERE id = ?', [input.amount, id]),
  });
  const admin = createAdmin({
    service: 'shop',
    secret: 'a-secret-of-these-tests-that-is-long-enough',
    audit: new Audit({ logger, transactions: [transactions] }),
    logger,
    entities: [order],
    actions: [move, refund],
  });
  return { admin, transactions };
}

describe.skipIf(mariadbMissing !== undefined)('the admin API over MariaDB', () => {
  let mariadb: MariaDb;
  let pool: Pool;
  let logger: Logger;
  let shop: ReturnType<typeof adminOf>;
  const folder = mkdtempSync(join(tmpdir(), 'sillok-admin-mariadb-'));

  beforeAll(async () => {
    mariadb = await startMariaDb();
    const root = await mysql.createConnection({ uri: mariadb.url });
    await root.query('CREATE DATABASE shop CHARACTER SET utf8mb4');
    await root.end();
    pool = mysql.createPool({ uri: mariadb.url, database: 'shop', connectionLimit: 8 });
    await pool.query('CREATE TABLE orders (id int PRIMARY KEY, city varchar(40), amount int) ENGINE=InnoDB');
    await pool.query(`INSERT INTO orders VALUES (1, '서울', 1000), (2, '부산', 2000), (3, '광주', 3000)`);
    logger = sillok({ service: 'shop', spoolDirectory: folder, stdout: 'none', captureFatal: false });
    shop = adminOf(pool, logger);
    // Both may be repeated: a service does so at each start.
    for (let start = 0; start < 2; start += 1) {
      await createOutcomes(shop.transactions);
      await shop.admin.createTables();
    }
  });
  afterAll(async () => {
    await logger?.close();
    await pool?.end();
    await mariadb?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const order = async (id: number) =>
    (await pool.query<RowDataPacket[]>('SELECT city, amount FROM orders WHERE id = ?', [id]))[0][0];

  async function committed(action: string): Promise<object[]> {
    await logger.flush();
    return readBoots(folder)
      .flatMap((boot) => boot.records)
      .map(({ attributes }) => attributes ?? {})
      .filter((each) => each['audit.action'] === action && each['audit.outcome'] === 'committed');
  }

  test('shows what an action would change, and changes nothing', async () => {
    const { admin } = shop;
    const planned = await admin.plan(
      kim,
      { type: 'order', action: 'move' },
      { id: '1', input: { city: '대구' } },
    );
    expect(planned.diff).toEqual([{ path: 'city', before: '서울', after: '대구' }]);
    expect(await order(1)).toEqual({ city: '서울', amount: 1000 });
  });

  test('does a call once, sent twice, at the same time, and by two instances of the service', async () => {
    const name = { type: 'order', action: 'move' };
    const body = { id: '1', input: { city: '대구' }, key: 'intention-1' };
    const twice = await Promise.all([shop.admin.run(kim, name, body), shop.admin.run(kim, name, body)]);
    const elsewhere = await adminOf(pool, logger).admin.run(kim, name, body);
    expect(new Set([...twice, elsewhere].map(({ audit_id }) => audit_id)).size).toBe(1);
    expect([...twice, elsewhere].filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await order(1)).toEqual({ city: '대구', amount: 1000 });
    expect(await committed('order.move')).toHaveLength(1);
  });

  test('lets one of two approvals through, never the one who asked', async () => {
    const { admin } = shop;
    const name = { type: 'order', action: 'refund' };
    const { state, request } = await admin.run(kim, name, {
      id: '2',
      input: { amount: 500 },
      key: 'ask-1',
    });
    expect([state, await order(2)]).toEqual(['requested', { city: '부산', amount: 2000 }]);
    const approve = (actor: AdminActor) =>
      admin.decide(actor, { id: request ?? '', decision: 'approve', key: `key-of-${actor.id}` });
    await expect(approve({ ...kim, role: 'admin' })).rejects.toMatchObject({ code: 'approval_refused' });
    const results = await Promise.allSettled([
      approve(lee),
      approve({ ...lee, id: 'user:park', name: 'Park' }),
    ]);
    expect(results.map((each) => each.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [refused] = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toBeInstanceOf(AdminError);
    expect(refused).toMatchObject({ code: 'approval_refused' });
    expect(await order(2)).toEqual({ city: '부산', amount: 1500 });
    expect(await committed('order.refund')).toHaveLength(1);
    expect(await admin.requests(kim)).toMatchObject([{ state: 'approved', entity: '2' }]);
  });

  test('a change that the database refuses is rolled back, and may be asked for again by the same call', async () => {
    const name = { type: 'order', action: 'move' };
    const body = { id: '3', input: { city: '가'.repeat(41) }, key: 'intention-2' };
    await expect(shop.admin.run(kim, name, body)).rejects.toMatchObject({ code: 'action_failed' });
    expect(await order(3)).toEqual({ city: '광주', amount: 3000 });
    const done = await shop.admin.run(kim, name, { ...body, input: { city: '여수' } });
    expect([done.state, (await order(3))?.['city']]).toEqual(['done', '여수']);
  });
});
