/** The business of these tests: orders and coupons in a real PostgreSQL, and the admin API over them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  adminHandler,
  createAdmin,
  defineAction,
  defineCreation,
  defineEntity,
  defineScript,
} from '@sillok/admin';
import type { Logger } from '@sillok/node';
import { Audit, AuditDenied, createOutcomes, pgTransactions, type Transactions } from '@sillok/node/audit';
import type pg from 'pg';
import { z } from 'zod';

export const SECRET = 'a-secret-of-these-tests-that-is-long-enough';
export const BASE = '/internal/admin';

const TABLES = `
CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL, amount int NOT NULL, state text NOT NULL,
  phone text NOT NULL, address jsonb NOT NULL, secret_note text DEFAULT 'never shown',
  marks int NOT NULL DEFAULT 0);
CREATE TABLE coupons (id serial PRIMARY KEY, code text UNIQUE NOT NULL, percent int NOT NULL);
INSERT INTO orders SELECT n, 'tea ' || n, n * 1000, 'paid', '010-1234-' || lpad(n::text, 4, '0'),
  '{"city":"서울","zip":"04524"}' FROM generate_series(1, 45) AS n`;

export async function makeTables(pool: pg.Pool): Promise<void> {
  await pool.query(TABLES);
}

type Database = Transactions<pg.PoolClient>;

function orders(transactions: Database) {
  return defineEntity({
    type: 'order',
    title: { en: 'Order', ko: '주문' },
    fields: z.object({
      id: z.coerce.string(),
      item: z.string(),
      amount: z.number().meta({ title: '금액' }),
      state: z.enum(['paid', 'refunded']),
      phone: z.string(),
      address: z.object({ city: z.string(), zip: z.string() }),
    }),
    id: ({ id }) => id,
    list: ['id', 'item', 'amount', 'state', 'phone'],
    personal: { fields: ['phone'], role: 'admin' },
    transactions,
    async search(client, { text, limit, cursor }) {
      const { rows } = await client.query(
        'SELECT * FROM orders WHERE (item LIKE $1 OR phone = $2) AND id > $3 ORDER BY id LIMIT $4',
        [`%${text}%`, text, Number(cursor ?? 0), limit + 1],
      );
      const next = rows.length > limit ? String(rows[limit - 1].id) : undefined;
      return { rows: rows.slice(0, limit), next };
    },
    async find(client, id, { lock }) {
      if (!/^\d{1,9}$/.test(id)) return undefined;
      const { rows } = await client.query(`SELECT * FROM orders WHERE id = $1${lock ? ' FOR UPDATE' : ''}`, [
        id,
      ]);
      return rows[0];
    },
  });
}

function orderActions(order: ReturnType<typeof orders>) {
  const changeAddress = defineAction(order, {
    name: 'change-address',
    title: { en: 'Change the address', ko: '주소 변경' },
    description: {
      en: 'For orders that are not on their way yet.',
      ko: '아직 출발하지 않은 주문만 바꿉니다.',
    },
    input: z.object({
      city: z.string().min(1).max(40).describe('City'),
      zip: z.string().regex(/^\d{5}$/, 'five digits'),
    }),
    reason: 'required',
    run: ({ db, id, input }) =>
      db.query('UPDATE orders SET address = $2 WHERE id = $1', [id, JSON.stringify(input)]),
  });
  const refund = defineAction(order, {
    name: 'refund',
    title: { en: 'Refund', ko: '환불' },
    input: z.object({ amount: z.number().int().min(1) }),
    reason: 'required',
    fourEyes: true,
    isDangerous: true,
    refuse: (row) => (row.state === 'refunded' ? 'It was refunded before.' : undefined),
    async run({ db, id, row, input }) {
      if (input.amount > row.amount) throw new AuditDenied('That is more than was paid.');
      await db.query(`UPDATE orders SET state = 'refunded', amount = amount - $2 WHERE id = $1`, [
        id,
        input.amount,
      ]);
    },
  });
  const broken = defineAction(order, {
    name: 'break',
    title: 'Break',
    input: z.object({}),
    role: 'owner',
    run: ({ db, id }) => db.query('UPDATE orders SET amount = NULL WHERE id = $1', [id]),
  });
  return [changeAddress, refund, broken] as const;
}

function coupons(transactions: Database) {
  const coupon = defineEntity({
    type: 'coupon',
    title: 'Coupon',
    fields: z.object({ id: z.coerce.string(), code: z.string(), percent: z.number() }),
    id: ({ id }) => id,
    role: 'member',
    transactions,
    search: async (client) => ({ rows: (await client.query('SELECT * FROM coupons ORDER BY id')).rows }),
    find: async (client, id) => (await client.query('SELECT * FROM coupons WHERE id = $1', [id])).rows[0],
  });
  const create = defineCreation(coupon, {
    name: 'create',
    title: { en: 'New coupon', ko: '새 쿠폰' },
    input: z.object({ code: z.string().min(3), percent: z.number().int().min(1).max(90) }),
    async run({ db, input }) {
      const { rows } = await db.query('INSERT INTO coupons (code, percent) VALUES ($1, $2) RETURNING id', [
        input.code,
        input.percent,
      ]);
      return String(rows[0].id);
    },
  });
  const remove = defineAction(coupon, {
    name: 'remove',
    title: 'Remove',
    input: z.object({}),
    run: ({ db, id }) => db.query('DELETE FROM coupons WHERE id = $1', [id]),
  });
  return { coupon, create, remove };
}

function raisePrices(transactions: Database) {
  return defineScript({
    name: 'raise-amounts',
    description: 'Raises the amount of every order by a per cent.',
    owner: 'kim',
    role: 'member',
    isDestructive: true,
    args: z.object({ percent: z.number().min(1).max(50).describe('per cent') }),
    items: async () => transactions.execute('SELECT id FROM orders WHERE id > 40 ORDER BY id', []),
    key: ({ id }) => String(id),
    async each({ id }, { args, transaction }) {
      const change = { action: 'order.raise', entity: { type: 'order', id: String(id) } };
      await transaction(change, transactions, async (client, entry) => {
        const { rows } = await client.query('SELECT amount FROM orders WHERE id = $1 FOR UPDATE', [id]);
        const amount = Math.round(rows[0].amount * (1 + args.percent / 100));
        await client.query('UPDATE orders SET amount = $2 WHERE id = $1', [id, amount]);
        entry.before(rows[0]);
        entry.after({ amount });
      });
    },
  });
}

/** Needs a second person. `turn` resolves when the next item of an apply may be written. */
function markOrders(transactions: Database, turn: () => Promise<void>) {
  return defineScript({
    name: 'mark-orders',
    description: 'Marks every order.',
    isDestructive: true,
    fourEyes: true,
    args: z.object({}),
    items: async () => transactions.execute('SELECT id FROM orders ORDER BY id', []),
    key: ({ id }) => String(id),
    async each({ id }, { transaction, isDryRun }) {
      if (!isDryRun) await turn();
      const change = { action: 'order.mark', entity: { type: 'order', id: String(id) } };
      await transaction(change, transactions, async (client, entry) => {
        const { rows } = await client.query('SELECT marks FROM orders WHERE id = $1 FOR UPDATE', [id]);
        await client.query('UPDATE orders SET marks = marks + 1 WHERE id = $1', [id]);
        entry.before(rows[0]);
        entry.after({ marks: rows[0].marks + 1 });
      });
    },
  });
}

export function shopAdmin(pool: pg.Pool, logger: Logger, turn = async (): Promise<void> => undefined) {
  const transactions = pgTransactions(pool);
  const audit = new Audit({ logger, transactions: [transactions] });
  const order = orders(transactions);
  const { coupon, create, remove } = coupons(transactions);
  const admin = createAdmin({
    service: 'shop',
    secret: SECRET,
    audit,
    logger,
    entities: [order, coupon],
    actions: [...orderActions(order), create, remove],
    scripts: [raisePrices(transactions), markOrders(transactions, turn)],
  });
  return {
    admin,
    async createTables() {
      await createOutcomes(transactions);
      await admin.createTables();
    },
  };
}

export type ShopAdmin = ReturnType<typeof shopAdmin>['admin'];

export async function listenOn(admin: ShopAdmin): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(adminHandler(admin, { base: BASE }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Bound to an address, so it is no pipe.
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}${BASE}` };
}
