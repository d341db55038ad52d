import { describe, expect, test } from 'vitest';
import { fieldHints, fieldNames, parseQuery, QUERY_CHARS_MAX, writeFieldName, writeValue } from './index.js';
import type { Filter, ParsedQuery, Query } from './index.js';

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.query;
}

const filterOf = (text: string): Filter => queryOf(text).filter;
const messagesOf = (parsed: ParsedQuery): string[] =>
  parsed.ok ? [] : parsed.errors.map((error) => error.message);

describe('values', () => {
  test('a path with two dots in it is a value, two numbers around them are a range', () => {
    expect(filterOf('file:../etc/passwd')).toMatchObject({ type: 'equals', text: '../etc/passwd' });
    expect(filterOf('a:1..2')).toMatchObject({ type: 'and' });
  });

  test('a backslash takes the meaning from a wildcard, and is itself before a letter', () => {
    expect(filterOf(String.raw`a:x\*y`)).toMatchObject({ type: 'equals', text: 'x*y' });
    expect(filterOf(String.raw`a:C:\temp`)).toMatchObject({ type: 'equals', text: String.raw`C:\temp` });
    expect(filterOf(String.raw`a:>=1\*`)).toMatchObject({ type: 'text', value: '1*' });
  });

  test('in quotes nothing but a quote and a backslash has a meaning', () => {
    expect(filterOf(String.raw`a:"x* \"y\" \\ \n"`)).toMatchObject({ text: String.raw`x* "y" \ \n` });
  });

  test('a value may hold colons, signs and brackets after its first character', () => {
    expect(filterOf('a:b:c')).toMatchObject({ text: 'b:c' });
    expect(filterOf('a:x>=[1]')).toMatchObject({ text: 'x>=[1]' });
    expect(filterOf('a:-5')).toMatchObject({ text: '-5' });
  });

  test('other words for levels are understood, in any case', () => {
    expect(filterOf('level:WARNING')).toMatchObject({ type: 'oneOf', texts: ['warn'] });
    expect(filterOf('level:>err')).toMatchObject({ type: 'oneOf', texts: ['fatal'] });
  });
});

describe('names', () => {
  test('a name with dots stands for a path and for one key with dots', () => {
    expect(filterOf('has:a.b')).toEqual({
      type: 'exists',
      source: { kind: 'attribute', paths: ['a.b', String.raw`a\.b`] },
    });
  });

  test('an escaped name is that path alone', () => {
    const filter = filterOf(String.raw`a\.b:1`);
    expect(filter).toMatchObject({ source: { paths: [String.raw`a\.b`] } });
  });

  test('attributes.x is the attribute, also where a column has the name x', () => {
    expect(filterOf('attributes.level:x')).toMatchObject({ type: 'equals', source: { paths: ['level'] } });
    expect(filterOf('resource.service.name:x')).toMatchObject({
      source: { kind: 'text', column: 'service.name' },
    });
  });

  test('a name is written so that it is read as the same name', () => {
    for (const name of [
      'a.b',
      'with space',
      'q"k',
      String.raw`back\\slash`,
      '키',
      '1a',
      'a:b',
      String.raw`a\.b`,
    ]) {
      expect(fieldNames(queryOf(`${writeFieldName(name)}:1`))).toEqual([name]);
    }
  });

  test('a value is written so that it is read as the same value', () => {
    for (const value of ['x', 'a b', '*', 'or', '1..2', '"', '\\', '-x', '>5', '', '[1]', '(x)', 'a|b']) {
      expect(filterOf(`a:${writeValue(value)}`)).toMatchObject({ type: 'equals', text: value });
    }
  });
});

describe('hints', () => {
  const known = ['order.id', String.raw`k\.d`, 'customer.tier'];

  test.each([
    ['order_id:5', 'order.id'],
    ['servce.name:x', 'service.name'],
    ['tier:gold', 'customer.tier'],
    ['Level:error', 'level'],
    ['has:http.rout', 'http.route'],
    ['| stats avg(duration_m)', 'duration_ms'],
  ])('%s: did you mean %s', (text, suggestion) => {
    expect(fieldHints(queryOf(text), known)).toMatchObject([{ suggestion }]);
  });

  test('known fields have no hint, also through an escaped dot', () => {
    expect(fieldHints(queryOf('order.id:5 k.d:x level:info attributes.order.id:7'), known)).toEqual([]);
  });

  test('a name that is like none says what else it can be, once', () => {
    const hints = fieldHints(queryOf('TypeError:x TypeError:y'), known);
    expect(hints).toMatchObject([
      { from: 0, to: 9, help: 'to search for text with a colon, put it into "quotes"' },
    ]);
  });
});

describe('refused', () => {
  test.each([
    ['| limit 0', 'is not a number of rows'],
    ['| sort message', 'sorted by time only'],
    ['| limit 5 | stats count()', 'stats comes first'],
    ['| stats count() as n, sum(a) as n', 'two columns are called'],
    ['| stats sum(time)', 'needs numbers'],
    ['| stats count() by bin(5x)', 'not a length of time'],
    ['| stats count() | sort nope', 'stats gives no column'],
    ['| stats count() | fields nope', 'stats gives no column'],
    ['| stats rate(a)', 'takes no field'],
    ['duration_ms:1*', 'takes no wildcards'],
    [`a:${'*x'.repeat(17)}`, 'wildcards in one value'],
    ['kind:lgo', 'no kind'],
    ['has:>5', 'takes the name of a field'],
    [`${'('.repeat(41)}a${')'.repeat(41)}`, 'nested more than'],
    [`${'-'.repeat(41)}a`, 'nested more than'],
    ['a '.repeat(257), 'more than 256 conditions'],
    ['x'.repeat(QUERY_CHARS_MAX + 1), 'characters'],
    ['| limit 1 '.repeat(17), 'more than 16 stages'],
  ])('%s', (text, message) => {
    expect(messagesOf(parseQuery(text))[0]).toContain(message);
  });
});
