/** Listeners of requests and responses, whose events come from the connection: over real sockets, HTTP/1 and HTTP/2. */
import { once } from 'node:events';
import { createServer, get, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { sillokHttp } from '../http.js';
import { setContext, withContext } from '../scope.js';
import { createTestLog, type TestLog } from '../test.js';

/** Reads the body by listeners, and says in which context each of them ran. */
function reader({ log }: TestLog): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    setContext({ order: request.url });
    const removed = (): void => log.info('removed');
    request.on('data', removed);
    request.removeListener('data', removed);
    request.addListener('data', () => log.info('data'));
    request.once('end', () => {
      log.info('end');
      response.end('ok');
    });
    withContext({ step: 'close' }, () => response.on('close', () => log.info('close')));
  };
}

function heardBy(testLog: TestLog, order: string): unknown[] {
  const heard = testLog.records({ kind: 'log' }).filter(({ attributes }) => attributes['order'] === order);
  return heard.map(({ message, attributes }) => [message, attributes['step']]);
}

const EVERYTHING = [
  ['data', undefined],
  ['end', undefined],
  ['close', 'close'],
];

test('listeners run in the context in which they were added, on two connections at once', async () => {
  const testLog = createTestLog();
  const server = createServer(sillokHttp(reader(testLog), { log: testLog.log })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens
  const calls = ['/a', '/b'].map((path) => send({ port, host: '127.0.0.1', path, method: 'POST' }));
  const answers = calls.map((call) => once(call, 'response'));
  for (const call of calls) call.flushHeaders();
  for (const call of calls) call.end('body');
  for (const answer of answers) await once((await answer)[0].resume(), 'close');
  await testLog.logged({ kind: 'access', message: 'POST /a 200' });
  await testLog.logged({ kind: 'access', message: 'POST /b 200' });
  server.close();
  expect([heardBy(testLog, '/a'), heardBy(testLog, '/b')]).toEqual([EVERYTHING, EVERYTHING]);
  expect(JSON.stringify(testLog.records())).not.toContain('removed');
});

test('requests of another class are bound as well', async () => {
  const testLog = createTestLog();
  const handler = sillokHttp(reader(testLog), { log: testLog.log });
  // HTTP/2's own classes have what the handler uses.
  const server = createHttp2(handler as unknown as Parameters<typeof createHttp2>[0]).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':method': 'POST', ':path': '/two' }).setEncoding('utf8');
  stream.end('body');
  await once(stream.resume(), 'close');
  const access = await testLog.logged({ kind: 'access' });
  session.close();
  server.close();
  expect(access.message).toBe('POST /two 200');
  expect(heardBy(testLog, '/two')).toEqual(EVERYTHING);
});

test('messages that are none of ours keep their listeners as they were given', async () => {
  const testLog = createTestLog();
  const server = createServer(sillokHttp((_, response) => response.end(), { log: testLog.log }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens
  const [answer] = await once(get({ port, host: '127.0.0.1' }), 'response');
  const listener = (): void => undefined;
  withContext({ of: 'somebody' }, () => answer.on('close', listener));
  expect(answer.listeners('close')).toContain(listener);
  await once(answer.resume(), 'close');
  server.close();
});
