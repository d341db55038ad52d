import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from './encode.js';
import { toEnvelope } from './envelope.js';
import { flatten } from './flatten.js';
import { encodeHeader, parseHeader } from './header.js';
import { fromStoredText, toStoredText } from './stored-text.js';
import type { FlatRecord, FlatValue } from './types.js';

const base: FlatRecord = {
  seq: 1,
  time: '2026-11-21T10:00:00.000000001Z',
  kind: 'log',
  level: 'info',
  message: 'paid',
};

test('a line has the order of the envelope and nothing that is absent', () => {
  const line = encodeRecord({
    attributes: { 'order.id': 7, 'http.route': '/x', 'http.response.status_code': 200 },
    ...base,
    duration_ms: 1.5,
    user_hash: 'u',
    trace_id: 't',
    span_id: '',
  });
  expect(line).toBe(
    '{"seq":1,"time":"2026-11-21T10:00:00.000000001Z","kind":"log","level":"info","message":"paid","trace_id":"t",' +
      '"user_hash":"u","duration_ms":1.5,"http.route":"/x","http.response.status_code":200,"attributes":{"order.id":7}}',
  );
  expect(JSON.stringify(JSON.parse(line))).toBe(line);
  expect(encodeRecord(base)).not.toContain('attributes');
});

test('the text rule keeps "7" apart from 7, and null from "null"', () => {
  const attributes: { [key: string]: FlatValue } = {
    a: '7',
    b: 7,
    c: 'true',
    d: true,
    e: 'null',
    f: null,
    g: '{',
    h: '["',
    i: '"',
    j: '-1e5',
    k: '',
    l: [],
    m: {},
    n: '07',
    o: ['a', 1],
    p: 'tru',
    q: '-',
    r: '{"a":1}',
  };
  const line = encodeRecord({ ...base, attributes });
  expect(JSON.parse(line).attributes).toEqual({
    a: '"7"',
    b: 7,
    c: '"true"',
    d: true,
    e: '"null"',
    f: 'null',
    g: '"{"',
    h: '"[\\""',
    i: '"\\""',
    j: '"-1e5"',
    k: '',
    l: [],
    m: {},
    n: '07',
    o: ['a', 1],
    p: 'tru',
    q: '-',
    r: '"{\\"a\\":1}"',
  });
  expect(decodeRecord(line).attributes).toEqual(attributes);
  for (const value of Object.values(attributes)) expect(fromStoredText(toStoredText(value))).toEqual(value);
});

test('stored text that only looks like JSON stays a text', () => {
  for (const text of ['{', '[1', '"', '{"a":1}', '{"a":{}}']) expect(fromStoredText(text)).toBe(text);
});

test('a known attribute that does not fit its type stays among the attributes', () => {
  const line = encodeRecord({
    ...base,
    'http.route': '',
    attributes: { 'http.response.status_code': 70000, duration_ms: 'x' },
  });
  expect(JSON.parse(line)).toEqual({
    ...base,
    attributes: { 'http.response.status_code': 70000, duration_ms: 'x', 'http.route': '' },
  });
});

test('a known attribute in both places loses neither value', () => {
  const line = encodeRecord({ ...base, 'http.route': '/top', attributes: { 'http.route': '/low' } });
  expect(decodeRecord(line)).toEqual({
    ...base,
    'http.route': '/top',
    attributes: { 'http\\.route': '/low' },
  });
});

test('control characters, newlines and lone surrogates cannot break out of the line', () => {
  const line = encodeRecord({
    ...base,
    message: 'a\r\n{"seq":2}\u001b[31m\ud800',
    attributes: { 'k\n': ['\udc00', '\\ud800'] },
  });
  expect(line).not.toMatch(/[\r\n\u001b]/);
  expect(JSON.stringify(JSON.parse(line))).toBe(line);
  expect(JSON.parse(line).message).toBe('a\r\n{"seq":2}\u001b[31m\ufffd');
  expect(JSON.parse(line).attributes['k\n']).toEqual(['\ufffd', '\\ud800']);
});

test('integer-like and __proto__ keys keep the line canonical', () => {
  const line = encodeRecord({
    ...base,
    attributes: flatten(JSON.parse('{"b":1,"7":2,"__proto__":3,"constructor":4}')),
  });
  expect(JSON.stringify(JSON.parse(line))).toBe(line);
  expect(Object.keys(decodeRecord(line).attributes ?? {})).toEqual(['7', 'b', '__proto__', 'constructor']);
});

test('an envelope is nested again and says who wrote it', () => {
  const context = {
    project: 'p',
    producer: 'orders-7f',
    boot: 'b',
    observed_time: base.time,
    resource: { 'service.name': 'orders' },
  };
  const record = {
    ...base,
    trace_id: 't',
    'http.route': '/x',
    attributes: { 'order.id': 7, 'http.extra': true },
  };
  expect(toEnvelope(record, context)).toEqual({
    ...context,
    ...base,
    trace_id: 't',
    attributes: { order: { id: 7 }, http: { extra: true, route: '/x' } },
  });
});

test('a header comes back with what the queue added, and a bad one says why', () => {
  const header = {
    sillok: 1,
    producer: 'orders-7f',
    boot: 'b',
    resource: { 'service.name': 'orders' },
    encoding: 'flat',
    project: 'p',
  } as const;
  expect(parseHeader(encodeHeader(header))).toEqual({ ok: true, header });
  for (const line of [
    '',
    '{',
    '[]',
    '{"sillok":2,"producer":"a","boot":"b"}',
    '{"sillok":1,"producer":"","boot":"b"}',
    '{"sillok":1,"producer":"a\\n","boot":"b"}',
    '{"sillok":1,"producer":"a"}',
    '{"seq":1}',
    '{"sillok":1,"producer":"a","boot":"b","resource":[]}',
    '{"sillok":1,"producer":"a","boot":"b","encoding":"x"}',
  ]) {
    expect(parseHeader(line), line).toMatchObject({ ok: false, code: 'bad_header' });
  }
});

test('a resource value that is nested deeper than the stack is kept as JSON text', () => {
  const deep = `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`;
  const line = `{"sillok":1,"producer":"a","boot":"b","resource":{"deep":${deep}}}`;
  expect(parseHeader(line)).toMatchObject({ ok: true, header: { resource: { deep } } });
});
