// __NAME__: makes another system agree with the database, one call per row that differs.
// For a copy in a database or a search index, `sillok replay` does it from the audit trail: docs/guides/replay.md.
// sillok script --module ./__NAME__.mjs run __NAME__ --target http://127.0.0.1:8080/orders
import { defineScript } from '@sillok/admin';
import pg from 'pg';
import { z } from 'zod';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, allowExitOnIdle: true });

async function call(url, options) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(10_000) });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.status === 204 ? undefined : response.json();
}

export const script = defineScript({
  name: '__NAME__',
  description: 'Brings the state of each order to the system of the warehouse.',
  isDestructive: true,
  args: z.object({ target: z.url().describe('where the other system has its orders') }),
  items: async () => (await pool.query('SELECT id, state FROM orders ORDER BY id')).rows,
  key: ({ id }) => String(id),
  async each({ id, state }, { args, count, skip, write }) {
    const url = `${args.target}/${id}`;
    const there = await call(url);
    if (there?.state === state) skip('it agrees');
    count(there === undefined ? 'missing' : 'different');
    // Without a transaction: at least once, so the other system must take the same call twice.
    const entity = { type: 'order', id: String(id) };
    await write({ action: 'order.sync', entity, before: there, after: { state } }, () =>
      call(url, {
        method: 'PUT',
        body: JSON.stringify({ state }),
        headers: { 'content-type': 'application/json' },
      }),
    );
  },
});
