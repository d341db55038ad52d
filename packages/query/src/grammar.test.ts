/** The generated parser is committed, so that nothing is generated at install; it must be the grammar's. */
import { readFileSync } from 'node:fs';
import { buildParserFile } from '@lezer/generator';
import { expect, test } from 'vitest';

test('the generated parser is that of the grammar (npm run grammar -w packages/query)', () => {
  const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
  const { parser, terms } = buildParserFile(read('query.grammar'), {
    typeScript: true,
    fileName: 'src/query.grammar',
  });
  expect(read('generated/parser.ts')).toBe(parser);
  expect(read('generated/parser.terms.ts')).toBe(terms);
});
