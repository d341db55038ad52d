import { expect, test } from 'vitest';
import { extractTraceContext, traceHeaders } from './propagate.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

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

test.each<[string, Record<string, string>, string, string, boolean]>([
  ['b3', { b3: `${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90` }, TRACE, SPAN, true],
  ['b3 with 64 bits', { b3: `${SPAN}-${SPAN}-0` }, `${'0'.repeat(16)}${SPAN}`, SPAN, false],
  ['b3 headers', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0' }, TRACE, SPAN, false],
  ['Jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:1` }, TRACE, SPAN, true],
  [
    'X-Ray',
    { 'x-amzn-trace-id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN};Sampled=0` },
    TRACE,
    SPAN,
    false,
  ],
  ['Google Cloud', { 'x-cloud-trace-context': `${TRACE}/${BigInt(`0x${SPAN}`)};o=1` }, TRACE, SPAN, true],
])('%s is understood where traceparent is absent', (_name, headers, traceId, parentSpanId, sampled) => {
  expect(extract(headers)).toMatchObject({ traceId, parentSpanId, sampled });
});

test.each([
  ['b3', '0'],
  ['b3', `${TRACE}-zz-1`],
  ['uber-trace-id', `${TRACE}:${SPAN}:0`],
  ['x-amzn-trace-id', `Root=1-${TRACE};Sampled=1`],
  ['x-cloud-trace-context', `${TRACE}/99999999999999999999`],
])('a broken %s header starts a new trace', (name, value) => {
  expect(extract({ [name]: value }).parentSpanId).toBeUndefined();
});
