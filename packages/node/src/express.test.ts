import { once } from 'node:events';
import express from 'express';
import { expect, test } from 'vitest';
import { sillokExpress, sillokExpressErrors } from './express.js';
import { createTestLog } from './test.js';

test('what a handler threw stands on the access record', async () => {
  const { log, logged } = createTestLog();
  const app = express();
  app.set('env', 'test');
  app.use(sillokExpress({ log }));
  app.get('/boom', () => {
    throw new TypeError('쾅');
  });
  app.use(sillokExpressErrors());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const response = await fetch(`http://127.0.0.1:${port}/boom`);
  expect(response.status).toBe(500);
  await response.text();
  const access = await logged({ kind: 'access' });
  expect(access.attributes).toMatchObject({ exception: { type: 'TypeError', message: '쾅' } });
  server.close();
});
