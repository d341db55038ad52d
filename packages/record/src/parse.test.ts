import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from './encode.js';
import type { Parsed } from './build-record.js';
import { ATTRIBUTES_MAX, LINE_BYTES_MAX } from './limits.js';
import { parseRecord } from './parse.js';
import { sha256Hex } from './sha256.js';

const TIME = '2026-11-21T10:00:00.000000001Z';
const nested = (line: string | Uint8Array) => parseRecord(line, { encoding: 'nested' });
const flat = (line: string | Uint8Array) => parseRecord(line, { encoding: 'flat' });
const line = (fields: string) =>
  `{"seq":1,"time":"${TIME}","kind":"log","level":"info","message":"m"${fields}}`;

function taken(parsed: Parsed) {
  if (!parsed.ok) throw new Error(`rejected: ${parsed.code} ${parsed.reason}`);
  // Whatever was read, what goes on is canonical and says the same as the record.
  expect(JSON.stringify(JSON.parse(parsed.line))).toBe(parsed.line);
  expect(parsed.line).not.toMatch(/\p{Cc}/u);
  expect(decodeRecord(parsed.line)).toEqual(parsed.record);
  expect(flat(parsed.line)).toMatchObject({ ok: true, changed: false });
  expect(Buffer.byteLength(parsed.line)).toBeLessThanOrEqual(LINE_BYTES_MAX);
  return { ...parsed, attributes: parsed.record.attributes ?? {} };
}

test('a canonical line passes byte for byte, from text and from bytes', () => {
  const canonical = encodeRecord({
    seq: 3,
    time: TIME,
    kind: 'access',
    level: 'warn',
    message: '결제 실패',
    trace_id: 'a',
    'http.route': '/주문/:id',
    duration_ms: 0.1,
    attributes: { '7': '7', a: 7, n: null, t: 'true', 'x\\.y': ['a', { b: 1 }] },
  });
  for (const input of [canonical, Buffer.from(canonical)]) {
    expect(taken(flat(input))).toMatchObject({ line: canonical, changed: false, quarantined: [] });
  }
});

test.each([
  ['keys in another order', '{"time":"T","seq":1,"kind":"log","level":"info","message":"m"}'],
  ['white space', '{"seq": 1, "time":"T","kind":"log","level":"info","message":"m"}'],
  ['an exponent in an integer', '{"seq":1e0,"time":"T","kind":"log","level":"info","message":"m"}'],
  ['needless escapes', '{"seq":1,"time":"T","kind":"log","level":"info","message":"\\u006d"}'],
  ['a carriage return at the end', '{"seq":1,"time":"T","kind":"log","level":"info","message":"m"}\r'],
  ['a byte order mark', '\ufeff{"seq":1,"time":"T","kind":"log","level":"info","message":"m"}'],
  ['an empty id', '{"seq":1,"time":"T","kind":"log","level":"info","message":"m","trace_id":""}'],
  ['empty attributes', '{"seq":1,"time":"T","kind":"log","level":"info","message":"m","attributes":{}}'],
])('%s: encoded anew', (_name, text) => {
  const parsed = taken(flat(text.replace('T', TIME)));
  expect(parsed).toMatchObject({ line: line(''), changed: true, quarantined: [] });
});

test('nested attributes are flattened and come back exactly', () => {
  const parsed = taken(
    nested(line(',"attributes":{"order":{"id":7,"sku":"7"},"a.b":1,"a":{"b":2},"__proto__":{"x":1},"":""}')),
  );
  expect(Object.entries(parsed.attributes)).toEqual([
    ['order.id', 7],
    ['order.sku', '7'],
    ['a\\.b', 1],
    ['a.b', 2],
    ['__proto__.x', 1],
    ['', ''],
  ]);
});

test('known attributes are found nested, dotted at the top level, and dotted when dots are paths', () => {
  for (const fields of [',"attributes":{"http":{"route":"/x"}}', ',"http.route":"/x"']) {
    expect(taken(nested(line(fields))).record).toMatchObject({ 'http.route': '/x' });
  }
  const parsed = parseRecord(line(',"attributes":{"http.route":"/x"}'), {
    encoding: 'nested',
    dots: 'namespace',
  });
  expect(taken(parsed).record['http.route']).toBe('/x');
});

test('unknown top-level keys become attributes, and lose to none', () => {
  expect(taken(nested(line(',"orderId":7,"attributes":{"orderId":8}'))).attributes).toEqual({
    orderId: 8,
    'orderId#': 7,
  });
});

test('a duplicate key: the last counts, as in JavaScript, and the first is kept aside', () => {
  const twice = '"attributes":{"a":{"b":1,"b":[2]}}';
  const text = `{"seq":1,"kind":"log","kind":"audit","seq":9,"time":"${TIME}","message":"m",${twice}}`;
  const parsed = taken(nested(text));
  expect(parsed.record).toMatchObject({ seq: 9, kind: 'audit' });
  expect(parsed.attributes).toMatchObject({
    'a.b': [2],
    'sillok.quarantine.kind': '"log"',
    'sillok.quarantine.seq': '1',
    'sillok.quarantine.a.b': '1',
    'sillok.quarantine_reason.a.b': 'duplicate_key',
  });
  expect(parsed.quarantined).toHaveLength(3);
});

test('a number that no double holds stays exact, as text', () => {
  for (const parse of [nested, flat]) {
    const parsed = taken(
      parse(
        line(
          ',"attributes":{"big":18446744073709551616,"inf":1e999,"l":[12345678901234567890],"ok":9007199254740991}',
        ),
      ),
    );
    expect(parsed.attributes).toMatchObject({
      big: '18446744073709551616',
      inf: '1e999',
      l: ['12345678901234567890'],
      ok: 9007199254740991,
      'sillok.quarantine_reason.big': 'unsafe_number',
      'sillok.quarantine_reason.l.0': 'unsafe_number',
    });
  }
});

test('one bad field does not cost the record', () => {
  const bad = '"kind":"rumour","level":"loud","message":{"a":1},"trace_id":7,"attributes":[1]';
  const text = `{"seq":1,"time":"${TIME}",${bad}}`;
  const parsed = taken(nested(text));
  expect(parsed.record).toMatchObject({ kind: 'log', level: 'info', message: '{"a":1}' });
  expect(parsed.quarantined.map(({ field, reason }) => `${field} ${reason}`).sort()).toEqual([
    'attributes wrong_type',
    'kind unknown_value',
    'level unknown_value',
    'message wrong_type',
    'trace_id wrong_type',
  ]);
  expect(parsed.attributes).toMatchObject({
    'sillok.quarantine.trace_id': '7',
    'sillok.quarantine.attributes': '[1]',
  });
});

test('levels of other programs get our names and keep their own', () => {
  const level = (value: string) => taken(nested(line('').replace('"info"', value)));
  expect(level('30').record).toEqual({ seq: 1, time: TIME, kind: 'log', level: 'info', message: 'm' });
  expect(level('"ERROR"').attributes).toEqual({});
  expect(level('"critical"')).toMatchObject({
    record: { level: 'fatal' },
    attributes: { 'sillok.original.level': 'critical' },
  });
});

test('lone surrogates become U+FFFD, and what they were is noted', () => {
  const parsed = taken(
    nested(line(',"attributes":{"a":"x\\ud800y","\\udc00":1,"l":["\\udfff"]}').replace('"m"', '"\\ud83d"')),
  );
  expect(parsed.record.message).toBe('\ufffd');
  expect(parsed.attributes).toMatchObject({
    a: 'x\ufffdy',
    '\\udc00': 1,
    l: ['\ufffd'],
    'sillok.quarantine.message': '\\ud83d',
    'sillok.quarantine.a': 'x\\ud800y',
  });
});

test('bytes that are no UTF-8 go on readable, with the bytes beside them', () => {
  const bytes = Buffer.concat([
    Buffer.from(line('').slice(0, -3)),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}'),
  ]);
  const parsed = taken(flat(bytes));
  expect(parsed.record.message).toBe('\ufffd\ufffd');
  expect(parsed.quarantined).toEqual([{ field: 'line', reason: 'invalid_utf8' }]);
});

test.each([
  ['nothing', '', 'empty_line'],
  ['white space', ' \r', 'empty_line'],
  ['null', 'null', 'not_object'],
  ['an array', '[1]', 'not_object'],
  ['a string', '"x"', 'not_object'],
  ['a torn line', '{"seq":1', 'not_json'],
  ['NaN', 'NaN', 'not_json'],
  ['NaN as a value', '{"seq":NaN}', 'not_json'],
  ['an escape sequence before the line', '\u001b[31m{"seq":1}', 'not_json'],
  ['two records on a line', `${line('')}${line('')}`, 'two_values'],
  ['two records with a newline', `${line('')}\n${line('')}`, 'two_values'],
  ['a forged line after CRLF', `${line('')}\r\n{"forged":`, 'two_values'],
  ['a raw newline in a string', line('').replace('"m"', '"a\r\nb"'), 'not_json'],
  ['a raw escape sequence in a string', line('').replace('"m"', '"\u001b[2J"'), 'not_json'],
  ['no seq', '{}', 'bad_seq'],
  ['seq 0', line('').replace(':1,', ':0,'), 'bad_seq'],
  ['a fraction as seq', line('').replace(':1,', ':1.5,'), 'bad_seq'],
  ['a string as seq', line('').replace(':1,', ':"1",'), 'bad_seq'],
  ['2^64 as seq', line('').replace(':1,', ':18446744073709551616,'), 'bad_seq'],
  ['year 2299', line('').replace(TIME, '2299-01-01T00:00:00.000000000Z'), 'bad_time'],
  ['a 30th of February', line('').replace(TIME, '2026-02-30T00:00:00.000000000Z'), 'bad_time'],
  ['no time', line('').replace(`"${TIME}"`, 'null'), 'bad_time'],
  ['400 digits as a second seq', `{"seq":1,"seq":${'9'.repeat(400)}}`, 'bad_seq'],
  ['depth 200,000, open', '['.repeat(200_000), 'not_json'],
  ['depth 200,000, closed', '['.repeat(200_000) + ']'.repeat(200_000), 'not_object'],
  ['a million backslashes', '\\'.repeat(1_000_000), 'not_json'],
  ['a million escaped quotes', `"${'\\"'.repeat(500_000)}`, 'not_json'],
])('%s: a verdict', (_name, text, code) => {
  for (const parse of [nested, flat]) {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ ok: false, code });
    expect(parsed.ok ? '' : parsed.reason).not.toMatch(/\p{Cc}/u);
    expect(parsed.ok ? '' : parsed.reason.length).toBeLessThan(600);
  }
});

test('a bad time with a default is quarantined instead', () => {
  const parsed = taken(
    parseRecord(line('').replace(TIME, '2299-01-01T00:00:00Z'), { encoding: 'nested', defaultTime: TIME }),
  );
  expect(parsed.record).toMatchObject({
    time: TIME,
    attributes: { 'sillok.quarantine.time': '2299-01-01T00:00:00Z' },
  });
});

test('depth 200,000 costs one field, as text', () => {
  const objects = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
  const arrays = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  for (const parse of [nested, flat]) {
    const parsed = taken(parse(line(`,"attributes":{"o":${objects},"l":${arrays},"k":1}`)));
    expect(parsed.attributes['k']).toBe(1);
    expect(parsed.quarantined.map(({ reason }) => reason)).toEqual(['too_deep', 'too_deep']);
    expect(parsed.attributes['sillok.quarantine.l']).toContain('[[[[[[');
  }
});

test('a key of 1 MB and a thousand keys too many are set aside, and named', () => {
  const key = 'k'.repeat(1_000_000);
  const one = taken(nested(line(`,"attributes":{"${key}":7,"b":1}`)));
  expect(one.attributes['b']).toBe(1);
  expect(one.quarantined).toMatchObject([{ reason: 'too_long' }]);
  const many = Object.fromEntries(
    Array.from({ length: 2 * ATTRIBUTES_MAX }, (_, index) => [`k${index}`, index]),
  );
  const wide = taken(nested(line(`,"attributes":${JSON.stringify(many)}`)));
  expect(wide.attributes).toMatchObject({ k0: 0, 'sillok.quarantine_reason.attributes': 'too_many' });
  expect(wide.attributes['sillok.quarantine.attributes']).toContain('"k1999":1999');
});

test('a line of 5 MB keeps head, tail, size and hash of what was cut', () => {
  const long = `head${'가'.repeat(1_500_000)}tail`;
  const parsed = taken(
    nested(
      line(
        `,"attributes":{"long":${JSON.stringify(long)},"list":${JSON.stringify(Array(300_000).fill(12))}}`,
      ),
    ),
  );
  const hash = createHash('sha256').update(long).digest('hex');
  expect(parsed.attributes['long']).toMatch(
    new RegExp(`^head가+…\\[cut: 4500008 bytes, sha256 ${hash}\\]…가+tail$`),
  );
  expect(parsed.quarantined).toEqual([{ field: 'long', reason: 'too_large' }]);
  expect(nested(`"${'x'.repeat(17_000_000)}"`)).toMatchObject({ ok: false, code: 'line_too_large' });
});

test('a thousand long keys with long values still end as one bounded line', () => {
  const pairs = Array.from({ length: 1000 }, (_, index) => [
    `${'키'.repeat(160)}${index}`,
    '값'.repeat(3000),
  ]);
  const parsed = taken(nested(line(`,"attributes":${JSON.stringify(Object.fromEntries(pairs))}`)));
  expect(parsed.quarantined.length).toBeGreaterThan(0);
});

test('the hash is SHA-256', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index);
    expect(sha256Hex(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});
