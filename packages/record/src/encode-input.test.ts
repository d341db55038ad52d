import { expect, test } from 'vitest';
import { decodeRecord } from './encode.js';
import { encodeInput } from './encode-input.js';
import type { RecordHead } from './encode-input.js';
import { ATTRIBUTES_MAX, LINE_BYTES_MAX } from './limits.js';
import { parseRecord } from './parse.js';

const head: RecordHead = {
  seq: 1,
  time: '2026-11-21T10:00:00.000000001Z',
  kind: 'log',
  level: 'info',
  message: 'm',
};

test('nested input becomes a canonical line, with the ids in line order', () => {
  const ids = { span_id: 's', trace_id: 't', user_hash: '' };
  expect(
    encodeInput(
      { ...head, ...ids },
      { order: { id: 7, sku: '7' }, http: { route: '/x' }, list: [1, { a: null }], none: undefined },
    ),
  ).toBe(
    '{"seq":1,"time":"2026-11-21T10:00:00.000000001Z","kind":"log","level":"info","message":"m","trace_id":"t","span_id":"s",' +
      '"http.route":"/x","attributes":{"order.id":7,"order.sku":"\\"7\\"","list":[1,{"a":null}]}}',
  );
  expect(encodeInput(head)).not.toContain('attributes');
  expect(encodeInput(head, {})).toBe(encodeInput(head));
});

test('what no encoder expects still becomes one canonical line', () => {
  const cycle: { [key: string]: unknown } = {};
  cycle['self'] = cycle;
  const wide = Object.fromEntries(
    Array.from({ length: 3 * ATTRIBUTES_MAX }, (_, index) => [`k${index}`, index]),
  );
  let web: object = {};
  for (let level = 0; level < 50; level += 1) web = { a: web, b: web };
  let arrays: unknown[] = [];
  for (let level = 0; level < 50; level += 1) arrays = [arrays, arrays];
  const inputs: object[] = [
    cycle,
    wide,
    web,
    { arrays },
    [1, 2],
    new Map([['a', 1]]),
    new Error('boom'),
    { [`${'k'.repeat(2000)}`]: 1 },
    {
      get bad() {
        throw new Error('no');
      },
    },
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('closed');
        },
      },
    ),
    { toJSON: () => ({ a: 1 }) },
    { big: 2n ** 70n, f() {}, s: Symbol('x') },
    { long: 'x'.repeat(3 * LINE_BYTES_MAX) },
    { 5: { a: 1 }, 7: 1 },
    { d: new Date(0), e: Object.assign(new Error('x'), { cause: new Error('y') }) },
    Object.create({ inherited: 1 }) as object,
  ];
  for (const input of inputs) {
    for (const line of [encodeInput(head, input), encodeInput(head, { x: input }, { dots: 'namespace' })]) {
      expect(parseRecord(line, { encoding: 'flat' })).toMatchObject({ ok: true, changed: false });
    }
  }
});

test('a getter that encodes a record does not mix two records', () => {
  const inner: string[] = [];
  const line = encodeInput(head, {
    a: 1,
    get b() {
      inner.push(encodeInput(head, { c: 3 }));
      return 2;
    },
    d: 4,
  });
  expect(decodeRecord(line).attributes).toEqual({ a: 1, b: 2, d: 4 });
  expect(inner.map((text) => decodeRecord(text).attributes)).toEqual([{ c: 3 }]);
});

test('keys made of ids do not fill the memory', () => {
  for (let round = 0; round < 30_000; round += 1) {
    encodeInput(head, { [`id-${round}`]: round, nested: { [`n${round}`]: 1 } });
  }
  expect(decodeRecord(encodeInput(head, { nested: { a: 1 } })).attributes).toEqual({ 'nested.a': 1 });
});
