import { expect, test } from 'vitest';

import { addressOf, letIn } from './asking.js';
import { createApp } from './http/app.js';
import { createLog } from './log.js';

test('an address belongs to the one who asks, until the turn ends, and to nobody who asked before', async () => {
  letIn({ keyId: 'a', address: '203.0.113.7' });
  expect(addressOf('a')).toBe('203.0.113.7');
  letIn({ keyId: 'b', address: '203.0.113.8' });
  expect([addressOf('a'), addressOf('b')]).toEqual([undefined, '203.0.113.8']);
  await Promise.resolve();
  expect(addressOf('b')).toBeUndefined();
});

test('only a trusted proxy says from where a request came', async () => {
  const trustedProxies = ['127.0.0.1', '10.0.0.0/8'];
  const app = createApp({ log: createLog('silent'), isStopping: () => false, trustedProxies });
  app.get('/ip', (request) => request.ip);
  const ask = async (remoteAddress: string): Promise<string> => {
    const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7, 10.1.2.3' };
    return (await app.inject({ url: '/ip', remoteAddress, headers })).body;
  };
  // The last one that no proxy of ours has added for itself; what stands before it anybody may have written.
  expect(await ask('127.0.0.1')).toBe('203.0.113.7');
  expect(await ask('192.0.2.9')).toBe('192.0.2.9');
  await app.close();
  const alone = createApp({ log: createLog('silent'), isStopping: () => false });
  alone.get('/ip', (request) => request.ip);
  const { body } = await alone.inject({ url: '/ip', headers: { 'x-forwarded-for': '203.0.113.7' } });
  expect(body).toBe('127.0.0.1');
  await alone.close();
});
