// Payments: writes down what was paid for. Under its story it refuses the first try of each order.
import { setContext } from '@sillok/node';
import { db } from '../lib/database.mjs';
import { createService, listen } from '../lib/service.mjs';
import { isOn } from '../lib/stories.mjs';

const { app, log } = createService('payments', '0.8.4');
const refused = new Set();

app.post('/payments', async (request, response, next) => {
  const { orderId, amount } = request.body;
  setContext({ order: { id: orderId } });
  if (isOn('failing-payments') && !refused.has(orderId)) {
    refused.add(orderId);
    log.warn('busy');
    return response.status(503).json({ error: 'busy' });
  }
  try {
    await db.query('INSERT INTO payments (order_id, amount) VALUES ($1, $2)', [orderId, amount]);
    log.info({ amount }, 'paid');
    response.json({ paid: true });
  } catch (error) {
    next(error);
  }
});

await listen(app, log);
