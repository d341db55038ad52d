import { isSpanId, isTraceId } from '@sillok/context';
import { isTime } from '@sillok/record';
import { describe, expect, test } from 'vitest';
import { readEdgeLine, readEdgeObject, textOfUnparsed } from './index.js';
import { SAMPLES } from './samples.case.js';
import type { SampleName } from './samples.case.js';
import type { Fields } from './values.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const UTC = { utc: true };

function read(name: SampleName): Fields {
  const reading = readEdgeLine(SAMPLES[name], UTC);
  if (reading === undefined || !('fields' in reading)) throw new Error(`${name}: ${JSON.stringify(reading)}`);
  return reading.fields;
}

test.each(Object.keys(SAMPLES))('%s: an access record with a time, a path, and no secret', (name) => {
  // The keys of SAMPLES.
  const fields = read(name as SampleName);
  expect(fields).toMatchObject({
    kind: 'access',
    'client.address': '203.0.113.7',
    'url.path': expect.stringMatching(/^\//),
  });
  expect(isTime(fields['time'])).toBe(true);
  expect(JSON.stringify(fields)).not.toMatch(/secret|s3cret|hunter2|=abc|=xyz|session=s1|token=t|"sid=s/);
  for (const id of ['span_id', 'parent_span_id'])
    expect(fields[id] === undefined || isSpanId(String(fields[id]))).toBe(true);
  expect(fields['trace_id'] === undefined || isTraceId(String(fields['trace_id']))).toBe(true);
});

describe('nginx', () => {
  test('combined, with what was added at its end', () => {
    expect(read('combined')).toMatchObject({
      time: '2025-11-21T10:00:00.000000000Z',
      level: 'error',
      message: 'POST /orders 502',
      'edge.kind': 'nginx',
      duration_ms: 12,
      trace_id: TRACE,
      parent_span_id: '00f067aa0ba902b7',
      'user.name': 'kim',
      'url.query': 'id=7&code=(redacted)',
      'http.request.header.referer': 'https://shop.example/cart?session=(redacted)&tab=2',
      'edge.upstream.attempts': 2,
      'edge.upstream.addresses': ['192.0.2.1:80', '192.0.2.2:80'],
      'edge.upstream.statuses': [502, 200],
      'edge.upstream.durations_ms': [2, 9],
    });
    const garbage = readEdgeLine('203.0.113.7 - - [21/Nov/2025:19:00:00 +0900] "\\x16\\x03" 400 0', UTC);
    expect(garbage).toMatchObject({ fields: { level: 'warn', 'http.request.line': '\\x16\\x03' } });
  });

  test('JSON under the names of its variables: two attempts, own span, every id', () => {
    expect(read('nginxJson')).toMatchObject({
      time: '2025-11-21T10:00:00.123000000Z',
      message: 'GET /orders/7 200',
      trace_id: TRACE,
      span_id: 'a3ce929d0e0e4736',
      parent_span_id: '00f067aa0ba902b7',
      'trace.alias.xray': '1-67891233-abcdef012345678912345678',
      'trace.alias.request_id': '0af7651916cd43dd8448eb211c80319c',
      'edge.request_id': '0af7651916cd43dd8448eb211c80319c',
      'edge.upstream.attempts': 2,
      'edge.upstream.statuses': [502, 200],
      'edge.upstream.durations_ms': [2, 28],
      'edge.upstream.connect_ms': [null, 1],
      duration_ms: 31,
    });
  });

  test('an internal redirect to other upstreams counts their attempts too', () => {
    const fields = readEdgeObject({
      edge: 'nginx',
      upstream_addr: '192.0.2.1:80, unix:/run/a.sock : 192.0.2.9:80',
      upstream_status: '502, 404 : 200',
    });
    expect(fields).toMatchObject({
      'edge.upstream.attempts': 3,
      'edge.upstream.addresses': ['192.0.2.1:80', 'unix:/run/a.sock', '192.0.2.9:80'],
    });
  });
});

describe('AWS', () => {
  test('an ALB’s trace id is an alias and the trace that it pads to', () => {
    expect(read('alb')).toMatchObject({
      time: '2025-11-21T10:00:00.186641000Z',
      duration_ms: 171,
      trace_id: '583372811d84f3d73c47ec4e58577259',
      'trace.alias.xray': '1-58337281-1d84f3d73c47ec4e58577259',
      'server.port': 443,
      'url.path': '/login',
      'edge.upstream.attempts': 1,
      'edge.upstream.addresses': ['10.0.0.1:80'],
      'edge.upstream.durations_ms': [48],
      'edge.connection_id': 'TID_1234abcd5678ef90',
    });
    expect(read('albNoTarget')).toMatchObject({
      level: 'error',
      'http.response.status_code': 502,
      'edge.upstream.attempts': 0,
      'edge.error_reason': 'LambdaInvalidResponse',
      duration_ms: 86,
    });
  });

  test('CloudFront: a hit asked nobody, and cookies stay outside', () => {
    expect(read('cloudFront')).toMatchObject({
      time: '2025-11-21T10:00:00.000000000Z',
      duration_ms: 1,
      'edge.upstream.attempts': 0,
      'edge.result_type': 'Hit',
      'user_agent.original': 'Mozilla/5.0 (Windows NT)',
      'server.address': 'shop.example',
    });
    expect(read('cloudFrontJson')).toMatchObject({ level: 'error', duration_ms: 30_007, 'c-country': 'KR' });
    expect(read('cloudFrontJson')).not.toHaveProperty('edge.upstream.attempts');
  });

  test('CloudFront: the fields are those that the head of the file names', () => {
    const head = '#Version: 1.0\n#Fields: date time cs-uri-stem sc-status\n';
    expect(readEdgeLine('2025-11-21\t10:00:00\t/a\t404', { utc: true, head })).toMatchObject({
      fields: { 'url.path': '/a', 'http.response.status_code': 404 },
    });
    expect(readEdgeLine('2025-11-21\t10:00:00\t/a', { utc: true, head })).toEqual({
      unparsed: 'a CloudFront line has 4 fields as its #Fields line says, this one 3',
    });
  });

  test('WAF: the request id in front of an ALB is the trace id that the ALB logs', () => {
    expect(read('waf')).toMatchObject({
      level: 'warn',
      message: 'POST /login BLOCK',
      trace_id: TRACE,
      'trace.alias.xray': '1-58337281-1d84f3d73c47ec4e58577259',
      'http.response.status_code': 403,
      'edge.action': 'BLOCK',
      'edge.rule': 'SQLi',
      'edge.labels': ['bot:curl'],
    });
  });
});

describe('HAProxy', () => {
  test('httplog: the time is the beginning, the retry is counted, what it met is unknown', () => {
    expect(read('haproxy')).toMatchObject({
      time: '2025-11-21T10:00:00.764000000Z',
      duration_ms: 109,
      trace_id: TRACE,
      'edge.name': 'http-in',
      'edge.upstream.attempts': 2,
      'edge.upstream.addresses': [null, 'srv1'],
      'edge.upstream.statuses': [null, 200],
      'edge.upstream.durations_ms': [null, 69],
      'edge.timing.connect_ms': 30,
      'edge.termination_state': '--VN',
    });
    expect(read('haproxySyslogFile')).toMatchObject({ 'edge.upstream.attempts': 0, level: 'error' });
  });

  test('JSON of our configuration', () => {
    expect(read('haproxyJson')).toMatchObject({
      time: '2025-11-21T10:00:00.675000000Z',
      trace_id: TRACE,
      span_id: 'a3ce929d0e0e4736',
      'edge.upstream.attempts': 2,
      'edge.upstream.addresses': [null, '192.0.2.2:8080'],
      'trace.alias.request_id': 'b1946ac9-2f1e-4d5e-8a3f-0c9d6b7e1a2b',
    });
  });

  test('its other lines are not requests', () => {
    for (const line of [
      'Server shop/g1 is DOWN, reason: Layer4 connection problem',
      '203.0.113.7:33313 [21/Nov/2025:10:00:00.655] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0',
    ])
      expect(readEdgeLine(line, UTC)).toBeUndefined();
  });
});

describe('Envoy', () => {
  test('its own format and Istio’s', () => {
    expect(read('envoy')).toMatchObject({
      time: '2025-11-21T10:00:00.536000000Z',
      duration_ms: 226,
      'url.path': '/api/v1/locations',
      'url.query': 'key=(redacted)',
      'server.address': 'locations',
      'trace.alias.request_id': 'cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2',
    });
    // One host is named; how many were tried before it is not in this format.
    expect(read('envoy')).not.toHaveProperty('edge.upstream.attempts');
    expect(read('istio')).toMatchObject({
      level: 'warn',
      'edge.response_flags': 'UF',
      'edge.error_reason': 'via_upstream',
      'edge.upstream.name': 'outbound|8000||httpbin.foo.svc.cluster.local',
    });
  });

  test('JSON with the count of attempts', () => {
    expect(read('envoyJson')).toMatchObject({
      trace_id: TRACE,
      'edge.upstream.attempts': 3,
      'edge.upstream.addresses': [null, null, '10.44.1.27:80'],
      'edge.upstream.durations_ms': [null, null, 31],
    });
  });
});

test.each([
  ['203.0.113.7 - - [21/Nov/2025:19:00:00 +0900] "GET / HT', /breaks off/],
  ['203.0.113.7 - - [41/Nov/2025:19:00:00 +0900] "GET / HTTP/1.1" 200 5', /no such time/],
  [SAMPLES.alb.slice(0, 150), /at least 17 fields/],
  [SAMPLES.cloudFront.slice(0, 60), /at least 19 fields/],
  [SAMPLES.haproxy.slice(0, 110), /HAProxy/],
  [SAMPLES.envoy.slice(0, 100), /Envoy/],
  ['Nov 21 10:00:00 h nginx: {"edge":"nginx",', /JSON/],
])('a broken line says why: %s', (line, reason) => {
  expect(readEdgeLine(line, UTC)).toEqual({ unparsed: expect.stringMatching(reason) });
});

test('what is kept of a broken line holds no cookie and no code', () => {
  expect(textOfUnparsed('203.0.113.7 - - [x] "GET /cb?code=abc&page=2', undefined)).toBe(
    '203.0.113.7 - - [x] "GET /cb?code=(redacted)&page=2',
  );
  expect(textOfUnparsed(SAMPLES.cloudFront.slice(0, 250), undefined)).not.toContain('secret');
});
