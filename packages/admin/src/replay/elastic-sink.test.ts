/** An index that answers in the form of Elasticsearch, as we wrote it: a part that failed is never taken for done. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Sink } from './define.js';
import { elasticSink } from './elastic-sink.js';

let server: Server;
let sink: Sink;
let answer: { status: number; body: string };

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(answer.status).end(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Bound to an address, so it is no pipe.
  const { port } = server.address() as AddressInfo;
  sink = elasticSink({ url: `http://127.0.0.1:${port}`, index: 'orders' });
});
afterAll(() => server.close());

const says = (body: object, status = 200): void => {
  answer = { status, body: JSON.stringify(body) };
};
const put = { index: { _index: 'orders', _id: '1', status: 201, result: 'created' } };
const noIndex = { type: 'index_not_found_exception', reason: 'no such index [orders]' };
const busy = { type: 'es_rejected_execution_exception', reason: 'rejected execution' };
const writes = [
  { id: '1', document: { state: 'paid' } },
  { id: '2', document: undefined },
];

test('a deletion of what is not there is as it should be', async () => {
  says({
    errors: false,
    items: [put, { delete: { _index: 'orders', _id: '2', status: 404, result: 'not_found' } }],
  });
  await expect(sink.write(writes)).resolves.toEqual([]);
});

test('a document that does not fit the mapping is named, and is no failure of the others', async () => {
  const error = { type: 'document_parsing_exception', reason: 'failed to parse field [state]' };
  says({
    errors: true,
    items: [{ index: { _id: '1', status: 400, error } }, { delete: { _id: '2', status: 200 } }],
  });
  const refused = [{ id: '1', reason: expect.stringContaining('failed to parse field') }];
  await expect(sink.write(writes)).resolves.toEqual(refused);
});

test.each([
  [
    'an index that is not there',
    [put, { delete: { _id: '2', status: 404, error: noIndex } }],
    /2: .*no such/,
  ],
  ['a document for it', [{ index: { _id: '1', status: 404, error: noIndex } }, put], /1: .*no such index/],
  ['one item that was too much', [{ index: { _id: '1', status: 429, error: busy } }, put], /1: .*rejected/],
  ['a 404 of a document', [{ index: { _id: '1', status: 404 } }, put], /1: no reason given/],
  [
    'several',
    [{ index: { _id: '1', status: 429, error: busy } }, { delete: { _id: '2', status: 429, error: busy } }],
    /1: .* and 1 more/,
  ],
  ['fewer answers than were asked for', [put], /it answered for 1 of 2/],
])('%s is an error', async (_name, items, message) => {
  says({ errors: true, items });
  await expect(sink.write(writes)).rejects.toMatchObject({
    code: 'sink_failed',
    message: expect.stringMatching(message),
  });
});

test('a shard that does not answer is not taken for a document that is not there', async () => {
  const error = { type: 'no_shard_available_action_exception', reason: 'no shard' };
  says({ docs: [{ _index: 'orders', _id: '1', error }] });
  await expect(sink.read(['1'])).rejects.toMatchObject({ code: 'sink_failed' });
  says({ docs: [{ _index: 'orders', _id: '1', found: false }] });
  expect(await sink.read(['1'])).toEqual(new Map());
});

test.each([
  ['a proxy that answers for it', 200, '<html>'],
  ['a refusal', 401, '{"error":"missing authentication"}'],
  ['an answer of something else', 200, '{}'],
])('%s is told as the index that failed', async (_name, status, body) => {
  answer = { status, body };
  await expect(sink.read(['1'])).rejects.toMatchObject({ code: 'sink_failed' });
  await expect(sink.write(writes)).rejects.toMatchObject({ code: 'sink_failed' });
});

test('an index that is down is told as such', async () => {
  const gone = elasticSink({ url: 'http://127.0.0.1:1', index: 'orders' });
  await expect(gone.read(['1'])).rejects.toMatchObject({ code: 'sink_failed' });
});
