/** `sillok identity` against a real server, and on a key file. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer } from '../running-server.case.js';
import type { TestServer } from '../running-server.case.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const header = { sillok: 1, producer: 'p', boot: 'b', resource: { 'service.name': 'shop' } };
  const link = {
    seq: 1,
    time: '2026-11-21T10:00:00.000000001Z',
    kind: 'event',
    level: 'info',
    message: 'identity link: login',
    session_hash: 's1_new',
    user_hash: 'u1_kim',
    'event.name': 'identity.link',
    attributes: { 'identity.before.session_hash': 's1_old', 'identity.link.reason': 'login' },
  };
  await server.client.postRecords([header, link].map((value) => JSON.stringify(value)).join('\n'));
  await server.found('');
});
afterAll(() => server.close());

test('a look-up names the person, and whom it does not find it says', async () => {
  const found = await server.run(['identity', 'lookup', 's1_old', '--reason', 'ticket 1']);
  expect(found.exitCode).toBe(0);
  expect(found.out).toMatch(/u1_kim +session_hash +1 +2/);
  expect(found.err).toContain('audit trail');
  const json = await server.run(['identity', 'lookup', 's1_old', '--json']);
  expect(json.json().candidates).toMatchObject([{ person: 'u1_kim', session_hashes: ['s1_new', 's1_old'] }]);
  const nobody = await server.run(['identity', 'lookup', 'nobody@example.kr']);
  expect(nobody).toMatchObject({ exitCode: 1, out: 'nobody\n' });
  expect((await server.run(['identity', 'lookup', 'x', '--as', 'shoe'])).exitCode).toBe(2);
});

test('a record without sealed fields says so, and a place that is none is refused before it is sent', async () => {
  const opened = await server.run(['identity', 'open', 'p/b/1', '--reason', 'x']);
  expect(opened.out).toBe('nothing in this record is sealed\n');
  expect((await server.run(['identity', 'open', 'p', '--reason', 'x'])).exitCode).toBe(2);
  expect((await server.run(['identity', 'open', 'p/b/1'])).exitCode).toBe(2);
});

test('an erasure needs a reason and somebody who is known', async () => {
  expect((await server.run(['identity', 'erase', 'u1_kim'])).exitCode).toBe(2);
  const unknown = await server.run(['identity', 'erase', 'u1_nobody', '--reason', 'x']);
  expect(unknown).toMatchObject({ exitCode: 1, err: expect.stringContaining('u1_nobody') });
  const erased = await server.run(['identity', 'erase', 's1_old', '--reason', 'asked to be forgotten']);
  expect(erased.out).toBe('the keys of u1_kim are destroyed (3 pseudonyms)\n');
});

test('a new epoch is added to the key file, which stays its owner’s alone and is never shown', async () => {
  const directory = join(server.directory, 'data', 'identity');
  const before = readFileSync(join(directory, 'keys.json'), 'utf8');
  expect((await server.run(['identity', 'epochs', '--json'])).json().epochs).toHaveLength(1);
  const rotated = await server.run(['identity', 'rotate', '--dir', directory]);
  expect(rotated.out).toContain('epoch 2 begins');
  const listed = await server.run(['identity', 'epochs']);
  expect(listed.out).toMatch(/2 .*\n *1 /);
  const secret = /"secret": "([^"]+)"/.exec(before)?.[1] ?? '';
  expect(readFileSync(join(directory, 'keys.json'), 'utf8')).toContain(secret);
  expect(rotated.out + rotated.err + listed.out).not.toContain(secret);
  expect(statSync(join(directory, 'keys.json')).mode & 0o777).toBe(0o600);
  const none = await server.run(['identity', 'epochs', '--dir', server.directory]);
  expect(none).toMatchObject({ exitCode: 1, err: expect.stringContaining('--dir') });
});

test('the code of a trace can be had from its id alone', async () => {
  const code = await server.run(['identity', 'code', '0af7651916cd43dd8448eb211c80319c']);
  expect(code.out).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}\n$/);
  expect((await server.run(['identity', 'code', 'xyz'])).exitCode).toBe(2);
});
