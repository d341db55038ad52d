import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from './encode.js';
import { flatten } from './flatten.js';
import { applyRules, parseRules } from './rules.js';
import type { FlatRecord } from './types.js';

const RULES = parseRules(`
# how the shop calls things
alias req.method = http.request.method
alias status = http.response.status_code   # written as text by the old gateway
alias uid = user.id
unit  elapsed s = duration_ms ms
unit  size KiB = body.bytes B
level notice = warn
type  order.id = string
type  flag = boolean
route /orders/:id/items/*
route /static/**
`);

function applied(attributes: object, known: object = {}): { [key: string]: unknown } {
  const record: FlatRecord = {
    seq: 1,
    time: '2026-11-21T10:00:00.000000001Z',
    kind: 'log',
    level: 'info',
    message: 'm',
    ...known,
    attributes: flatten(attributes),
  };
  applyRules(RULES, record);
  const { seq, time, kind, message, attributes: flat, ...rest } = record;
  expect({ seq, kind, message, time }).toMatchObject({ seq: 1, kind: 'log' });
  return { ...rest, ...flat };
}

test('aliases and units fill the known attributes and leave the original', () => {
  expect(applied({ req: { method: 'GET' }, status: '200', elapsed: 1.5, size: 2, uid: 7 })).toEqual({
    level: 'info',
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    duration_ms: 1500,
    'body.bytes': 2048,
    'user.id': 7,
    'req.method': 'GET',
    status: '200',
    elapsed: 1.5,
    size: 2,
    uid: 7,
  });
});

test('what does not fit is reported, and nothing is overwritten', () => {
  expect(
    applied({ status: 'OK', elapsed: 'soon', uid: 7, user: { id: 8 }, order: { id: [1] }, flag: 'maybe' }),
  ).toEqual({
    level: 'info',
    status: 'OK',
    elapsed: 'soon',
    uid: 7,
    'user.id': 8,
    'order.id': [1],
    flag: 'maybe',
    'sillok.conflict.http.response.status_code': 'status is not a uint16',
    'sillok.conflict.duration_ms': 'elapsed is not a number',
    'sillok.conflict.user.id': 'uid has another value',
    'sillok.conflict.order.id': 'is array, not string',
    'sillok.conflict.flag': 'is string, not boolean',
  });
});

const HEAD: FlatRecord = {
  seq: 1,
  time: '2026-11-21T10:00:00.000000001Z',
  kind: 'log',
  level: 'info',
  message: 'm',
};

test('conflicts are answered by the name in the rule file', () => {
  const record: FlatRecord = { ...HEAD, attributes: flatten({ elapsed: 'soon' }) };
  expect(applyRules(RULES, record)).toEqual([{ field: 'duration_ms', problem: 'elapsed is not a number' }]);
});

test('rules that were applied before find nothing to do', () => {
  const attributes = flatten({
    req: { method: 'GET' },
    status: '200',
    uid: 7,
    elapsed: 1.5,
    flag: 'TRUE',
    order: { id: 7 },
    tags: ['a'],
    sillok: { original: { level: 'NOTICE' } },
  });
  const once: FlatRecord = { ...HEAD, 'url.path': '/static/a.js', attributes };
  const rules = parseRules(`alias tags = labels\nalias order.id = cart\ntype cart = string\n`);
  expect([...applyRules(RULES, once), ...applyRules(rules, once)]).toEqual([]);
  const twice = decodeRecord(encodeRecord(once));
  expect([...applyRules(RULES, twice), ...applyRules(rules, twice)]).toEqual([]);
  expect(encodeRecord(twice)).toBe(encodeRecord(once));
});

test('a converted type keeps its original', () => {
  expect(applied({ order: { id: 7 }, flag: 'TRUE' })).toEqual({
    level: 'info',
    'order.id': '7',
    'sillok.original.order.id': 7,
    flag: true,
    'sillok.original.flag': 'TRUE',
  });
});

test('levels by the name that the program gave', () => {
  expect(applied({ sillok: { original: { level: 'NOTICE' } } })).toMatchObject({
    level: 'warn',
    'sillok.original.level': 'NOTICE',
  });
});

test('routes are found by the path, unless the program knows its route', () => {
  expect(applied({}, { 'url.path': '/orders/7/items/3?x=1' })).toMatchObject({
    'http.route': '/orders/:id/items/*',
    'url.path': '/orders/7/items/3?x=1',
  });
  expect(applied({}, { 'url.path': '/static/a/b.js' })).toMatchObject({ 'http.route': '/static/**' });
  expect(applied({}, { 'url.path': '/orders/7' })).not.toHaveProperty(['http.route']);
  expect(applied({}, { 'url.path': '/static/a', 'http.route': '/own' })).toMatchObject({
    'http.route': '/own',
  });
});

test.each([
  ['route orders', 'line 1: a route is one pattern'],
  ['\nalias a b', 'line 2: alias FIELD = FIELD'],
  ['unit a s = b B', 's is time, B is bytes'],
  ['unit a lightyears = b ms', 'units are'],
  ['level x = loud', 'level NAME = one of'],
  ['type a = date', 'unknown type date'],
  ['drop everything', 'unknown rule drop'],
])('a wrong rule is named with its line: %s', (text, message) => {
  expect(() => parseRules(text)).toThrow(message);
});
