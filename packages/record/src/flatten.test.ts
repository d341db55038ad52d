import { expect, test } from 'vitest';
import { flatten, unflatten } from './flatten.js';

test('dots, backslashes, empty keys and __proto__ keep their place', () => {
  const value = JSON.parse(
    '{"a.b":1,"a":{"b":2},"__proto__":{"x":1},"":{"":0},"a\\\\":{".":3},"7":"7","n":7,"e":{},"l":[{"a.b":1}],"z":null}',
  );
  const flat = flatten(value);
  expect({ ...flat, ['__proto__.x']: 1 }).toEqual({
    'a\\.b': 1,
    'a.b': 2,
    '__proto__.x': 1,
    '.': 0,
    'a\\\\.\\.': 3,
    '7': '7',
    n: 7,
    e: {},
    l: [{ 'a.b': 1 }],
    z: null,
  });
  expect(JSON.stringify(unflatten(flat))).toBe(JSON.stringify(value));
  expect(({} as { x?: number }).x).toBeUndefined();
});

test('namespace: a dotted key is a path, and is escaped only where it would meet another', () => {
  const options = { dots: 'namespace' } as const;
  expect(flatten({ 'http.route': '/x', http: 1 }, options)).toEqual({ 'http\\.route': '/x', http: 1 });
  expect(flatten({ 'http.route': '/x', 'http.request.method': 'GET' }, options)).toEqual({
    'http.route': '/x',
    'http.request.method': 'GET',
  });
  expect(flatten({ 'a.b': 1, a: { b: 2 } }, options)).toEqual({ 'a\\.b': 1, 'a.b': 2 });
  expect(flatten({ 'a.b': 1, 'a.b.c': 2 }, options)).toEqual({ 'a.b': 1, 'a\\.b\\.c': 2 });
});

test('whatever is handed in becomes attributes and never throws', () => {
  const cycle: { [key: string]: unknown } = { name: 'x' };
  cycle['self'] = cycle;
  cycle['list'] = [cycle];
  expect(flatten(cycle)).toEqual({ name: 'x', self: '(circular)', list: ['(circular)'] });
  const flat = flatten({
    get bad() {
      throw new Error('no');
    },
    proxy: new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('closed');
        },
      },
    ),
    when: new Date(0),
    never: new Date(Number.NaN),
    big: 2n ** 64n,
    small: 7n,
    nan: Number.NaN,
    f: () => 1,
    u: undefined,
    map: new Map([['a', 1]]),
    set: new Set([1, 2]),
    bytes: new Uint8Array([1, 2, 3]),
    only: { u: undefined },
    error: Object.assign(new TypeError('boom'), { stack: 's', code: 'E_X' }),
  });
  expect(flat).toEqual({
    bad: '(unreadable: no)',
    proxy: '(unreadable: closed)',
    when: '1970-01-01T00:00:00.000Z',
    never: 'Invalid Date',
    big: '18446744073709551616',
    small: 7,
    nan: 'NaN',
    'map.a': 1,
    set: [1, 2],
    bytes: 'AQID',
    only: {},
    'error.type': 'TypeError',
    'error.message': 'boom',
    'error.stack': 's',
    'error.code': 'E_X',
  });
});

test('depth without end becomes text', () => {
  let deep: object = { end: 1 };
  for (let level = 0; level < 200_000; level += 1) deep = level % 2 ? [deep] : { a: deep };
  const values = Object.values(flatten({ deep }));
  expect(values).toHaveLength(1);
  expect(JSON.stringify(values[0]).length).toBeGreaterThan(100_000);
  expect(JSON.stringify(values[0])).toContain('(too many values)');
});

test('paths that contradict each other lose nothing', () => {
  expect(unflatten({ a: 1, 'a.b': 2 })).toEqual({ a: 1, 'a.b': 2 });
  expect(unflatten({ 'a.b': 2, a: 1 })).toEqual({ a: { b: 2 }, 'a#': 1 });
  expect(unflatten({ a: {}, 'a.b': 2 })).toEqual({ a: { b: 2 } });
});
