/** The file of databases: what it may say, and that no complaint about it repeats a password. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { readDatabases } from './settings-file.js';

const directory = mkdtempSync(join(tmpdir(), 'sillok-databases-'));
const path = join(directory, 'databases.json');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(text: string) {
  writeFileSync(path, text);
  return readDatabases({ path, env: { SHOP_URL: 'mysql://r:s3cret@db/shop' } });
}

test('an address may stand in the environment; without a file there are no databases', () => {
  expect(readDatabases({ path: '', env: {} }).size).toBe(0);
  const found = read('{"shop":{"url":"$SHOP_URL","entities":{"id":"order"}}}').get('shop');
  expect(found).toMatchObject({ dialect: 'mysql', project: 'default', role: 'member', timeout_s: 30 });
});

test.each([
  ['{"shop":{"url":"postgres://r:s3cret@db/shop"', /not JSON/],
  ['{"shop":{"url":"s3cret no url"}}', /no URL/],
  ['{"shop":{"url":"http://r:s3cret@db/shop"}}', /begins with http:/],
  ['{"shop":{"url":"$NOT_SET"}}', /NOT_SET is not set/],
  ['{"shop":{"url":"$SHOP_URL","timeout_s":100000}}', /shop\.timeout_s/],
  ['{"shop":{"url":"$SHOP_URL","accept_writable_role":"yes"}}', /accept_writable_role/],
  ['{"shop":{"url":"$SHOP_URL","unknown":1}}', /shop/],
])('%s stops the start with a sentence that does not hold the password', (text, sentence) => {
  expect(() => read(text)).toThrow(sentence);
  expect(() => read(text)).not.toThrow(/s3cret/);
});
