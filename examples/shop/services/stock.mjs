// Stands in for stock.py where there is no Python: the same answers.
import { createService, listen } from '../lib/service.mjs';

const PRICES = { tea: 4000, cup: 12_000, kettle: 39_000 };
const left = Object.fromEntries(Object.keys(PRICES).map((item) => [item, 1_000_000]));
const { app, log } = createService('stock', '1.0.0');

app.get('/stock', (_request, response) => response.json(left));

app.post('/reserve', (request, response) => {
  const { item, quantity } = request.body;
  if (PRICES[item] === undefined || left[item] < quantity)
    return response.status(409).json({ error: 'out_of_stock' });
  left[item] -= quantity;
  log.info({ item, quantity }, 'reserved');
  response.json({ amount: PRICES[item] * quantity });
});

await listen(app, log);
