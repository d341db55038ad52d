/** The shop's own admin API, as `npm start -- --demo` wires it: an order is found and refunded, and its history says so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startShop, type Shop } from '../../examples/shop/shop.mjs';
import { startTestServer, type TestServer } from '../lib/server.js';
import { demoAdmin } from '../../tools/lib/demo-admin.mjs';

let server: TestServer;
let shop: Shop;
let folder = '';
let admin: Awaited<ReturnType<typeof demoAdmin>>;

beforeAll(async () => {
  admin = await demoAdmin();
  server = await startTestServer(admin.serverEnv);
  folder = mkdtempSync(join(tmpdir(), 'sillok-shop-test-'));
  // Its services are told by their environment.
  Object.assign(process.env, admin.shopEnv);
  shop = await startShop({ url: server.url, key: server.key, folder });
});
afterAll(async () => {
  await shop.stop();
  await server.dispose();
  admin.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('an order of the shop is refunded with a reason, and not twice', async () => {
  const client = new pg.Client({ connectionString: shop.databaseUrl });
  await client.connect();
  const { rows } = await client.query(
    "INSERT INTO orders (member_id, item, quantity, amount, paid) VALUES (1, 'tea', 1, 900, true) RETURNING id",
  );
  const id = String(rows[0].id);
  const found = await server.get<{ readonly rows: readonly { readonly id: string }[] }>(
    `/api/admin/shop/order?text=${id}`,
  );
  expect(found.rows.map((row) => row.id)).toEqual([id]);
  const refund = async (key: string) => {
    const body = { id, input: {}, reason: '배송 지연', key };
    const headers = { 'content-type': 'application/json' };
    const response = await server.post(
      '/api/admin/shop/order/actions/refund/run',
      JSON.stringify(body),
      headers,
    );
    return response.json();
  };
  expect(await refund('first-intention')).toMatchObject({ state: 'done', repeated: false, in_history: true });
  expect(await refund('first-intention')).toMatchObject({ repeated: true });
  expect(await refund('another-intention')).toMatchObject({ error: { code: 'action_refused' } });
  const payments = await client.query('SELECT amount FROM payments WHERE order_id = $1', [id]);
  await client.end();
  expect(payments.rows).toEqual([{ amount: -900 }]);
  const { changes } = await server.get<{ readonly changes: readonly object[] }>(
    `/api/audit?entity=order/${id}`,
  );
  expect(changes).toContainEqual(expect.objectContaining({ action: 'order.refund', reason: '배송 지연' }));
});
