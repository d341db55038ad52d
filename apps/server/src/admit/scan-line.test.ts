import { encodeRecord, type FlatRecord } from '@sillok/record';
import { expect, test } from 'vitest';

import { LineScanner } from './scan-line.js';

const typical: FlatRecord = {
  seq: 42,
  time: '2026-11-21T10:00:00.123456789Z',
  kind: 'access',
  level: 'info',
  message: 'GET /api/orders/7 200 — 주문 "조회"\n',
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  span_id: '00f067aa0ba902b7',
  user_hash: 'u_1f2e3d',
  duration_ms: 12.345,
  'http.request.method': 'GET',
  'http.route': '/api/orders/:id',
  'http.response.status_code': 200,
  'client.address': '127.0.0.1',
  attributes: {
    'order.id': 7,
    'order.paid': true,
    'order.note': '2026-11-21',
    cart: {},
    'a.b': null,
    pi: -3.14,
  },
};

function scan(line: string): boolean {
  const body = Buffer.from(`${line}\n`);
  return new LineScanner().scan(body, 0, body.length - 1);
}

test('a line of ordinary size and shape goes the fast way', () => {
  const scanner = new LineScanner();
  const body = Buffer.from(`${encodeRecord(typical)}\n`);
  expect(scanner.scan(body, 0, body.length - 1)).toBe(true);
  expect(scanner).toMatchObject({
    seq: 42,
    kindIndex: 4,
    hasAttributes: true,
    timeUs: Date.UTC(2026, 10, 21, 10) * 1000 + 123456,
  });
});

const line = encodeRecord(typical);
const bad: readonly (readonly [string, string])[] = [
  ['a key twice', line.replace('"pi":', '"cart":')],
  ['keys out of order', line.replace('"kind":"access","level":"info"', '"level":"info","kind":"access"')],
  ['a known attribute among the others', line.replace('"pi":-3.14', '"url.path":"x"')],
  ['a day that does not exist', line.replace('2026-11-21T', '2026-02-30T')],
  ['the year 2299', line.replace('2026-', '2299-')],
  ['a leap second', line.replace('10:00:00.', '10:00:60.')],
  ['seq 0', line.replace('"seq":42', '"seq":0')],
  ['seq beyond 2^53', line.replace('"seq":42', '"seq":9007199254740993')],
  ['a space', line.replace('"kind":', ' "kind":')],
  ['a number with a trailing zero', line.replace('12.345', '12.340')],
  ['minus zero', line.replace('-3.14', '-0')],
  ['a status over 65535', line.replace(':200,', ':70000,')],
  ['an escape that JSON.stringify does not write', line.replace('GET /api', 'GET \\/api')],
  ['a surrogate escape', line.replace('GET /api', '\\ud83d')],
  ['a raw control character', line.replace('GET /api', 'GET\t/api')],
  ['a second value', `${line}{}`],
  ['nothing after the attributes', line.slice(0, -1)],
  ['an unknown key', line.replace('"attributes":', '"x":1,"attributes":')],
  ['empty attributes', line.replace(/"attributes":.*/, '"attributes":{}}')],
  ['a number as text, unmarked', line.replace('"2026-11-21"', '"20261121"')],
];

test.each(bad)('%s goes the slow way', (_, changed) => {
  expect(changed).not.toBe(line);
  expect(scan(changed)).toBe(false);
});
