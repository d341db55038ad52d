// __NAME__: takes rows from a CSV file. A row that does not fit is named with its line, and the others go on.
// sillok script --module ./__NAME__.mjs run __NAME__ --file rows.csv
import { readFileSync } from 'node:fs';
import { defineScript, readCsv } from '@sillok/admin';
import { createOutcomes, pgTransactions } from '@sillok/node/audit';
import pg from 'pg';
import { z } from 'zod';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, allowExitOnIdle: true });
const transactions = pgTransactions(pool);

/** The file's columns, as text, checked and turned into what the database takes. */
const rowShape = z.object({
  id: z.coerce.number().int(),
  state: z.string().min(1),
  amount: z.coerce.number().int(),
});

export const script = defineScript({
  name: '__NAME__',
  description: 'Brings orders of a CSV file with the columns id, state and amount into the database.',
  isDestructive: true,
  args: z.object({ file: z.string().describe('path of the CSV file') }),
  async items({ args }) {
    await createOutcomes(transactions);
    return readCsv(readFileSync(args.file, 'utf8')).map((row, index) => ({ row, line: index + 2 }));
  },
  key: ({ line }) => `line ${line}`,
  async each({ row }, { transaction }) {
    const order = rowShape.parse(row);
    const change = { action: 'order.import', entity: { type: 'order', id: String(order.id) } };
    await transaction(change, transactions, async (client, entry) => {
      const { rows } = await client.query('SELECT * FROM orders WHERE id = $1 FOR UPDATE', [order.id]);
      if (rows[0] !== undefined) entry.before(rows[0]);
      const sql = `INSERT INTO orders (id, state, amount) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state, amount = EXCLUDED.amount RETURNING *`;
      entry.after((await client.query(sql, [order.id, order.state, order.amount])).rows[0]);
    });
  },
});
