import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBaggage, parseBaggage } from './baggage.js';
import { BAGGAGE_BYTES_MAX, BAGGAGE_MEMBERS_MAX } from './limits.js';

test('values are decoded, properties are passed on, order is kept', () => {
  const baggage = parseBaggage('userId=Am%C3%A9lie , shop=%EC%84%9C%EC%9A%B8;secure;ttl=5,empty=');
  expect([...baggage]).toEqual([
    ['userId', { value: 'Amélie' }],
    ['shop', { value: '서울', properties: 'secure;ttl=5' }],
    ['empty', { value: '' }],
  ]);
  expect(formatBaggage(baggage)).toBe('userId=Am%C3%A9lie,shop=%EC%84%9C%EC%9A%B8;secure;ttl=5,empty=');
});

test('a bad member is left out and does not cost the others', () => {
  expect([...parseBaggage('ok=1,no value,=x,a b=2,quote="x",semi;colon=3,fine=2').keys()]).toEqual([
    'ok',
    'fine',
  ]);
});

test('percent signs that are not UTF-8 leave the text as it was sent', () => {
  expect(parseBaggage('a=%ff').get('a')).toEqual({ value: '%ff' });
});

test('members and bytes have a limit in both directions', () => {
  const many = Array.from({ length: 500 }, (_, index) => `k${index}=v`).join(',');
  expect(parseBaggage(many).size).toBe(BAGGAGE_MEMBERS_MAX);
  const large = new Map(Array.from({ length: 20 }, (_, index) => [`k${index}`, { value: 'v'.repeat(1000) }]));
  expect(formatBaggage(large).length).toBeLessThanOrEqual(BAGGAGE_BYTES_MAX);
  expect(parseBaggage('k'.repeat(1_000_000)).size).toBe(0);
});

test('any value travels unchanged, a lone surrogate becomes U+FFFD', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (value) => {
      const back = parseBaggage(formatBaggage(new Map([['k', { value }]]))).get('k');
      expect(back).toEqual({ value });
    }),
  );
  expect(parseBaggage(formatBaggage(new Map([['k', { value: 'a\ud800' }]]))).get('k')).toEqual({
    value: 'a\ufffd',
  });
});
