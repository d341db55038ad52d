// Orders: stock, payment, a row, a message to the worker.
import { identify, setContext, span } from '@sillok/node';
import { withAttempt } from '@sillok/node/outgoing';
import { serveAdmin } from '../lib/admin.mjs';
import { db } from '../lib/database.mjs';
import { publish } from '../lib/queue.mjs';
import { call, createService, listen } from '../lib/service.mjs';
import { isOn } from '../lib/stories.mjs';

const { STOCK_URL, PAYMENTS_URL } = process.env;
const TRIES_MAX = 3;
const { app, log } = createService('orders', '1.9.2');

app.get('/orders', async (request, response, next) => {
  try {
    // Stands for a query without an index: as slow, and without burning this machine.
    const wait = isOn('slow-query') ? 1.2 : 0;
    const { rows } = await db.query(
      `SELECT o.id, o.item, o.quantity, o.amount, o.paid FROM orders o, pg_sleep($2) WHERE o.member_id = $1 ORDER BY o.id DESC LIMIT 20`,
      [memberOf(request), wait],
    );
    response.json(rows);
  } catch (error) {
    next(error);
  }
});

app.post('/orders', async (request, response, next) => {
  const { item, quantity } = request.body;
  try {
    const { amount } = await call(`${STOCK_URL}/reserve`, { body: { item, quantity } });
    const { rows } = await db.query(
      'INSERT INTO orders (member_id, item, quantity, amount) VALUES ($1, $2, $3, $4) RETURNING id',
      [memberOf(request), item, quantity, amount],
    );
    const id = Number(rows[0].id);
    setContext({ order: { id } });
    identify({ orders: String(id) });
    await span('charge', { order: { id, amount } }, () => charge(id, amount));
    await db.query('UPDATE orders SET paid = true WHERE id = $1', [id]);
    await publish('order-placed', { id });
    log.info({ order: { id, item, quantity, amount } }, 'ordered');
    response.status(201).json({ id, amount });
  } catch (error) {
    next(error);
  }
});

/** Payments may be busy. Each further try says so itself. */
async function charge(id, amount) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withAttempt(attempt, () =>
        call(`${PAYMENTS_URL}/payments`, { body: { orderId: id, amount } }),
      );
    } catch (error) {
      if (error.status !== 503 || attempt === TRIES_MAX) throw error;
      log.warn({ attempt }, 'payments are busy; tried again');
    }
  }
}

function memberOf(request) {
  return Number(request.headers['x-member']);
}

await serveAdmin(log);
await listen(app, log);
