import { expect, test } from 'vitest';
import { csvCell, csvLine } from './csv.js';

test.each([
  ['=1+1', "'=1+1"],
  ['+82 10', "'+82 10"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['|calc', "'|calc"],
  ['\t=1', "'\t=1"],
  ['\r=1', '"\'\r=1"'],
  ['  =1', "'  =1"],
  ['\ufeff=1', "'\ufeff=1"],
  ['＝1+1', "'＝1+1"],
  ['=HYPERLINK("http://a","b")', '"\'=HYPERLINK(""http://a"",""b"")"'],
])('a text that a spreadsheet would run is only text: %j', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});

test('numbers, plain texts and nothing stay as they are', () => {
  expect(csvLine([-5, 1.5, '-5', 'paid', 'a,b', 'say "hi"', 'two\nlines', null, undefined, true])).toBe(
    '-5,1.5,-5,paid,"a,b","say ""hi""","two\nlines",,,true\r\n',
  );
  expect(csvCell({ a: 1 })).toBe('"{""a"":1}"');
  expect(csvLine([10n, () => 1])).toBe('10,\r\n');
});
