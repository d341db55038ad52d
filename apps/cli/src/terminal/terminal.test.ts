import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createColours } from './colours.js';
import { flatPairs, recordText } from './record-text.js';
import { safeLine, safeLines } from './safe-text.js';
import { tableText } from './table.js';
import { fit, padEnd, widthOf } from './width.js';

const plain = createColours(false);

const record = {
  project: 'p',
  producer: 'a',
  boot: 'b',
  seq: 1,
  time: '2026-11-21T10:00:00.123456789Z',
  observed_time: '2026-11-21T10:00:00.200000000Z',
  kind: 'log',
  level: 'error',
  message: 'paid\nsecond line',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  resource: { 'service.name': 'orders' },
  attributes: { order: { id: 7, tags: ['a'] }, exception: { stacktrace: 'Error: x\n\tat y' }, none: {} },
} as const;

describe('safe text', () => {
  test('escape sequences, forged lines and reordering are seen and not obeyed', () => {
    expect(safeLine('a\u001b[2J\u0007\r\nb\u202Ec\u0085\u009b31m\u007f')).toBe(
      'a␛[2J␇␍␊b<U+202E>c<U+0085><U+009B>31m␡',
    );
    expect(safeLine('로그 👩‍💻 é')).toBe('로그 👩<U+200D>💻 é');
    expect(safeLines('a\r\n\tb\u001b')).toEqual(['a', '    b␛']);
  });

  test('whatever a record holds, no control character reaches the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, two) => {
        const text = recordText(
          {
            ...record,
            message: one,
            attributes: { [two]: one, exception: { stacktrace: two } },
            resource: { 'service.name': two },
          },
          plain,
        );
        // oxlint-disable-next-line no-control-regex -- that is what is looked for
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(tableText({ columns: [one], rows: [[two]], colours: plain }).split('\n')).toHaveLength(2);
      }),
    );
  });
});

test('a record is one line, with further lines and the stack below it', () => {
  const lines = recordText(record, plain).split('\n');
  expect(lines[0]).toMatch(
    /^\d\d-\d\d \d\d:\d\d:\d\d\.123 ERROR orders paid order\.id=7 order\.tags=\["a"\] none=\{\} trace=0af76519$/,
  );
  expect(lines.slice(1)).toEqual(['    second line', '    Error: x', '        at y']);
});

test('deep attributes do not overflow the stack', () => {
  let deep: { [key: string]: never | object } = {};
  for (let depth = 0; depth < 50_000; depth += 1) deep = { a: deep };
  expect(flatPairs(JSON.parse('{"a":{"b":1},"c":[1]}'))).toEqual([
    ['a.b', '1'],
    ['c', '[1]'],
  ]);
  // An object of objects is JSON.
  expect(flatPairs(deep as { [key: string]: never })).toHaveLength(1);
});

test('wide characters take two cells and are never cut in half', () => {
  expect([widthOf('로그'), widthOf('a'), widthOf('👩‍💻')]).toEqual([4, 1, 2]);
  expect([fit('로그인 실패', 6), fit('로그인 실패', 7), fit('abc', 3)]).toEqual(['로그…', '로그인…', 'abc']);
  expect(padEnd('로그', 6)).toBe('로그  ');
});

test('a table lines up Korean and numbers', () => {
  const text = tableText({
    columns: ['route', 'count'],
    rows: [
      ['/주문', 7],
      ['/orders', '120'],
    ],
    colours: plain,
  });
  expect(text.split('\n')).toEqual(['route    count', '/주문        7', '/orders    120']);
});
