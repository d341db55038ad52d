// __NAME__: reads everything once and counts. It changes nothing.
// 1. Say what is read (`items`) and what is counted (`each`).  2. sillok script --module ./__NAME__.mjs run __NAME__
import { defineScript } from '@sillok/admin';
import pg from 'pg';
import { z } from 'zod';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, allowExitOnIdle: true });

export const script = defineScript({
  name: '__NAME__',
  description: 'Counts orders by state, and lists those above an amount.',
  args: z.object({ above: z.number().default(1_000_000).describe('list orders above this amount') }),
  total: async () => Number((await pool.query('SELECT count(*) AS n FROM orders')).rows[0].n),
  // In pages by the primary key: a table of any size, and no long transaction.
  async *items() {
    for (let last = 0; ;) {
      const { rows } = await pool.query('SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT 1000', [last]);
      yield* rows;
      if (rows.length < 1000) return;
      last = rows.at(-1).id;
    }
  },
  key: ({ id }) => String(id),
  async each(order, { args, count, emit }) {
    count(`state ${order.state}`);
    count('amount', order.amount);
    // Into out.csv of the run.
    if (order.amount > args.above) emit({ id: order.id, state: order.state, amount: order.amount });
  },
});
