/** No secret of a record that no SDK has touched reaches the disk: every file of the server is searched for it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';

const CARD = '4111 1111 1111 1111';
const RESIDENT = '900101-1234567';
const PHONE = '010-1234-5678';
const BEARER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const PASSWORD = 'hunter2-in-the-clear';
const SECRETS = [CARD, RESIDENT, PHONE, BEARER, PASSWORD];
const TEXT = `paid with ${CARD} by ${RESIDENT}, call ${PHONE}, Authorization: Bearer ${BEARER}`;

let server: ServerUnderTest;
afterEach(() => server?.dispose());

async function start(config = {}): Promise<void> {
  server = new ServerUnderTest(config);
  await server.start();
}

/** Of all files in the data folder, those secrets that stand in one. */
function found(): string[] {
  const files = readdirSync(server.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(server.directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  const texts = files.map((path) => readFileSync(path, 'latin1'));
  return SECRETS.filter((secret) => texts.some((text) => text.includes(secret)));
}

const otlp = {
  resourceLogs: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'shop' } },
          { key: 'db.password', value: { stringValue: PASSWORD } },
        ],
      },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: '1795255200000000000',
              body: { stringValue: TEXT },
              attributes: [
                { key: 'user.password', value: { stringValue: PASSWORD } },
                { key: 'note', value: { arrayValue: { values: [{ stringValue: PHONE }] } } },
              ],
            },
          ],
        },
      ],
    },
  ],
};
const JSON_TYPE = { 'content-type': 'application/json' };
const nested = JSON.stringify({
  ...{ seq: 1, time: '2026-11-21T10:00:00Z', kind: 'log', level: 'info', message: TEXT },
  attributes: { user: { password: PASSWORD }, notes: [{ text: PHONE }] },
});
const NATIVE = { producer: 'p', boot: 'b' };

test('OTLP: in the message, below a key, in an array, and in the resource', async () => {
  await start();
  const answer = await server.post('/v1/logs', JSON.stringify(otlp), JSON_TYPE);
  expect(answer.status).toBe(200);
  const [row] = await server.select('SELECT message, attributes, resource FROM records');
  expect(found()).toEqual([]);
  expect(JSON.stringify(row)).toContain('(redacted');
  expect(JSON.stringify(row)).toContain('shop');
});

test('NDJSON, and native lines that no SDK has encoded', async () => {
  await start();
  const line = JSON.stringify({ message: TEXT, user: { password: PASSWORD } });
  expect((await server.post('/v1/ndjson', line)).status).toBe(200);
  expect(await server.verdict(NATIVE, [nested])).toMatchObject({ accepted_through: 1, rejected: [] });
  expect(await server.verdict(NATIVE, [nested])).toMatchObject({ known: 1, rejected: [] });
  expect(await server.select('SELECT count() FROM records')).toEqual([[2]]);
  expect(found()).toEqual([]);
});

test('off: everything is kept as it came', async () => {
  await start({ redact: 'off' });
  await server.post('/v1/logs', JSON.stringify(otlp), JSON_TYPE);
  expect(await server.verdict(NATIVE, [nested])).toMatchObject({ accepted_through: 1 });
  expect(found()).toEqual(SECRETS);
});
