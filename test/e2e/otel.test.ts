/** An unmodified OpenTelemetry SDK in Node, logs and traces, JSON and protobuf, exporting to Sillok. */
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../lib/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => server.dispose());

const encodings = [
  ['json', JsonLogExporter, JsonTraceExporter],
  ['protobuf', ProtoLogExporter, ProtoTraceExporter],
] as const;

describe.each(encodings)('%s', (encoding, LogExporter, TraceExporter) => {
  test('logs and spans of one trace are found together', async () => {
    const service = `otel-${encoding}`;
    const resource = resourceFromAttributes({
      'service.name': service,
      'service.version': '2.1.0',
      'host.name': 'h9',
    });
    const options = (path: string): { url: string; headers: Record<string, string> } => ({
      url: `${server.url}${path}`,
      headers: { authorization: `Bearer ${server.key}` },
    });
    const tracerProvider = new NodeTracerProvider({
      resource,
      spanProcessors: [new BatchSpanProcessor(new TraceExporter(options('/v1/traces')))],
    });
    const loggerProvider = new LoggerProvider({
      resource,
      processors: [new BatchLogRecordProcessor({ exporter: new LogExporter(options('/v1/logs')) })],
    });
    const tracer = tracerProvider.getTracer('shop');
    const logger = loggerProvider.getLogger('shop');

    let traceId = '';
    tracer.startActiveSpan('POST /orders', (span) => {
      traceId = span.spanContext().traceId;
      logger.emit({
        severityNumber: SeverityNumber.ERROR,
        severityText: 'ERROR',
        body: '결제 실패',
        attributes: { 'order.id': 77, 'http.route': '/orders', tags: ['a', 'b'], nested: { deep: { x: 1 } } },
        context: trace.setSpan(context.active(), span),
      });
      tracer.startActiveSpan('SELECT orders', (child) => {
        child.setAttribute('db.query.text', 'select * from orders where id = $1');
        child.recordException(new TypeError('no such order'));
        child.setStatus({ code: SpanStatusCode.ERROR, message: 'no such order' });
        child.end();
      });
      span.end();
    });
    await tracerProvider.shutdown();
    await loggerProvider.shutdown();

    const found = await server.waitFor({ q: `trace_id:${traceId}`, from: '-1h', order: 'asc' }, 3);
    expect(found.length).toBe(3);
    const log = found.find((record) => record.kind === 'log');
    expect(log).toMatchObject({
      level: 'error',
      message: '결제 실패',
      resource: { 'service.name': service, 'service.version': '2.1.0' },
      attributes: {
        order: { id: 77 },
        http: { route: '/orders' },
        tags: ['a', 'b'],
        nested: { deep: { x: 1 } },
      },
    });
    const spans = found.filter((record) => record.kind === 'span');
    expect(spans.map((span) => span.message).toSorted()).toEqual(['POST /orders', 'SELECT orders']);
    const child = spans.find((span) => span.message === 'SELECT orders');
    expect(child?.level).toBe('error');
    expect(child?.attributes).toMatchObject({
      db: { query: { text: 'select * from orders where id = $1' } },
    });
    expect(
      (await server.search({ q: `service.name:${service} order.id:77`, from: '-1h' })).records.length,
    ).toBe(1);
  });
});
