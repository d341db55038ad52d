import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSyslog } from './syslog-parse.js';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const parse = (text: string) => parseSyslog(text, NOW);

describe('RFC 5424', () => {
  test('the example of the RFC', () => {
    const text =
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 ' +
      '[exampleSDID@32473 iut="3" eventSource="App \\"x\\" \\]"][b@1] \uFEFFAn application event';
    expect(parse(text)).toEqual({
      resource: { 'host.name': 'mymachine.example.com', 'service.name': 'evntslog' },
      record: {
        time: '2003-10-11T22:14:15.003000000Z',
        level: 'info',
        'syslog.facility': 'local4',
        'syslog.severity': 'notice',
        'syslog.msgid': 'ID47',
        'syslog.structured_data': { 'exampleSDID@32473': { iut: '3', eventSource: 'App "x" ]' }, 'b@1': {} },
        message: 'An application event',
      },
    });
  });

  test('nothing but what must be there', () => {
    expect(parse('<34>1 - - - - - -')).toMatchObject({
      resource: {},
      record: { message: '', level: 'fatal' },
    });
    expect(parse('<34>1 - - - - - - 로그')).toMatchObject({ record: { message: '로그' } });
  });

  test('broken structured data keeps the text', () => {
    const { record } = parse('<34>1 - h a - - [x y=1] hi');
    expect(record['message']).toContain('[x y=1] hi');
  });
});

describe('RFC 3164', () => {
  test('the year is the one nearest to now', () => {
    const old = parse("<34>Dec 31 22:14:15 mymachine su[12]: 'su root' failed");
    expect(old.resource).toEqual({ 'host.name': 'mymachine', 'service.name': 'su' });
    expect(old.record).toMatchObject({ level: 'fatal', message: "'su root' failed", 'syslog.procid': '12' });
    const local = new Date(2025, 11, 31, 22, 14, 15).toISOString().slice(0, 19);
    expect(old.record['time']).toBe(`${local}.000000000Z`);
    expect(String(parse('<34>Jan  3 00:00:00 h a: x').record['time'])).toMatch(/^2026/);
  });

  test('an ISO time in the old format, as rsyslog sends it', () => {
    expect(parse('<13>2025-11-21T10:00:00.5+09:00 web nginx: GET /').record).toMatchObject({
      time: '2025-11-21T01:00:00.500000000Z',
      message: 'GET /',
    });
  });

  test('no time, no host, no tag', () => {
    expect(parse('<11>just text')).toMatchObject({
      resource: {},
      record: { level: 'error', message: 'just text' },
    });
    expect(parse('<11>app: text')).toMatchObject({
      resource: { 'service.name': 'app' },
      record: { message: 'text' },
    });
  });
});

test.each(['Feb 30 10:00:00', 'Nov 31 10:00:00', 'Nov  0 10:00:00', 'Nov 25 24:00:00', 'Nov 25 10:61:00'])(
  '%s is no time, and is not taken for another day',
  (time) => {
    const { record } = parse(`<34>${time} host tag: text`);
    expect(record['time']).toBe(undefined);
    expect(record['message']).toContain('text');
  },
);

test.each(['', 'hello', '<999>x', '<>', '<13', '<a>x'])('%j is kept whole and marked', (text) => {
  expect(parse(text).record).toEqual({ message: text, 'syslog.unparsed': true });
});

test('no text makes it throw, and every character of a message survives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(parse(text)).toBeDefined();
      expect(parse(`<14>1 - - - - - - x${text}`).record['message']).toBe(`x${text}`);
    }),
    { numRuns: 500 },
  );
});

describe('access logs that arrive as syslog', () => {
  test('HAProxy’s httplog is an access record of the service haproxy', () => {
    const { resource, record } = parse(
      '<134>Jan  1 23:59:59 edge-1 haproxy[7]: 203.0.113.7:33317 [01/Jan/2026:23:59:59.100] in gw/g2 0/0/1/5/9 200 27 - - ---- 1/1/1/1/+1 0/0 "GET /a HTTP/1.1"',
    );
    expect(resource).toEqual({ 'host.name': 'edge-1', 'service.name': 'haproxy' });
    expect(record).toMatchObject({
      kind: 'access',
      message: 'GET /a 200',
      'syslog.facility': 'local0',
      'edge.upstream.attempts': 2,
      duration_ms: 9,
    });
  });

  test('nginx’s JSON, and a broken line of it with the reason', () => {
    const line =
      '{"edge":"nginx","msec":"1767225599.5","remote_addr":"203.0.113.7","request_uri":"/a","status":502}';
    expect(parse(`<190>Jan  1 23:59:59 edge-1 nginx: ${line}`).record).toMatchObject({
      time: '2025-12-31T23:59:59.500000000Z',
      level: 'error',
      'edge.kind': 'nginx',
    });
    expect(parse(`<190>Jan  1 23:59:59 edge-1 nginx: ${line.slice(0, 50)}`).record).toMatchObject({
      message: line.slice(0, 50),
      'sillok.unparsed': 'looks like JSON and is not',
    });
  });
});
