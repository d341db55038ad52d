import { expect, test } from 'vitest';
import { decodeToken, encodeToken } from './token.js';

const token = { project: 'shop', producer: 'orders-7f', boot: '018f', seq: 12 };

test('a token comes back as it was', () => {
  expect(decodeToken(encodeToken(token))).toEqual(token);
});

test.each([
  ['nothing', ''],
  ['not base64url', '%%%'],
  ['not JSON', Buffer.from('hello').toString('base64url')],
  ['a field short', Buffer.from('{"project":"shop","producer":"a","boot":"b"}').toString('base64url')],
  [
    'a fraction for seq',
    Buffer.from('{"project":"s","producer":"a","boot":"b","seq":1.5}').toString('base64url'),
  ],
  ['far too long', 'a'.repeat(10_000)],
])('%s is no token', (_what, text) => {
  expect(decodeToken(text)).toBeUndefined();
});
