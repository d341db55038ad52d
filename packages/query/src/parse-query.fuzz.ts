/** Any text gives a query that can be evaluated in both ways, or errors that point into it; never an exception. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileMatcher, compileSearch, compileStats, parseQuery } from './index.js';

const PIECES = [
  'a',
  'level',
  'error',
  'http.route',
  'time',
  'duration_ms',
  ':',
  '::',
  '(',
  ')',
  '[',
  ']',
  '"',
  '\\',
  '|',
  ',',
  '-',
  '>',
  '>=',
  '<',
  '=',
  '*',
  '?',
  ' ',
  '  ',
  '\n',
  '\0',
  'or',
  'and',
  'not',
  'OR',
  'to',
  'by',
  'as',
  'has:',
  'stats',
  'sort',
  'fields',
  'limit',
  'count()',
  'p95(',
  'bin(5m)',
  '1',
  '10',
  '..',
  '2026-11-21',
  '-1h',
  'now',
  '로그인',
  '한',
  'é',
  '😀',
  '\ud800',
  '__proto__',
  '`',
  "'",
  '{p1:String}',
];

const row = {
  record: { seq: 1, time: '2026-11-21T10:00:00.000000000Z', kind: 'log', level: 'info', message: 'x' },
  context: {
    project: 'p',
    producer: 'o',
    boot: 'b',
    observed_time: '2026-11-21T10:00:00.000000000Z',
    resource: {},
  },
} as const;

test('any text is a query or has errors with their places', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(' ')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, (search) => {
      const parsed = parseQuery(search);
      if (parsed.ok) {
        expect(typeof compileMatcher(parsed.query)(row)).toBe('boolean');
        expect(compileSearch(parsed.query, { project: 'p' }).sql).toContain('project = {p1:String}');
        compileStats(parsed.query, { project: 'p' });
        return;
      }
      expect(parsed.errors.length).toBeGreaterThan(0);
      for (const { from, to, message, help } of parsed.errors) {
        expect(from >= 0 && from <= to && to <= search.length, JSON.stringify(parsed.errors)).toBe(true);
        expect(message !== '' && help !== '').toBe(true);
      }
    }),
    { numRuns: Number(process.env['SILLOK_FUZZ_RUNS'] ?? 4000) },
  );
});

test('nothing that was typed is in the SQL but names of columns, in backticks', () => {
  const word = fc.string({
    unit: fc.constantFrom('z', '`', "'", '"', '\\', '}', '{', ';', '-', '/', '*'),
    minLength: 3,
  });
  fc.assert(
    fc.property(word, (typed) => {
      const quoted = `"${typed.replace(/["\\]/g, String.raw`\$&`)}"`;
      const parsed = parseQuery(`${quoted}:${quoted} ${quoted} has:${quoted}`);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
      const { sql, params } = compileSearch(parsed.query, { project: typed });
      expect(sql.replace(/'\\\\x|\\\\x\{/g, '')).not.toMatch(/zzz|;|\/\*/);
      expect(Object.values(params).flat()).toContain(typed);
    }),
  );
});
