import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createClient } from './client.js';
import { ApiError } from './errors.js';
import type { LiveEvent } from './live.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on a port, so not a pipe
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const trust = {
  freshness: { visible_through: '2026-11-21T10:00:00.000000000Z', lag_ms: 0 },
  gaps: [],
  cost: { rows_read: 1, bytes_read: 1, elapsed_ms: 1 },
};

test('iteration follows the cursor to the end and sends the key each time', async () => {
  const seen: string[] = [];
  const url = await serve((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization}`);
    const second = request.url?.includes('cursor=');
    const records = second ? [{ seq: 3 }] : [{ seq: 1 }, { seq: 2 }];
    response.end(JSON.stringify({ records, next: second ? null : 'abc', previous: null, ...trust }));
  });
  const client = createClient({ url, key: 'secret' });
  const seqs: number[] = [];
  for await (const record of client.records({ q: 'level:error', limit: 2 })) seqs.push(record.seq);
  expect(seqs).toEqual([1, 2, 3]);
  expect(seen).toEqual([
    '/api/search?q=level%3Aerror&limit=2 Bearer secret',
    '/api/search?q=level%3Aerror&limit=2&cursor=abc Bearer secret',
  ]);
});

test('a typed error arrives as it was sent', async () => {
  const url = await serve((_request, response) => {
    response.statusCode = 400;
    response.end(
      '{"error":{"code":"query_invalid","message":"a quote is open","help":"close it","from":3,"to":9}}',
    );
  });
  const error = await createClient({ url })
    .search({ q: 'a "b' })
    .catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 400,
    code: 'query_invalid',
    help: 'close it',
    body: { error: { from: 3, to: 9 } },
  });
});

test('an HTML page of a proxy becomes an error that says so', async () => {
  const url = await serve((_request, response) => {
    response.statusCode = 502;
    response.end('<html>bad gateway</html>');
  });
  await expect(createClient({ url }).fields({})).rejects.toMatchObject({ status: 502, code: 'http_502' });
});

test('a server that is away is an error with status 0, not a crash', async () => {
  const url = await serve(() => undefined);
  servers.splice(0).forEach((server) => server.close());
  await expect(createClient({ url }).ready()).rejects.toMatchObject({ status: 0, code: 'unreachable' });
});

test('a live tail that breaks goes on after the last id and gives each record once', async () => {
  const resumedFrom: unknown[] = [];
  const url = await serve((request, response) => {
    resumedFrom.push(request.headers['last-event-id']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (resumedFrom.length === 1) {
      response.write('id: log.1.0.0\ndata: {"seq":1}\n\nid: log.1.0.1\ndata: {"se');
      setImmediate(() => response.destroy());
      return;
    }
    response.write(
      'id: log.1.0.1\ndata: {"seq":2}\n\nevent: skipped\nid: log.1.9.0\ndata: {"skipped":4}\n\n',
    );
  });
  const abort = new AbortController();
  const events: LiveEvent[] = [];
  for await (const event of createClient({ url }).live({ signal: abort.signal })) {
    events.push(event);
    if (event.type === 'skipped') abort.abort();
  }
  expect(resumedFrom).toEqual([undefined, 'log.1.0.0']);
  expect(events).toEqual([
    { type: 'open' },
    { type: 'record', id: 'log.1.0.0', record: { seq: 1 } },
    { type: 'open' },
    { type: 'record', id: 'log.1.0.1', record: { seq: 2 } },
    { type: 'skipped', id: 'log.1.9.0', skipped: 4 },
  ]);
});

test('a live tail that is refused ends with the reason instead of trying for ever', async () => {
  const url = await serve((_request, response) => {
    response.statusCode = 400;
    response.end('{"error":{"code":"pipes_refused","message":"no pipes here","help":"remove them"}}');
  });
  const stream = createClient({ url }).live({ q: '| stats count()' });
  await expect(stream.next()).rejects.toMatchObject({ code: 'pipes_refused' });
});
