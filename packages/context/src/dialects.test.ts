/**
 * Golden vectors: headers as each vendor's own documents show them, what they mean to us, and what we write back. Where
 * OpenTelemetry has a propagator, it must read what we write as the same place.
 */
import { ROOT_CONTEXT, trace, type TextMapPropagator } from '@opentelemetry/api';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger';
import { describe, expect, test } from 'vitest';
import { aliasHeader, extractTraceContext, traceHeaders, type TraceContext } from './propagate.js';
import { isWrittenDialect, WRITTEN_DIALECTS, type WrittenDialect } from './write-dialects.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const LOW = TRACE.slice(16);

function extract(headers: Record<string, string>): TraceContext {
  return extractTraceContext((name) => headers[name]);
}

function aliases(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries((extract(headers).aliases ?? []).map(({ name, value }) => [name, value]));
}

interface Vector {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly traceId: string;
  readonly parent?: string;
  readonly sampled?: boolean;
  readonly alias: Record<string, string>;
}

const xray = '1-5759e988-bd862e3fe1be46a994272793';
const XRAY_TRACE = '5759e988bd862e3fe1be46a994272793';
const vectors: Vector[] = [
  {
    name: 'b3 in one header',
    headers: { b3: '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90' },
    traceId: '80f198ee56343ba864fe8b2a57d3eff7',
    parent: 'e457b5a2e4d86bd1',
    alias: { b3: '80f198ee56343ba864fe8b2a57d3eff7' },
  },
  {
    name: 'b3 of 64 bits, not sampled',
    headers: { b3: `${SPAN}-e457b5a2e4d86bd1-0` },
    traceId: SPAN.padStart(32, '0'),
    parent: 'e457b5a2e4d86bd1',
    sampled: false,
    alias: { b3: SPAN },
  },
  {
    name: 'b3 in several headers, with debug',
    headers: { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0', 'x-b3-flags': '1' },
    traceId: TRACE,
    parent: SPAN,
    alias: { b3: TRACE },
  },
  {
    name: 'Jaeger, short and with escaped colons',
    headers: { 'uber-trace-id': '3d23d071b5bfd6579171efce907685cb%3A8f007b46fba591%3A0%3A1' },
    traceId: '3d23d071b5bfd6579171efce907685cb',
    parent: '008f007b46fba591',
    alias: { jaeger: '3d23d071b5bfd6579171efce907685cb' },
  },
  {
    name: 'X-Ray from a service',
    headers: { 'x-amzn-trace-id': `Root=${xray};Parent=53995c3f42cd8ad8;Sampled=0` },
    traceId: XRAY_TRACE,
    parent: '53995c3f42cd8ad8',
    sampled: false,
    alias: { xray },
  },
  {
    name: 'X-Ray from a load balancer: no calling span',
    headers: { 'x-amzn-trace-id': `Self=1-67891234-12456789abcdef012345678;Root=${xray}` },
    traceId: XRAY_TRACE,
    alias: { xray },
  },
  {
    name: 'Google Cloud',
    headers: { 'x-cloud-trace-context': `${TRACE}/${BigInt(`0x${SPAN}`)};o=1` },
    traceId: TRACE,
    parent: SPAN,
    alias: { gcp: TRACE },
  },
  {
    name: 'Google Cloud without a span',
    headers: { 'x-cloud-trace-context': `${TRACE};o=0` },
    traceId: TRACE,
    sampled: false,
    alias: { gcp: TRACE },
  },
  {
    name: 'Datadog, 128 bits',
    headers: {
      'x-datadog-trace-id': BigInt(`0x${LOW}`).toString(),
      'x-datadog-parent-id': BigInt(`0x${SPAN}`).toString(),
      'x-datadog-sampling-priority': '2',
      'x-datadog-tags': `_dd.p.dm=-4,_dd.p.tid=${TRACE.slice(0, 16)}`,
    },
    traceId: TRACE,
    parent: SPAN,
    alias: { datadog: BigInt(`0x${LOW}`).toString() },
  },
  {
    name: 'Datadog, 64 bits, rejected by the user',
    headers: {
      'x-datadog-trace-id': '4111111111111111',
      'x-datadog-parent-id': '7',
      'x-datadog-sampling-priority': '-1',
    },
    traceId: 4111111111111111n.toString(16).padStart(32, '0'),
    parent: '0000000000000007',
    sampled: false,
    alias: { datadog: '4111111111111111' },
  },
  {
    name: 'Sentry',
    headers: { 'sentry-trace': `${TRACE}-${SPAN}` },
    traceId: TRACE,
    parent: SPAN,
    alias: { sentry: TRACE },
  },
];

test.each(vectors)('$name', ({ headers, traceId, parent, sampled = true, alias }) => {
  const context = extract(headers);
  expect(context).toMatchObject({ traceId, sampled });
  expect(context.parentSpanId).toBe(parent);
  expect(aliases(headers)).toEqual(alias);
});

test('all ids that came in are kept; traceparent names the trace, and losers keep their span', () => {
  const headers = {
    traceparent: `00-${TRACE}-${SPAN}-01`,
    b3: '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1',
    'x-amzn-trace-id': `Root=${xray}`,
    'pinpoint-traceid': 'shop-agent^1700000000000^42',
    'x-request-id': 'f0b6-77',
    'x-trace-id': 'legacy/7',
  };
  const context = extract(headers);
  expect(context).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
  expect(aliases(headers)).toEqual({
    b3: '80f198ee56343ba864fe8b2a57d3eff7',
    xray,
    pinpoint: 'shop-agent^1700000000000^42',
    request_id: 'f0b6-77',
    x_trace_id: 'legacy/7',
  });
  expect(context.aliases?.find(({ name }) => name === 'b3')?.span).toBe('e457b5a2e4d86bd1');
});

test('a load balancer that adds its root does not take the trace from a client that names its span', () => {
  const headers = { 'x-amzn-trace-id': `Root=${xray}`, 'sentry-trace': `${TRACE}-${SPAN}-1` };
  expect(extract(headers)).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
});

test.each([
  ['b3', `${TRACE}-zz-1`, { b3: TRACE }],
  ['b3', '0', {}],
  ['uber-trace-id', `${TRACE}:${SPAN}:0`, { jaeger: TRACE }],
  ['x-amzn-trace-id', `Root=1-${TRACE};Sampled=1`, { xray: `1-${TRACE}` }],
  ['x-cloud-trace-context', 'not-hex/1', { gcp: 'not-hex' }],
  ['x-datadog-trace-id', '99999999999999999999', { datadog: '99999999999999999999' }],
  ['sentry-trace', `${TRACE}`, { sentry: TRACE }],
  ['traceparent', `00-${TRACE}-${SPAN}-1`, { w3c: `00-${TRACE}-${SPAN}-1` }],
  ['x-request-id', 'two words', {}],
  ['x-request-id', 'x'.repeat(300), {}],
])('a broken %s (%s) starts a trace, and what looks like an id stays findable', (name, value, alias) => {
  const context = extract({ [name]: value });
  expect(context.parentSpanId).toBeUndefined();
  expect(context.traceId).not.toBe(TRACE);
  expect(aliases({ [name]: value })).toEqual(alias);
});

test('headers of a company’s own are kept under their name', () => {
  expect(aliasHeader('X-Correlation-ID')).toEqual({ header: 'x-correlation-id', name: 'x_correlation_id' });
  const context = extractTraceContext((name) => ({ 'x-correlation-id': 'c-1' })[name], undefined, {
    aliasHeaders: [aliasHeader('X-Correlation-ID')],
  });
  expect(context.aliases).toEqual([{ name: 'x_correlation_id', value: 'c-1', isStrict: false }]);
});

describe('what we write', () => {
  const context = extract({ traceparent: `00-${TRACE}-${SPAN}-01`, 'x-request-id': 'r-1' });

  test.each(WRITTEN_DIALECTS.filter((name) => name !== 'w3c' && name !== 'request_id'))(
    '%s is read by us as the same place',
    (dialect) => {
      const headers = traceHeaders(context, { dialects: [dialect] });
      expect(headers['traceparent']).toBeUndefined();
      expect(extract(headers)).toMatchObject({ traceId: TRACE, parentSpanId: context.spanId, sampled: true });
    },
  );

  const peers: [WrittenDialect, TextMapPropagator][] = [
    ['b3', new B3Propagator()],
    ['b3multi', new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER })],
    ['jaeger', new JaegerPropagator()],
    ['xray', new AWSXRayPropagator()],
  ];
  test.each(peers)('%s is read by OpenTelemetry’s propagator as the same place', (dialect, propagator) => {
    const headers = traceHeaders(context, { dialects: [dialect] });
    const getter = {
      keys: (carrier: Record<string, string>) => Object.keys(carrier),
      get: (carrier: Record<string, string>, key: string) => carrier[key.toLowerCase()],
    };
    const read = trace.getSpanContext(propagator.extract(ROOT_CONTEXT, headers, getter));
    expect(read).toMatchObject({ traceId: TRACE, spanId: context.spanId, traceFlags: 1 });
  });

  test('a proxy’s request id is handed on, beside as many dialects as the next hop wants', () => {
    const headers = traceHeaders(context, { dialects: ['w3c', 'b3', 'request_id'] });
    expect(Object.keys(headers).sort()).toEqual(['b3', 'traceparent', 'x-request-id']);
    expect(headers['x-request-id']).toBe('r-1');
    expect(isWrittenDialect('b3')).toBe(true);
    expect(isWrittenDialect('morse')).toBe(false);
  });
});
