/** What of foreign headers reaches records and the next hop, over real HTTP. */
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import type { SillokOptions } from '../options.js';
import { outgoingHeaders, setContext } from '../scope.js';
import { sillokHttp } from '../http.js';
import { createTestLog, type TestLog } from '../test.js';
import { listening } from './framework.case.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

interface Seen {
  readonly testLog: TestLog;
  readonly outgoing: Record<string, string>;
}

async function ask(
  headers: Record<string, string>,
  options: SillokOptions = {},
  inRequest: (testLog: TestLog) => void = () => undefined,
): Promise<Seen> {
  const testLog = createTestLog(options);
  const { log } = testLog;
  let outgoing: Record<string, string> = {};
  const handler = sillokHttp(
    (_request, response) => {
      inRequest(testLog);
      log.info('inside');
      outgoing = outgoingHeaders({ host: 'orders' }, log.runtime.propagation);
      response.end();
    },
    { log },
  );
  const running = await listening(createServer(handler));
  await (await fetch(running.url, { headers })).text();
  await testLog.logged({ kind: 'access' });
  await running.close();
  return { testLog, outgoing };
}

test('every id that came in is on the access record, and on no other', async () => {
  const { testLog } = await ask(
    {
      traceparent: `00-${TRACE}-${SPAN}-01`,
      b3: '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1',
      'x-datadog-trace-id': '4111111111111111',
      'x-request-id': '123',
      'x-correlation-id': 'c-7',
    },
    { context: { aliasHeaders: ['X-Correlation-Id'] } },
  );
  const access = testLog.assertLogged({ kind: 'access' });
  expect(access.trace_id).toBe(TRACE);
  expect(access.attributes['trace']).toEqual({
    alias: {
      b3: '80f198ee56343ba864fe8b2a57d3eff7',
      // A card's number by its digits, an id by its place.
      datadog: '4111111111111111',
      request_id: '123',
      x_correlation_id: 'c-7',
    },
    alias_span: { b3: 'e457b5a2e4d86bd1' },
  });
  expect(testLog.assertLogged({ message: 'inside' }).attributes).toEqual({});
});

test('a free id that holds a secret is cleaned as any other text', async () => {
  const { testLog } = await ask({ 'x-request-id': 'card:4111-1111-1111-1111' });
  expect(testLog.lines().join('')).not.toContain('4111-1111');
});

test('aliases and fields of the request stand together, also when both name the same path', async () => {
  const { testLog } = await ask({ 'x-request-id': 'r-1' }, {}, () =>
    setContext({ order: 7, trace: { alias: { request_id: 'mine' } } }),
  );
  const access = testLog.assertLogged({ kind: 'access' });
  expect(access.attributes).toMatchObject({ order: 7, trace: { alias: { request_id: 'r-1' } } });
});

test('a stranger’s baggage names nobody; from a trusted hop it does, on every record and onward', async () => {
  const baggage =
    'sillok.global_trace_id=g-1,sillok.user_hash=u1_a,sillok.customer.id=c7,sillok.client.version=2.0';
  const stranger = await ask({ baggage });
  const access = stranger.testLog.assertLogged({ kind: 'access' });
  expect(access).toMatchObject({ global_trace_id: 'g-1', attributes: { client: { version: '2.0' } } });
  expect(access.user_hash).toBeUndefined();
  expect(access.attributes['customer']).toBeUndefined();
  expect(stranger.outgoing['baggage']).toBe('sillok.global_trace_id=g-1,sillok.client.version=2.0');
  const context = { trustedHops: ['loopback'] };
  const hop = await ask({ baggage }, { context }, () => setContext({ customer: { tier: 'gold' } }));
  expect(hop.testLog.assertLogged({ message: 'inside' })).toMatchObject({
    global_trace_id: 'g-1',
    user_hash: 'u1_a',
    attributes: { customer: { id: 'c7', tier: 'gold' }, client: { version: '2.0' } },
  });
  expect(hop.testLog.assertLogged({ kind: 'access' }).attributes).toMatchObject({
    customer: { id: 'c7', tier: 'gold' },
    client: { address: '127.0.0.1', version: '2.0' },
  });
  expect(hop.outgoing['baggage']).toContain('sillok.user_hash=u1_a');
});

test('hosts get the dialects that they read, and those of others no baggage', async () => {
  const propagate = [
    { hosts: ['*.legacy.example', 'old'], dialects: ['b3', 'request_id'] as const },
    { hosts: ['silent.example'], dialects: [] },
  ];
  const testLog = createTestLog({ context: { propagate, insideHosts: ['orders', '*.shop.example'] } });
  const { log } = testLog;
  const seen: Record<string, string[]> = {};
  const hosts = ['orders', 'a.shop.example:8080', 'x.legacy.example', 'silent.example', 'kakao.example'];
  const handler = sillokHttp(
    (_request, response) => {
      for (const host of hosts) {
        seen[host] = Object.keys(outgoingHeaders({ host }, log.runtime.propagation)).sort();
      }
      response.end();
    },
    { log },
  );
  const running = await listening(createServer(handler));
  await (await fetch(running.url, { headers: { baggage: 'other=1', 'x-request-id': 'r-1' } })).text();
  await running.close();
  expect(seen).toEqual({
    orders: ['baggage', 'traceparent'],
    'a.shop.example:8080': ['baggage', 'traceparent'],
    'x.legacy.example': ['b3', 'x-request-id'],
    'silent.example': [],
    'kakao.example': ['traceparent'],
  });
});
