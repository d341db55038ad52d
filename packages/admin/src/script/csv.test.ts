import { csvCell, csvLine } from '@sillok/record';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv } from './csv.js';

test('a row that is written is read back', () => {
  // What gets an apostrophe is read back with it.
  const value = fc.string().filter((text) => !/^"?'/.test(csvCell(text)));
  fc.assert(
    fc.property(fc.array(fc.record({ a: value, b: value }), { minLength: 1 }), (rows) => {
      const text = csvLine(['a', 'b']) + rows.map(({ a, b }) => csvLine([a, b])).join('');
      // A carriage return outside of quotes is an end of line; inside it is kept.
      expect(readCsv(text)).toEqual(rows);
    }),
  );
});

test('rows of other tools are read: a mark at the start, bare line ends, short rows, an open quote', () => {
  expect(readCsv('\ufeffid,city\n1,"Seoul, KR"\r\n2\n')).toEqual([
    { id: '1', city: 'Seoul, KR' },
    { id: '2', city: '' },
  ]);
  expect(readCsv('id\n"1')).toEqual([{ id: '1' }]);
  expect(readCsv('')).toEqual([]);
});
