import { expect, test } from 'vitest';
import { flatten } from './flatten.js';
import { createRedactor } from './redact.js';
import type { FlatRecord } from './types.js';

const { redact, redactText } = createRedactor();

function record(attributes: object, message = 'm'): FlatRecord {
  return {
    seq: 1,
    time: '2026-11-21T10:00:00.000000001Z',
    kind: 'log',
    level: 'info',
    message,
    attributes: flatten(attributes),
  };
}

test('secrets are hidden by key at any depth, also inside arrays', () => {
  const clean = redact(
    record({
      user: { profile: { Password: 'x', db_passWord: 1, name: 'kim', pwd: '', hasPassword: true } },
      headers: { Authorization: 'Basic abc', 'x-api-key': 'k', 'set-cookie': ['a=b'], accept: 'json' },
      list: [{ token: 't', id: 7, deep: [{ 비밀번호: 'x' }] }],
      password: { a: 1, b: { c: 2 } },
    }),
  );
  expect({ ...clean.attributes }).toEqual({
    'user.profile.Password': '(redacted)',
    'user.profile.db_passWord': '(redacted)',
    'user.profile.name': 'kim',
    'user.profile.pwd': '',
    'user.profile.hasPassword': true,
    'headers.Authorization': '(redacted)',
    'headers.x-api-key': '(redacted)',
    'headers.set-cookie': '(redacted)',
    'headers.accept': 'json',
    list: [{ token: '(redacted)', id: 7, deep: [{ 비밀번호: '(redacted)' }] }],
    'password.a': '(redacted)',
    'password.b.c': '(redacted)',
  });
});

test('keys that only sound like secrets stay', () => {
  const attributes = {
    promptTokens: 5,
    nextPageToken: 'abc',
    tokenCount: 1,
    passwordResetAt: 'x',
    secretary: 'kim',
    keyboard: 'k',
  };
  expect({ ...redact(record(attributes)).attributes }).toEqual(attributes);
});

test('own keys and paths, with a star for one key, and everything below', () => {
  const own = createRedactor({ keys: ['memberNo'], paths: ['order.*.note', 'a\\.b', 'card', 'items.price'] });
  const result = own.redact(
    record({
      x: { member_no: 5 },
      order: { 1: { note: 'n', id: 1 } },
      'a.b': 1,
      card: { n: 1 },
      items: [{ price: 2, id: 3 }],
    }),
  );
  expect({ ...result.attributes }).toEqual({
    'x.member_no': '(redacted)',
    'order.1.note': '(redacted)',
    'order.1.id': 1,
    'a\\.b': '(redacted)',
    'card.n': '(redacted)',
    items: [{ price: '(redacted)', id: 3 }],
  });
});

test.each([
  ['Authorization: Bearer abc123def456ghi', 'Authorization: Bearer (redacted:token)'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123 ok', '(redacted:jwt) ok'],
  [`key ${'AKIA'}IOSFODNN7EXAMPLE`, 'key (redacted:secret)'],
  [`x ghp_${'a1'.repeat(18)} y`, 'x (redacted:secret) y'],
  [`sk-${'a1'.repeat(20)}`, '(redacted:secret)'],
  [`sk_live_${'a1'.repeat(12)}`, '(redacted:secret)'],
  [`xoxb-${'1234-'.repeat(3)}abc`, '(redacted:secret)'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nok', '(redacted:private_key)\nok'],
  ['postgres://shop:hunter2@db:5432/shop', 'postgres://shop:(redacted:password)@db:5432/shop'],
  ['failed: password=hunter2, user=kim', 'failed: password=(redacted:secret), user=kim'],
  ['{"apiKey":"abc","n":1}', '{"apiKey":"(redacted:secret)","n":1}'],
  ['GET /x?access_token=abc&y=1', 'GET /x?access_token=(redacted:secret)&y=1'],
  ['card 4111 1111 1111 1111 ok', 'card (redacted:card) ok'],
  ['2 5500-0000-0000-0004 3', '2 (redacted:card) 3'],
  ['378282246310005', '(redacted:card)'],
  ['주민 850101-1234567 입니다', '주민 (redacted:resident_number) 입니다'],
  ['8501011234561', '8501011234561'],
  ['010-1234-5678', '(redacted:phone)'],
  ['전화 01012345678로', '전화 (redacted:phone)로'],
  ['+82 10-1234-5678', '+(redacted:phone)'],
  ['+821012345678', '+(redacted:phone)'],
  ['02-123-4567, 031 123 4567', '(redacted:phone), (redacted:phone)'],
])('%s', (text, expected) => {
  expect(redactText(text)).toBe(expected);
});

test('a resident number without hyphen is known by its check digit', () => {
  const digits = '850101123456';
  const all = Array.from({ length: 10 }, (_, check) => redactText(`id ${digits}${check} end`));
  expect(all.filter((text) => text.includes('redacted'))).toHaveLength(1);
});

test.each([
  '4111 1111 1111 1112',
  '4bf92f3577b34da6a3ce929d0e0e4736',
  '2026-11-21T10:00:00.123456789Z',
  '1795255200123',
  '1795255200123000000',
  '018f4e2a-7c3b-7000-8000-123456789012',
  'v1.2.3-20261121',
  'Bearer authentication required',
  'Basic auth failed',
  '0.4111111111111111',
  'order 202611210001234',
  '850101-9234567',
  '851301-1234567',
  'http://user@host/',
  'ratio=0.5 state: done',
  '주문번호 20261121-0001',
  '1588-1234',
  'task-1234567890123456789012345',
  'The secret: nothing'.replace(': ', ' of '),
  'x010-1234-56789',
])('not a secret: %s', (text) => {
  expect(redactText(text)).toBe(text);
});

test('numbers that are cards are hidden; other numbers stay', () => {
  const { attributes } = redact(
    record({ card: 4111111111111111, ms: 1795255200123, id: 4111111111111112, list: [5500000000000004] }),
  );
  expect({ ...attributes }).toEqual({
    card: '(redacted:card)',
    ms: 1795255200123,
    id: 4111111111111112,
    list: ['(redacted:card)'],
  });
});

test('messages and known attributes are searched, ids are not', () => {
  const dirty = {
    ...record({}, 'call 010-1234-5678'),
    'url.path': '/u/010-1234-5678',
    trace_id: '01012345678',
  };
  expect(redact(dirty)).toMatchObject({
    message: 'call (redacted:phone)',
    'url.path': '/u/(redacted:phone)',
    trace_id: '01012345678',
  });
});

test('a clean record is not touched, and what is redacted stays so', () => {
  const clean = record({ a: 'x', list: [{ b: 1 }] });
  const { attributes } = clean;
  const list = attributes?.['list'];
  redact(clean);
  expect(clean.attributes).toBe(attributes);
  expect(clean.attributes?.['list']).toBe(list);
  const text = redactText('password=abc 4111 1111 1111 1111 postgres://a:b@c');
  expect(redactText(text)).toBe(text);
});

test('e-mail addresses stay unless they are asked for, and patterns can be switched off', () => {
  expect(redactText('mail kim.lee+x@example.co.kr now')).toBe('mail kim.lee+x@example.co.kr now');
  expect(createRedactor({ email: true }).redactText('mail kim.lee+x@example.co.kr now')).toBe(
    'mail (redacted:email) now',
  );
  expect(createRedactor({ patterns: false }).redactText('010-1234-5678')).toBe('010-1234-5678');
});

test('hostile texts of a megabyte take no time', () => {
  const texts = [
    '1 '.repeat(500_000),
    'a'.repeat(1_000_000),
    '://'.repeat(300_000),
    'a.'.repeat(500_000),
    'eyJ'.repeat(300_000),
    'password='.repeat(100_000),
    '-----BEGIN PRIVATE KEY-----'.repeat(30_000),
    '0'.repeat(1_000_000),
    'Bearer '.repeat(100_000),
    '82'.repeat(500_000),
    '4111-'.repeat(200_000),
    `${'a@'.repeat(300_000)}`,
  ];
  const all = createRedactor({ email: true });
  for (const text of texts) expect(all.redactText(text).length).toBeGreaterThan(0);
}, 20_000);

test('what is hidden in the images of an audit record is hidden in its difference, and that it changed is not', () => {
  const diff = [
    { path: 'login.password', before: 'first', after: 'second' },
    { path: 'card.holder', before: 'Kim' },
    { path: 'name', before: 'a', after: 'b' },
    { path: 'hasToken', before: false, after: true },
  ];
  const paths = ['audit.before.card', 'audit.after.card'];
  const clean = createRedactor({ paths }).redact(record({ audit: { before: { name: 'a' }, diff } }));
  expect(clean.attributes?.['audit.diff']).toEqual([
    { path: 'login.password', before: '(redacted)', after: '(redacted)' },
    { path: 'card.holder', before: '(redacted)' },
    { path: 'name', before: 'a', after: 'b' },
    { path: 'hasToken', before: false, after: true },
  ]);
});
