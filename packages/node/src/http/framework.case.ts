/**
 * The contract of all middleware: one suite, run on each framework's real server.
 *
 * Each server offers: `GET /orders/:id` (sets a context, awaits, logs, answers JSON), `POST /orders` (reads a JSON body, logs
 * its `id`), `GET /fail` (throws), `GET /hold` (never answers).
 */
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bindContext, setContext } from '../scope.js';
import { createTestLog, TOKEN_HEADER, type TestLog } from '../test.js';
import type { HttpOptions } from './request.js';

export interface RunningApp {
  readonly url: string;
  close(): Promise<unknown> | unknown;
}

export interface Framework {
  readonly name: string;
  /** Whether the framework tells which pattern matched. */
  readonly hasRoutes: boolean;
  /** Whether an error that was thrown is known to the middleware. */
  readonly hasErrors: boolean;
  start(options: HttpOptions, handlers: Handlers): Promise<RunningApp>;
}

export interface Handlers {
  order(id: string): Promise<object>;
  create(body: { readonly id?: unknown }): object;
  fail(): never;
  hold(): Promise<never>;
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;

export async function listening(server: Server): Promise<RunningApp> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return runningApp(server);
}

export function runningApp(server: Server): RunningApp {
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

export const emptyServer = (): Server => createServer();

function handlersOf({ log }: TestLog, onHold: () => void = () => undefined): Handlers {
  return {
    order: async (id) => {
      setContext({ order_id: id });
      await new Promise<void>((resolve) => setTimeout(bindContext(resolve), 1));
      log.info('loaded');
      return { id };
    },
    create: (body) => {
      log.info({ body_id: body.id }, 'created');
      return { ok: true };
    },
    fail: () => {
      throw new Error('the handler failed');
    },
    hold: () => {
      onHold();
      return new Promise<never>(() => undefined);
    },
  };
}

export function describeFramework(framework: Framework): void {
  const { name, hasRoutes, hasErrors } = framework;

  async function withApp(
    options: HttpOptions,
    work: (app: RunningApp, testLog: TestLog) => Promise<void>,
    onHold?: () => void,
  ): Promise<void> {
    const testLog = createTestLog();
    const app = await framework.start({ ...options, log: testLog.log }, handlersOf(testLog, onHold));
    try {
      await work(app, testLog);
    } finally {
      await app.close();
    }
  }

  describe(name, () => {
    test('a request continues the trace, its records share a context, and one access record ends it', () =>
      withApp({}, async ({ url }, testLog) => {
        const response = await fetch(`${url}/orders/7?secret=1`, {
          headers: { traceparent: TRACEPARENT, 'user-agent': 'tester' },
        });
        expect(await response.json()).toEqual({ id: '7' });
        expect(response.headers.get('x-trace-id')).toBe(TRACE);
        const access = await testLog.logged({ kind: 'access' });
        expect(response.headers.get('traceresponse')).toBe(`00-${TRACE}-${access.span_id}-01`);
        expect(access).toMatchObject({
          level: 'info',
          message: 'GET /orders/7 200',
          trace_id: TRACE,
          parent_span_id: 'b7ad6b7169203331',
          attributes: {
            duration_ms: expect.any(Number),
            http: { request: { method: 'GET' }, response: { status_code: 200 } },
            url: { path: '/orders/7' },
            client: { address: '127.0.0.1' },
            user_agent: { original: 'tester' },
            order_id: '7',
          },
        });
        if (hasRoutes) expect(access.attributes).toMatchObject({ http: { route: '/orders/:id' } });
        const logged = testLog.assertLogged({ message: 'loaded' });
        expect(logged).toMatchObject({
          trace_id: TRACE,
          span_id: access.span_id,
          attributes: { order_id: '7' },
        });
        expect(testLog.records({ kind: 'access' })).toHaveLength(1);
      }));

    test('without headers a trace starts, and the client learns its id', () =>
      withApp({}, async ({ url }, testLog) => {
        const response = await fetch(`${url}/orders/8`);
        await response.text();
        const access = await testLog.logged({ kind: 'access' });
        expect(access.trace_id).toMatch(/^[0-9a-f]{32}$/);
        expect(response.headers.get('x-trace-id')).toBe(access.trace_id);
        expect(access.parent_span_id).toBeUndefined();
      }));

    test('reading a body does not leave the context', () =>
      withApp({}, async ({ url }, testLog) => {
        const body = JSON.stringify({ id: 'o-1', filler: 'x'.repeat(50_000) });
        const headers = { 'content-type': 'application/json', traceparent: TRACEPARENT };
        await (await fetch(`${url}/orders`, { method: 'POST', body, headers })).text();
        await testLog.logged({ kind: 'access' });
        expect(testLog.assertLogged({ message: 'created' })).toMatchObject({
          trace_id: TRACE,
          attributes: { body_id: 'o-1' },
        });
      }));

    test('a handler that throws leaves an access record of level error', () =>
      withApp({}, async ({ url }, testLog) => {
        const response = await fetch(`${url}/fail`);
        await response.text();
        expect(response.status).toBe(500);
        const access = await testLog.logged({ kind: 'access' });
        expect(access).toMatchObject({ level: 'error', attributes: { error: { type: '500' } } });
        if (hasErrors)
          expect(access.attributes).toMatchObject({ exception: { message: 'the handler failed' } });
      }));

    test('an address that nobody answers is recorded without a route', () =>
      withApp({}, async ({ url }, testLog) => {
        const response = await fetch(`${url}/nothing/here`);
        await response.text();
        const access = await testLog.logged({ kind: 'access' });
        expect(access).toMatchObject({
          level: 'warn',
          attributes: { http: { response: { status_code: 404 } } },
        });
        expect(JSON.stringify(access.attributes)).not.toContain('"route"');
      }));

    test('a client that goes away leaves a record that says so', async () => {
      let held: () => void = () => undefined;
      const holding = new Promise<void>((resolve) => {
        held = resolve;
      });
      await withApp(
        {},
        async ({ url }, testLog) => {
          const request = httpRequest(`${url}/hold`).on('error', () => undefined);
          request.end();
          await holding;
          expect(testLog.log.runtime.requests.count).toBe(1);
          request.destroy();
          const access = await testLog.logged({ kind: 'access' });
          expect(access).toMatchObject({
            level: 'warn',
            message: 'GET /hold aborted',
            attributes: { http: { response: { status_code: 499 } }, error: { type: 'aborted' } },
          });
          expect(testLog.log.runtime.requests.count).toBe(0);
        },
        held,
      );
    });

    test('in test mode the response carries a token that stands for all of its records', async () => {
      const testLog = createTestLog({ testMode: true });
      const app = await framework.start({ log: testLog.log }, handlersOf(testLog));
      const response = await fetch(`${app.url}/orders/9`);
      await response.text();
      const token: unknown = JSON.parse(
        Buffer.from(response.headers.get(TOKEN_HEADER) ?? '', 'base64url').toString(),
      );
      expect(token).toMatchObject({ seq: testLog.assertLogged({ kind: 'access' }).seq });
      await app.close();
    });

    test('a proxy is trusted only when that is asked for, and the headers can be left out', async () => {
      const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' };
      await withApp({}, async ({ url }, testLog) => {
        await (await fetch(`${url}/orders/1`, { headers })).text();
        expect((await testLog.logged({ kind: 'access' })).attributes).toMatchObject({
          client: { address: '127.0.0.1' },
        });
      });
      await withApp({ trustProxy: true, responseHeaders: false }, async ({ url }, testLog) => {
        const response = await fetch(`${url}/orders/1`, { headers });
        await response.text();
        expect(response.headers.get('x-trace-id')).toBeNull();
        const access = await testLog.logged({ kind: 'access' });
        expect(access.attributes).toMatchObject({ client: { address: '198.51.100.7' } });
      });
    });
  });
}
