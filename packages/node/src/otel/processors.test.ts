/** Instrumentations and SDK of OpenTelemetry, unmodified; only their processors are ours. */
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sillokExpress } from '../express.js';
import { setContext, withTrace } from '../scope.js';
import { createTestLog } from '../test.js';
import { SillokLogRecordProcessor, SillokSpanProcessor } from './processors.js';

const require = createRequire(import.meta.url);
const { log, records, logged, clear } = createTestLog();
const provider = new NodeTracerProvider({ spanProcessors: [new SillokSpanProcessor({ log })] });
const loggers = new LoggerProvider({ processors: [new SillokLogRecordProcessor({ log })] });
let release: () => void;
let server: Server;

beforeAll(async () => {
  provider.register();
  logs.setGlobalLoggerProvider(loggers);
  release = registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation(), new ExpressInstrumentation()],
  });
  // Patched when they are loaded: before that an instrumentation sees nothing.
  const http: typeof import('node:http') = require('node:http');
  const express: typeof import('express') = require('express');
  const app = express();
  app.use(sillokExpress({ log }));
  app.get('/orders/:id', (_request, response) => {
    setContext({ order_id: 7 });
    trace.getActiveSpan()?.setAttribute('order.step', 'read');
    log.info('in the handler');
    response.send('ok');
  });
  server = http.createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => clear());
afterAll(async () => {
  release();
  await new Promise((resolve) => server.close(resolve));
  await provider.shutdown();
  context.disable();
  trace.disable();
  logs.disable();
});

const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`; // it listens

test('spans of other people’s instrumentations make one tree with our access record, each once', async () => {
  await withTrace({}, () =>
    log.span('checkout', async () => {
      await (await fetch(url('/orders/7'))).text();
    }),
  );
  const access = await logged({ kind: 'access' });
  const spans = records({ kind: 'span' });
  const client = spans.find(({ attributes }) => Reflect.get(Object(attributes['span']), 'kind') === 'client');
  const checkout = spans.find(({ message }) => message === 'checkout');
  expect(client?.parent_span_id).toBe(checkout?.span_id);
  expect(access.parent_span_id).toBe(client?.span_id);
  expect(access.attributes).toMatchObject({ http: { route: '/orders/:id' } });
  expect(client?.attributes).toMatchObject({
    http: { request: { method: 'GET' }, response: { status_code: 200 } },
    otel: { scope: { name: '@opentelemetry/instrumentation-undici' } },
  });
  // The server span of OpenTelemetry is the access record: same id, written once.
  const ids = records({ trace_id: access.trace_id })
    .filter(({ kind }) => kind !== 'log')
    .map(({ span_id: id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(records({ message: 'in the handler' })[0]?.trace_id).toBe(access.trace_id);
  const express = spans.filter(({ message }) => message.startsWith('request handler'));
  expect(express[0]).toMatchObject({ parent_span_id: access.span_id });
});

test('a span has its kind, times, status, exception, links and the fields of its request', () => {
  const tracer = trace.getTracer('host', '1.2.3');
  const { end } = withTrace({ baggage: 'sillok.global_trace_id=story-7' }, () => {
    setContext({ order_id: 7 });
    const span = tracer.startSpan('charge', {
      kind: SpanKind.PRODUCER,
      attributes: { 'messaging.system': 'nats', list: ['a', 'b'] },
      links: [{ context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 } }],
    });
    span.addEvent('waited', { ms: 3 });
    span.recordException(new TypeError('no card'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });
    return { end: () => span.end() };
  });
  end();
  expect(records()[0]).toMatchObject({
    kind: 'span',
    level: 'error',
    message: 'charge',
    global_trace_id: 'story-7',
    attributes: {
      order_id: 7,
      list: ['a', 'b'],
      messaging: { system: 'nats' },
      span: {
        kind: 'producer',
        start_time: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/),
        events: [{ name: 'waited', attributes: { ms: 3 } }, { name: 'exception' }],
        links: [{ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) }],
      },
      otel: {
        status_code: 'ERROR',
        status_description: 'declined',
        scope: { name: 'host', version: '1.2.3' },
      },
      exception: { type: 'TypeError', message: 'no card', stacktrace: expect.stringContaining('TypeError') },
    },
  });
});

test('log records of OpenTelemetry become records with level, body, event name and place in the trace', () => {
  const logger = logs.getLogger('host');
  trace.getTracer('host').startActiveSpan('outer', (span) => {
    logger.emit({ severityNumber: SeverityNumber.WARN2, body: 'slow', attributes: { ms: 7 } });
    logger.emit({ body: { message: 'paid', amount: 3 }, eventName: 'order.paid', severityText: 'NOTICE' });
    span.end();
    expect(records({ kind: 'log' })).toMatchObject([
      {
        level: 'warn',
        message: 'slow',
        span_id: span.spanContext().spanId,
        attributes: { ms: 7, otel: { scope: { name: 'host' } } },
      },
      {
        level: 'info',
        message: 'paid',
        attributes: {
          body: { message: 'paid', amount: 3 },
          event: { name: 'order.paid' },
          otel: { severity_text: 'NOTICE' },
        },
      },
    ]);
  });
});

test('what the host throws into attributes costs no span and no exception', () => {
  const span = trace.getTracer('host').startSpan('odd');
  const attributes: unknown = Reflect.get(span, 'attributes');
  const hostile = {
    get: () => {
      throw new Error('hostile');
    },
    enumerable: true,
  };
  Object.defineProperty(attributes, 'trap', hostile);
  span.end();
  clear();
  trace.getTracer('host').startSpan('next').end();
  expect(records()).toHaveLength(1);
});

test('after its shutdown the processor writes nothing', async () => {
  const { log: other, records: others } = createTestLog();
  const processor = new SillokSpanProcessor({ log: other });
  const own = new NodeTracerProvider({ spanProcessors: [processor] });
  own.getTracer('host').startSpan('before').end();
  await own.shutdown();
  own.getTracer('host').startSpan('after').end();
  expect(others({ kind: 'span' }).map(({ message }) => message)).toEqual(['before']);
});
