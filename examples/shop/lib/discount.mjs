// A script as a team runs it over its own data: tried first, applied as it was seen. `tools/console-images.mjs` starts it, too.
import { defineScript } from '@sillok/admin';
import { z } from 'zod';

const ORDERS_MAX = 500;

export function discountItem(transactions) {
  return defineScript({
    name: 'discount-item',
    description: 'Takes a per cent off every paid order of one item, because its price was wrong.',
    owner: 'orders team',
    role: 'member',
    isDestructive: true,
    args: z.object({
      item: z.enum(['tea', 'cup', 'kettle']).describe('item'),
      percent: z.number().min(1).max(50).describe('per cent'),
    }),
    items: ({ args }) =>
      transactions.execute('SELECT id FROM orders WHERE item = $1 AND paid ORDER BY id LIMIT $2', [
        args.item,
        ORDERS_MAX,
      ]),
    key: ({ id }) => String(id),
    async each({ id }, { args, transaction }) {
      const change = { action: 'order.discount', entity: { type: 'order', id: String(id) } };
      await transaction(change, transactions, async (client, entry) => {
        const { rows } = await client.query('SELECT amount FROM orders WHERE id = $1 FOR UPDATE', [id]);
        const amount = Math.round(rows[0].amount * (1 - args.percent / 100));
        await client.query('UPDATE orders SET amount = $2 WHERE id = $1', [id, amount]);
        entry.before({ amount: rows[0].amount });
        entry.after({ amount });
      });
    },
  });
}
