import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { overloaded } from '../errors.js';
import { decodeOtlp, encodeOtlp } from './otlp-schema.js';
import { registerOtlp } from './otlp.js';
import { createRecordingAdmission, serveProtocol } from './recording-admission.case.js';

const NS = '1763719200000000001';
const TIME = '2025-11-21T10:00:00.000000001Z';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

let app: FastifyInstance;
afterEach(() => app.close());

async function start() {
  const admission = createRecordingAdmission();
  app = await serveProtocol(registerOtlp, { admission });
  return admission;
}

const json = { 'content-type': 'application/json' };
const proto = { 'content-type': 'application/x-protobuf' };
const text = (stringValue: string) => ({ stringValue });

function logs(logRecords: unknown[], resource: unknown[] = []): object {
  return {
    resourceLogs: [
      { resource: { attributes: resource }, scopeLogs: [{ scope: { name: 'lib' }, logRecords }] },
    ],
  };
}

function post(url: string, payload: object | string | Buffer, headers: { [name: string]: string } = json) {
  return app.inject({ method: 'POST', url, payload, headers });
}

describe('logs', () => {
  test('every field of a log record has its place', async () => {
    const admission = await start();
    const record = {
      timeUnixNano: NS,
      severityNumber: 10,
      severityText: 'NOTICE',
      body: text('paid'),
      traceId: TRACE.toUpperCase(),
      spanId: SPAN,
      eventName: 'order.paid',
      droppedAttributesCount: 2,
      attributes: [
        { key: 'http.route', value: text('/orders/:id') },
        { key: 'order.id', value: { intValue: '7' } },
        { key: 'big', value: { intValue: '9007199254740993' } },
        { key: 'ratio', value: { doubleValue: 0.5 } },
        { key: 'ok', value: { boolValue: true } },
        { key: 'tags', value: { arrayValue: { values: [text('a'), { intValue: 2 }] } } },
        { key: 'raw', value: { bytesValue: 'AAE=' } },
        { key: 'nan', value: { doubleValue: 'NaN' } },
        { key: 'nothing', value: {} },
        { key: '__proto__', value: text('own') },
      ],
    };
    const answer = await post('/v1/logs', logs([record], [{ key: 'service.name', value: text('orders') }]));
    expect([answer.statusCode, answer.body, answer.headers['content-type']]).toEqual([
      200,
      '{}',
      'application/json; charset=utf-8',
    ]);
    expect(admission.batches[0]?.resource).toEqual({ 'service.name': 'orders' });
    const [found] = admission.records();
    expect(found).toMatchObject({
      time: TIME,
      kind: 'log',
      level: 'info',
      message: 'paid',
      trace_id: TRACE,
      span_id: SPAN,
    });
    expect(JSON.parse(JSON.stringify(found?.['attributes']))).toEqual(
      JSON.parse(`{"http.route":"/orders/:id","order.id":7,"big":"9007199254740993","ratio":0.5,"ok":true,
      "tags":["a",2],"raw":"AAE=","nan":"NaN","nothing":null,"__proto__":"own","otel.scope.name":"lib",
      "event.name":"order.paid","otel.dropped_attributes_count":2,"otel.severity_text":"NOTICE",
      "otel.severity_number":10}`),
    );
  });

  test('a structured body stands under body and brings its message', async () => {
    const admission = await start();
    const body = {
      kvlistValue: {
        values: [
          { key: 'message', value: text('hi') },
          { key: 'n', value: { intValue: 1 } },
        ],
      },
    };
    await post(
      '/v1/logs',
      logs([{ observedTimeUnixNano: Number(NS.slice(0, 10)) * 1e9, body }, { body: { intValue: 5 } }]),
    );
    const [first, second] = admission.records();
    expect(first).toMatchObject({ message: 'hi', time: '2025-11-21T10:00:00.000000000Z' });
    expect(first?.['attributes']).toMatchObject({ body: { message: 'hi', n: 1 } });
    expect(second).toMatchObject({ message: '5', level: 'info' });
    expect(second).not.toHaveProperty('time');
  });

  test.each([
    [1, 'trace'],
    [8, 'debug'],
    [9, 'info'],
    [13, 'warn'],
    [20, 'error'],
    [24, 'fatal'],
    [25, 'info'],
    [-1, 'info'],
  ])('severity %i is %s', async (severityNumber, level) => {
    const admission = await start();
    await post('/v1/logs', logs([{ severityNumber }]));
    expect(admission.records()[0]).toMatchObject({ level });
  });

  test('protobuf says the same as JSON', async () => {
    const admission = await start();
    const record = {
      timeUnixNano: NS,
      severityNumber: 17,
      body: text('로그인 실패'),
      traceId: Buffer.from(TRACE, 'hex').toString('base64'),
      attributes: [{ key: 'n', value: { intValue: '-3' } }],
    };
    const body = encodeRequest([record]);
    const answer = await post('/v1/logs', gzipSync(body), proto);
    // The real reader inflates; this one hands on what came, so that the refusal can be seen too.
    expect(answer.statusCode).toBe(400);
    const plain = await post('/v1/logs', body, proto);
    expect([plain.statusCode, plain.rawPayload.length, plain.headers['content-type']]).toEqual([
      200,
      0,
      'application/x-protobuf',
    ]);
    expect(admission.records()[0]).toMatchObject({
      time: TIME,
      level: 'error',
      message: '로그인 실패',
      trace_id: TRACE,
      attributes: { n: -3 },
    });
  });

  function encodeRequest(records: { [field: string]: unknown }[]): Buffer {
    const logRecords = records.map((record) =>
      Buffer.from(encodeOtlp('LogRecord', record)).toString('base64'),
    );
    return Buffer.from(encodeOtlp('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
  }

  test('a broken record costs itself and is counted, in the encoding of the request', async () => {
    const admission = await start();
    const good = Buffer.from(encodeOtlp('LogRecord', { body: text('good') }));
    // Field 5, wire type 2, length 100: there are no 100 bytes.
    const cut = Buffer.from([0x2a, 100, 1]);
    const logRecords = [good, cut, good].map((bytes) => bytes.toString('base64'));
    const body = encodeOtlp('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    const answer = await post('/v1/logs', Buffer.from(body), proto);
    expect(answer.statusCode).toBe(200);
    const partial = JSON.parse(JSON.stringify(decodeOtlp('ExportResponse', answer.rawPayload)));
    expect(partial.partialSuccess).toMatchObject({ rejected: '1' });
    expect(partial.partialSuccess.errorMessage).toContain('#1 undecodable');
    expect(admission.records()).toHaveLength(2);

    const inJson = await post('/v1/logs', logs([null, { body: text('x') }, 7]));
    expect(inJson.json().partialSuccess).toMatchObject({ rejectedLogRecords: '2' });
    expect(admission.records()).toHaveLength(3);
  });

  test('the same body sent again adds nothing', async () => {
    const admission = await start();
    const body = logs([{ timeUnixNano: NS, body: text('once') }]);
    const [first, second] = [await post('/v1/logs', body), await post('/v1/logs', body)];
    expect([first.statusCode, second.statusCode, second.body]).toEqual([200, 200, '{}']);
    expect(admission.records()).toHaveLength(1);
  });

  test('resources are kept apart', async () => {
    const admission = await start();
    const one = (name: string) => ({
      resource: { attributes: [{ key: 'service.name', value: text(name) }] },
      scopeLogs: [{ logRecords: [{ body: text(name) }] }],
    });
    await post('/v1/logs', { resourceLogs: [one('a'), one('b'), one('a')] });
    expect(
      admission.batches.map(({ resource, records }) => [resource['service.name'], records.length]),
    ).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });

  test('a value deeper than the limit is a note and costs nothing else', async () => {
    const admission = await start();
    const deep = `${'{"arrayValue":{"values":['.repeat(5000)}{"intValue":1}${']}}'.repeat(5000)}`;
    const payload = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"kept"},
      "attributes":[{"key":"deep","value":${deep}}]}]}]}]}`;
    const answer = await post('/v1/logs', payload);
    expect(answer.statusCode).toBe(200);
    expect(admission.records()[0]?.['message']).toBe('kept');
    expect(JSON.stringify(admission.records()[0])).toContain('nested deeper than 64');
  });

  test('an empty request is a success', async () => {
    await start();
    expect((await post('/v1/logs', {})).statusCode).toBe(200);
    expect((await post('/v1/logs', Buffer.alloc(0), proto)).statusCode).toBe(200);
  });

  test.each([
    { name: 'garbage in JSON', payload: Buffer.from('{"resourceLogs":'), headers: json, status: 400 },
    { name: 'an array', payload: Buffer.from('[]'), headers: json, status: 400 },
    {
      name: 'garbage in protobuf',
      payload: Buffer.from([0x0a, 255, 255, 255, 1]),
      headers: proto,
      status: 400,
    },
    {
      name: 'another type',
      payload: Buffer.from('x'),
      headers: { 'content-type': 'text/plain' },
      status: 415,
    },
  ])(
    '$name is refused with a status in the encoding of the request',
    async ({ payload, headers, status }) => {
      await start();
      const answer = await post('/v1/logs', payload, headers);
      expect(answer.statusCode).toBe(status);
      const found =
        headers === proto
          ? JSON.parse(JSON.stringify(decodeOtlp('RpcStatus', answer.rawPayload)))
          : answer.json<{ code: number; message: string }>();
      expect(found).toMatchObject({ code: 3 });
      expect(found.message.length).toBeGreaterThan(10);
    },
  );

  test('a full queue answers 429 with Retry-After, and the retry is taken', async () => {
    const admission = await start();
    admission.failure = overloaded('the queue is full', 3);
    const body = logs([{ timeUnixNano: NS, body: text('later') }]);
    const refused = await post('/v1/logs', body);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '3']);
    admission.failure = undefined;
    expect((await post('/v1/logs', body)).statusCode).toBe(200);
    expect(admission.records()).toHaveLength(1);
  });

  test('a bug is answered with 500 and keeps its message to itself', async () => {
    const admission = await start();
    admission.failure = new Error('secret inner detail');
    const answer = await post('/v1/logs', logs([{}]));
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
  });
});

describe('traces', () => {
  const span = {
    traceId: TRACE,
    spanId: SPAN,
    parentSpanId: '00f067aa0ba902b7',
    traceState: 'a=b',
    name: 'GET /orders/:id',
    kind: 2,
    startTimeUnixNano: NS,
    endTimeUnixNano: '1763719200012500001',
    attributes: [{ key: 'http.response.status_code', value: { intValue: 500 } }],
    events: [
      {
        timeUnixNano: NS,
        name: 'exception',
        attributes: [
          { key: 'exception.type', value: text('TypeError') },
          { key: 'exception.message', value: text('x is not a function') },
          { key: 'exception.stacktrace', value: text('TypeError: x\n  at y') },
          { key: 'exception.escaped', value: { boolValue: true } },
        ],
      },
      { timeUnixNano: NS, name: 'retry', attributes: [] },
    ],
    links: [{ traceId: TRACE, spanId: SPAN, traceState: '', attributes: [{ key: 'k', value: text('v') }] }],
    status: { code: 2, message: 'boom' },
    droppedEventsCount: 3,
  };

  test('every field of a span has its place', async () => {
    const admission = await start();
    await post('/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const [found] = admission.records();
    expect(found).toMatchObject({
      kind: 'span',
      time: TIME,
      level: 'error',
      message: 'GET /orders/:id',
      trace_id: TRACE,
      span_id: SPAN,
      parent_span_id: '00f067aa0ba902b7',
      duration_ms: 12.5,
    });
    expect(JSON.parse(JSON.stringify(found?.['attributes']))).toEqual({
      'http.response.status_code': 500,
      'span.kind': 'server',
      'otel.status_code': 'ERROR',
      'otel.status_description': 'boom',
      'otel.dropped_events_count': 3,
      'w3c.tracestate': 'a=b',
      'exception.type': 'TypeError',
      'exception.message': 'x is not a function',
      'exception.stacktrace': 'TypeError: x\n  at y',
      'span.events': [
        { name: 'exception', time: TIME, attributes: { 'exception.escaped': true } },
        { name: 'retry', time: TIME },
      ],
      'span.links': [{ trace_id: TRACE, span_id: SPAN, attributes: { k: 'v' } }],
    });
  });

  test('a span without an end, without a parent and with a zero id', async () => {
    const admission = await start();
    const open = {
      traceId: TRACE,
      spanId: SPAN,
      parentSpanId: '0000000000000000',
      name: 'open',
      startTimeUnixNano: NS,
    };
    await post('/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [open, 'no span'] }] }] });
    const [found] = admission.records();
    expect(Object.keys(found ?? {}).sort()).toEqual([
      'attributes',
      'kind',
      'level',
      'message',
      'span_id',
      'time',
      'trace_id',
    ]);
  });
});
