// __NAME__: fills a field that older rows do not have.
// 1. Say which rows lack it (`items`) and what it is to be (`each`).
// 2. sillok script --module ./__NAME__.mjs run __NAME__          a dry run: shows each change, makes none
// 3. … run __NAME__ --apply --plan PLAN                          with the plan that the dry run printed
import { defineScript } from '@sillok/admin';
import { createOutcomes, pgTransactions } from '@sillok/node/audit';
import pg from 'pg';
import { z } from 'zod';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, allowExitOnIdle: true });
const transactions = pgTransactions(pool);

export const script = defineScript({
  name: '__NAME__',
  description: 'Gives a currency to orders from the time before there were several.',
  isDestructive: true,
  args: z.object({ currency: z.enum(['KRW', 'USD']).default('KRW').describe('what they get') }),
  async items() {
    await createOutcomes(transactions);
    return (await pool.query('SELECT id FROM orders WHERE currency IS NULL ORDER BY id')).rows;
  },
  key: ({ id }) => String(id),
  async each({ id }, { args, skip, transaction }) {
    const change = { action: 'order.backfill_currency', entity: { type: 'order', id: String(id) } };
    await transaction(change, transactions, async (client, entry) => {
      const { rows } = await client.query('SELECT * FROM orders WHERE id = $1 FOR UPDATE', [id]);
      const [order] = rows;
      if (order === undefined || order.currency !== null) skip('it has one by now');
      entry.before(order);
      const sql = 'UPDATE orders SET currency = $2 WHERE id = $1 RETURNING *';
      entry.after((await client.query(sql, [id, args.currency])).rows[0]);
    });
  },
});
