import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterEach, expect, test } from 'vitest';
import { currentScope, setContext, withContext, withTrace } from './scope.js';
import { createTestLog } from './test.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

afterEach(() => {
  context.disable();
  trace.disable();
});

test('a span is one record with its place in the trace, its start and its duration', async () => {
  const { log, records } = createTestLog();
  await withTrace({ traceparent: TRACEPARENT }, async () => {
    log.info('before');
    const answer = await log.span('charge', { order_id: 7 }, async (span) => {
      log.info('inside');
      await Promise.resolve();
      span.set({ 'payment.provider': 'kakao' });
      return 42;
    });
    expect(answer).toBe(42);
    log.info('after');
  });
  const [before, inside, span, after] = records();
  expect(span).toMatchObject({
    kind: 'span',
    level: 'info',
    message: 'charge',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    parent_span_id: before?.span_id,
    attributes: { order_id: 7, span: { kind: 'internal' }, payment: { provider: 'kakao' } },
  });
  expect(inside?.span_id).toBe(span?.span_id);
  expect(inside?.parent_span_id).toBe(before?.span_id);
  expect(after?.span_id).toBe(before?.span_id);
  const { duration_ms: duration, span: own } = span?.attributes ?? {};
  expect(duration).toBeGreaterThanOrEqual(0);
  // Times of one boot order its records: the start lies between what was written before and inside.
  const start = String(Reflect.get(Object(own), 'start_time'));
  expect(start > String(before?.time) && start < String(inside?.time)).toBe(true);
});

test('spans nest, and fields of the request and of withContext are on them', () => {
  const { log, records } = createTestLog();
  withTrace({}, () => {
    setContext({ order_id: 7 });
    withContext({ step: 'pay' }, () => {
      log.span('outer', () => log.span('inner', () => setContext({ late: true })));
    });
  });
  const [inner, outer] = records();
  expect(inner?.parent_span_id).toBe(outer?.span_id);
  expect(outer?.attributes).toMatchObject({ order_id: 7, step: 'pay', late: true });
});

test('outside of a request a span begins a trace of its own', () => {
  const { log, records } = createTestLog();
  log.span('job', () => log.info('inside'));
  const [inside, span] = records();
  expect(span?.trace_id).toMatch(/^[0-9a-f]{32}$/);
  expect(span?.parent_span_id).toBeUndefined();
  expect(inside?.trace_id).toBe(span?.trace_id);
});

test('what the work throws is recorded and thrown on', async () => {
  const { log, records } = createTestLog();
  const broken = Object.assign(new TypeError('no card'), { code: 'card_declined' });
  expect(() =>
    log.span('sync', () => {
      throw broken;
    }),
  ).toThrow(broken);
  await expect(log.span('async', () => Promise.reject(broken))).rejects.toBe(broken);
  await expect(log.span('text', () => Promise.reject('plain'))).rejects.toBe('plain');
  const [sync, later, text] = records();
  for (const record of [sync, later]) {
    expect(record).toMatchObject({
      level: 'error',
      attributes: {
        otel: { status_code: 'ERROR' },
        error: { type: 'card_declined' },
        exception: { type: 'TypeError', message: 'no card' },
      },
    });
  }
  expect(text).toMatchObject({ level: 'error', attributes: { err: 'plain', error: { type: 'string' } } });
});

test('a lazy thenable (a query builder) runs inside of its span', async () => {
  const { log, records } = createTestLog();
  const query = {
    // oxlint-disable-next-line unicorn/no-thenable -- as the query builders of knex and others are
    then(done: (rows: string[]) => unknown): Promise<unknown> {
      log.info('the query runs');
      return Promise.resolve(['row']).then(done);
    },
  };
  expect(await log.span('query', () => query)).toEqual(['row']);
  const [inside, span] = records();
  expect(inside?.span_id).toBe(span?.span_id);
});

test('a handle is ended by hand, once', () => {
  const { log, records } = createTestLog();
  const span = log.startSpan('stream', { part: 1 });
  span.run(() => log.info('inside'));
  log.info('beside');
  span.fail(new Error('torn')).end();
  span.end();
  const [inside, beside, ...spans] = records();
  expect(inside?.span_id).toBe(span.spanId);
  expect(beside?.span_id).toBeUndefined();
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({ level: 'error', attributes: { exception: { message: 'torn' } } });
});

test('a logger of a request opens its spans there, wherever it is called from', () => {
  const { log, records } = createTestLog();
  const requestLog = withTrace({ traceparent: TRACEPARENT }, () => {
    setContext({ order_id: 7 });
    const scope = currentScope();
    return scope === undefined ? undefined : log.inScope(scope).child({ component: 'till' });
  });
  withTrace({}, () => requestLog?.span('own', () => undefined));
  expect(records()[0]).toMatchObject({
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    parent_span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    attributes: { component: 'till', order_id: 7 },
  });
});

test('with OpenTelemetry a span hangs below its active span, and its spans hang below ours', () => {
  const exporter = new InMemorySpanExporter();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  const tracer = trace.getTracer('host');
  const { log, records } = createTestLog();
  tracer.startActiveSpan('theirs', (outer) => {
    log.span('ours', () => {
      log.info('inside');
      trace.getActiveSpan()?.setAttribute('taken', 'without complaint');
      tracer.startSpan('below').end();
    });
    outer.end();
  });
  const [below, theirs] = exporter.getFinishedSpans();
  const [inside, ours] = records();
  expect(ours?.trace_id).toBe(theirs?.spanContext().traceId);
  expect(ours?.parent_span_id).toBe(theirs?.spanContext().spanId);
  expect(below?.parentSpanContext?.spanId).toBe(ours?.span_id);
  expect(inside?.span_id).toBe(ours?.span_id);
});

test('secrets in the fields of a span are not written', () => {
  const { log, lines } = createTestLog();
  log.span('pay', { password: 'hunter2', note: 'call 010-1234-5678' }, () => undefined);
  expect(lines().join('')).not.toMatch(/hunter2|5678/);
});
