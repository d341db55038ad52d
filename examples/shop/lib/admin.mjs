// Orders as CX staff see them in Sillok's console: found, read, refunded with a reason, corrected by two people. It listens on a port of its own, which only
// Sillok's server is told; without a secret there is none.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { adminHandler, createAdmin, defineAction, defineEntity } from '@sillok/admin';
import { Audit, createOutcomes, pgTransactions } from '@sillok/node/audit';
import { z } from 'zod';
import { db } from './database.mjs';
import { discountItem } from './discount.mjs';

const transactions = pgTransactions(db);

const order = defineEntity({
  type: 'order',
  title: { en: 'Order', ko: '주문' },
  fields: z.object({
    id: z.coerce.string(),
    item: z.string(),
    quantity: z.number(),
    amount: z.number(),
    paid: z.boolean(),
    member_id: z.coerce.string(),
  }),
  id: (row) => row.id,
  transactions,
  async search(client, { text, limit, cursor = '9000000000000' }) {
    const { rows } = await client.query(
      'SELECT * FROM orders WHERE (item ILIKE $1 OR id::text = $2) AND id < $3 ORDER BY id DESC LIMIT $4',
      [`%${text}%`, text, cursor, limit],
    );
    return { rows, next: rows.length < limit ? undefined : String(rows.at(-1).id) };
  },
  async find(client, id, { lock }) {
    if (!/^\d{1,15}$/.test(id)) return undefined;
    const sql = `SELECT * FROM orders WHERE id = $1 ${lock ? 'FOR UPDATE' : ''}`;
    return (await client.query(sql, [id])).rows[0];
  },
});

const refund = defineAction(order, {
  name: 'refund',
  title: { en: 'Refund', ko: '환불' },
  description: { en: 'Pays the whole amount back.', ko: '전액을 돌려줍니다.' },
  input: z.object({}),
  reason: 'required',
  isDangerous: true,
  refuse: (row) => (row.paid ? undefined : 'It is not paid.'),
  async run({ db: client, id, row }) {
    await client.query('UPDATE orders SET paid = false WHERE id = $1', [id]);
    await client.query('INSERT INTO payments (order_id, amount) VALUES ($1, $2)', [id, -row.amount]);
  },
});

const correctAmount = defineAction(order, {
  name: 'correct-amount',
  title: { en: 'Correct the amount', ko: '금액 정정' },
  description: { en: 'A second person approves it.', ko: '다른 사람이 승인해야 바뀝니다.' },
  input: z.object({ amount: z.number().int().min(0).max(1_000_000).describe('amount') }),
  reason: 'required',
  fourEyes: true,
  refuse: (row) => (row.paid ? undefined : 'It is not paid.'),
  run: ({ db: client, id, input }) =>
    client.query('UPDATE orders SET amount = $2 WHERE id = $1', [id, input.amount]),
});

/** It ends with the process. */
export async function serveAdmin(logger) {
  const { SHOP_ADMIN_PORT: port = '0', SHOP_ADMIN_SECRET: secret } = process.env;
  if (secret === undefined) return;
  const audit = new Audit({ logger, transactions: [transactions] });
  const admin = createAdmin({
    ...{ service: 'shop', secret, audit, logger },
    entities: [order],
    actions: [refund, correctAmount],
    scripts: [discountItem(transactions)],
  });
  await createOutcomes(transactions);
  await admin.createTables();
  const server = createServer(adminHandler(admin)).listen(Number(port), '127.0.0.1');
  await once(server, 'listening');
}
