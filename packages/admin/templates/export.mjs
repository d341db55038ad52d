// __NAME__: writes rows to a CSV file that is safe to open in a spreadsheet: out.csv in the folder of the run.
// sillok script --module ./__NAME__.mjs run __NAME__ --state paid
import { defineScript } from '@sillok/admin';
import pg from 'pg';
import { z } from 'zod';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, allowExitOnIdle: true });

export const script = defineScript({
  name: '__NAME__',
  description: 'Exports orders of one state.',
  args: z.object({ state: z.string().default('paid').describe('which orders') }),
  async *items({ args }) {
    for (let last = 0; ;) {
      const sql = 'SELECT * FROM orders WHERE state = $1 AND id > $2 ORDER BY id LIMIT 1000';
      const { rows } = await pool.query(sql, [args.state, last]);
      yield* rows;
      if (rows.length < 1000) return;
      last = rows.at(-1).id;
    }
  },
  key: ({ id }) => String(id),
  async each({ id, state, amount }, { emit }) {
    // Name the columns one by one: what is not named does not leave the database.
    emit({ id, state, amount });
  },
});
