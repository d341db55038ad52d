import { expect, test } from 'vitest';
import { assertTestDatabase } from './guard.js';

test('only a database that says it is one for tests passes', async () => {
  await expect(assertTestDatabase(async () => [{ name: 'test' }])).resolves.toBeUndefined();
  for (const rows of [[], [{ name: 'staging' }], [{ name: 'test' }, { name: 'production' }], [{}]]) {
    await expect(assertTestDatabase(async () => rows)).rejects.toMatchObject({ code: 'not_a_test_database' });
  }
  const missing = assertTestDatabase(() => Promise.reject(new Error('relation does not exist')));
  await expect(missing).rejects.toThrow('does not say what it is (relation does not exist)');
});
