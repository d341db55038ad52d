import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createPseudonyms,
  mastersOf,
  parseKeyFile,
  readRoute,
  routeSecret,
  signRoute,
  withNewEpoch,
} from './personal.js';

const NOW = 1_764_000_000;
const TARGETS = { orders: 'fix-42', 'pay.ments': '1.4.0-rc.1' };
const file = withNewEpoch([], '2026-01-01T00:00:00.000Z');
const names = createPseudonyms(mastersOf(parseKeyFile(file)));
const { text, rule } = signRoute(names, { targets: TARGETS, seconds: 600, nowSeconds: NOW });

test('a rule is read as it was signed, until its time', () => {
  expect(readRoute(names, text, NOW + 599)).toEqual({
    rule: { id: rule.id, until: NOW + 600, targets: TARGETS },
  });
  expect(readRoute(names, text, NOW + 600)).toEqual({ problem: 'expired' });
  // No encoder of any language touches these characters.
  expect(text).toMatch(/^[A-Za-z0-9._-]+$/);
  expect(encodeURIComponent(text)).toBe(text);
});

test('any changed character costs the rule, but for the seal, which is nginx’s alone', () => {
  const sealStart = text.length - 22;
  for (let at = 0; at < sealStart; at += 1) {
    const changed = `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
    expect('rule' in readRoute(names, changed, NOW), changed).toBe(false);
  }
  for (const bad of ['', '1', text.slice(1), text.slice(0, -1), `${text}a`, 'x'.repeat(5_000), `${text}\n`]) {
    expect(readRoute(names, bad, NOW)).toEqual({ problem: 'form' });
  }
});

test('an epoch later the rule still holds; other keys do not know it', () => {
  const later = createPseudonyms(mastersOf(parseKeyFile(withNewEpoch(parseKeyFile(file), ''))));
  expect('rule' in readRoute(later, text, NOW)).toBe(true);
  const others = createPseudonyms(mastersOf(parseKeyFile(withNewEpoch([], ''))));
  expect(readRoute(others, text, NOW)).toEqual({ problem: 'signature' });
});

test('the seal is what nginx computes from the body and its secret, from which no signature can be made', () => {
  const body = /^(.+)_[0-9]+\.[0-9a-f]{32}_[A-Za-z0-9_-]{22}$/.exec(text)?.[1] ?? '';
  const md5 = createHash('md5')
    .update(`${body} ${routeSecret(names)}`)
    .digest('base64url');
  expect(text.endsWith(`_${md5}`)).toBe(true);
  expect(names.verify('route', body, `1.${routeSecret(names)}`)).toBe(false);
});

test.each([
  ['no service', {}, 60],
  ['nine services', Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`s${index}`, '1'])), 60],
  ['an underscore in a name', { my_orders: '1' }, 60],
  ['a space in a version', { orders: '1 2' }, 60],
  ['no time', { orders: '1' }, 0],
  ['more than a day', { orders: '1' }, 86_401],
  [
    'names that are too long together',
    Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`${'s'.repeat(60)}${index}`, 'v'.repeat(60)]),
    ),
    60,
  ],
])('%s is not signed', (_name, targets, seconds) => {
  expect(() => signRoute(names, { targets, seconds, nowSeconds: NOW })).toThrow('cannot be signed');
});
