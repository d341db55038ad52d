import { expect, test } from 'vitest';
import { extractTraceContext, traceHeaders } from './propagate.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const XRAY = `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN};Sampled=0`;

function extract(headers: Record<string, string>): ReturnType<typeof extractTraceContext> {
  return extractTraceContext((name) => headers[name]);
}

test('without headers a trace of its own starts, sampled', () => {
  const context = extract({});
  expect(context.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(context.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(context.parentSpanId).toBeUndefined();
  expect(context.sampled).toBe(true);
});

test('a called service continues the trace of its caller, with state and baggage', () => {
  const first = extract({
    traceparent: `00-${TRACE}-${SPAN}-01`,
    tracestate: 'vendor=abc',
    baggage: 'sillok.global_trace_id=g-1,sillok.user_hash=abcdef,other=1',
  });
  expect(first).toMatchObject({
    traceId: TRACE,
    parentSpanId: SPAN,
    tracestate: 'vendor=abc',
    globalTraceId: 'g-1',
    userHash: 'abcdef',
  });
  const second = extract(traceHeaders(first));
  expect(second).toMatchObject({
    traceId: TRACE,
    parentSpanId: first.spanId,
    tracestate: 'vendor=abc',
    globalTraceId: 'g-1',
    userHash: 'abcdef',
  });
  expect(second.baggage.get('other')).toEqual({ value: '1' });
});

test('a broken traceparent starts a new trace and its tracestate is not passed on', () => {
  const context = extract({ traceparent: `00-${TRACE}-${SPAN}-1`, tracestate: 'vendor=abc' });
  expect(context.traceId).not.toBe(TRACE);
  expect(context.tracestate).toBeUndefined();
});

test('a broken tracestate is dropped and the trace goes on', () => {
  const context = extract({ traceparent: `00-${TRACE}-${SPAN}-00`, tracestate: 'a=1,a=1' });
  expect(context).toMatchObject({ traceId: TRACE, sampled: false });
  expect(context.tracestate).toBeUndefined();
});

test('ids of ours that do not look like ids are not taken from a stranger', () => {
  const context = extract({ baggage: `sillok.global_trace_id=a%0Ab,sillok.session_hash=${'x'.repeat(200)}` });
  expect(context.globalTraceId).toBeUndefined();
  expect(context.sessionHash).toBeUndefined();
});

interface Dialect {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly traceId?: string;
  readonly sampled: boolean;
}

const dialects: Dialect[] = [
  { name: 'b3', headers: { b3: `${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90` }, sampled: true },
  {
    name: 'b3, 64 bits',
    headers: { b3: `${SPAN}-${SPAN}-0` },
    traceId: SPAN.padStart(32, '0'),
    sampled: false,
  },
  {
    name: 'b3 in several headers',
    headers: { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0' },
    sampled: false,
  },
  { name: 'Jaeger', headers: { 'uber-trace-id': `${TRACE}:${SPAN}:0:1` }, sampled: true },
  { name: 'X-Ray', headers: { 'x-amzn-trace-id': XRAY }, sampled: false },
  {
    name: 'Google Cloud',
    headers: { 'x-cloud-trace-context': `${TRACE}/${BigInt(`0x${SPAN}`)};o=1` },
    sampled: true,
  },
];

test.each(dialects)(
  '$name is understood where traceparent is absent',
  ({ headers, traceId = TRACE, sampled }) => {
    expect(extract(headers)).toMatchObject({ traceId, parentSpanId: SPAN, sampled });
  },
);

test.each([
  ['b3', '0'],
  ['b3', `${TRACE}-zz-1`],
  ['uber-trace-id', `${TRACE}:${SPAN}:0`],
  ['x-amzn-trace-id', `Root=1-${TRACE};Sampled=1`],
  ['x-cloud-trace-context', `${TRACE}/99999999999999999999`],
])('a broken %s header starts a new trace', (name, value) => {
  expect(extract({ [name]: value }).parentSpanId).toBeUndefined();
});
