import { expect, test } from 'vitest';
import { prettyLine, printable } from './pretty.js';
import { createTestLog } from './test.js';

test('nothing that a stranger sent reaches the terminal as a command', () => {
  const { log, lines } = createTestLog();
  log.error(
    {
      'a\u001b]0;title\u0007': '\u001b[2J\r\nforged INFO line',
      bidi: '\u202eabc',
      c1: '\u009b31m',
      err: new Error('\u001b[1A'),
    },
    '\u001b[31mred\u0007\b',
  );
  for (const line of lines()) {
    const shown = prettyLine(line, { colours: false });
    // Only line feeds of our own, between the lines of a stack.
    expect(shown.replaceAll('\n    ', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(shown).not.toContain('\nforged');
  }
});

test('a line shows level, message, fields and stack', () => {
  const { log, lines } = createTestLog();
  log.warn({ order: { id: 7 }, note: 'two words' }, 'paid');
  expect(prettyLine(lines()[0] ?? '', { colours: false })).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} WARN {2}paid {2}order\.id=7 note="two words"$/,
  );
  expect(prettyLine(lines()[0] ?? '', { colours: true })).toContain('\u001b[33mWARN ');
});

test('text without controls is shown as it is', () => {
  expect(printable('한글 é "quoted"')).toBe('한글 é "quoted"');
});
