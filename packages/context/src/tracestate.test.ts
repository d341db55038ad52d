import { expect, test } from 'vitest';
import { formatTracestate, parseTracestate } from './tracestate.js';

test('members keep their order and white space around them goes', () => {
  expect(parseTracestate('foo=1 , \tbar=2,,tenant@sys=a b')).toEqual([
    { key: 'foo', value: '1' },
    { key: 'bar', value: '2' },
    { key: 'tenant@sys', value: 'a b' },
  ]);
});

test.each([
  ['an upper-case key', 'Foo=1'],
  ['a key without value', 'foo'],
  ['an empty value', 'foo='],
  ['an empty key', '=1'],
  ['white space before the equals sign', 'foo =1'],
  ['an equals sign in the value', 'foo=bar=baz'],
  ['nothing before the at sign', '@foo=1'],
  ['a key of 257 characters', `${'z'.repeat(257)}=1`],
  ['a value of 257 characters', `foo=${'v'.repeat(257)}`],
  ['33 members', Array.from({ length: 33 }, (_, index) => `bar${index}=1`).join(',')],
  ['a character beyond ASCII', 'foo=한'],
])('%s makes the whole list invalid', (_name, header) => {
  expect(parseTracestate(header)).toBeUndefined();
});

test('the longest legal keys and values are taken', () => {
  const header = `${'z'.repeat(256)}=1,${'t'.repeat(240)}@@${'v'.repeat(14)}=${'x'.repeat(256)}`;
  expect(parseTracestate(header)).toHaveLength(2);
});

test('of a key that stands twice the first is kept', () => {
  expect(parseTracestate('foo=1,bar=2,foo=3')).toEqual([
    { key: 'foo', value: '1' },
    { key: 'bar', value: '2' },
  ]);
});

test('a list that is too long loses long members first, then those at the end', () => {
  const long = { key: 'long', value: 'x'.repeat(200) };
  const short = Array.from({ length: 31 }, (_, index) => ({ key: `s${index}`, value: 'y'.repeat(12) }));
  const text = formatTracestate([long, ...short]);
  expect(text.length).toBeLessThanOrEqual(512);
  expect(text.startsWith('s0=')).toBe(true);
  expect(text).not.toContain('long=');
});
