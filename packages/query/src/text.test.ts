import { afterAll, expect, test } from 'vitest';
import { TestEngine } from './fixtures/engine.js';
import { fold, spacedWords, textPattern } from './text.js';

const engine = new TestEngine();
afterAll(() => engine.close());

test('both engines fold every character alike', () => {
  const wrong: string[] = [];
  for (let start = 0; start < 0x110000; start += 0x2000) {
    const codes = Array.from({ length: 0x2000 }, (_unused, index) => start + index);
    const characters = codes
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code));
    const sql = 'SELECT arrayMap(c -> lowerUTF8(c), {p1:Array(String)})';
    const [folded] = engine.select(sql, { p1: characters }).rows[0] ?? [];
    // The statement answers one array of texts.
    (folded as string[]).forEach((text, index) => {
      const character = characters[index] ?? '';
      if (text !== fold(character))
        wrong.push(`${character} ${(character.codePointAt(0) ?? 0).toString(16)} → ${text}`);
    });
  }
  expect(wrong).toEqual([]);
});

test.each([
  ['User 로그인failed, again', ' user 로그인 failed again '],
  ['user_id=7', ' user id 7 '],
  ['결제—완료 ✅ ₩5000', ' 결제 완료 5000 '],
  ['--', '  '],
  ['', '  '],
])('%s is the words %s', (text, words) => {
  expect(spacedWords(fold(text))).toBe(words);
});

test('a single word is looked for as a whole, other letters also inside', () => {
  expect(textPattern(['Login'])).toEqual({ type: 'word', word: 'login' });
  expect(textPattern(['로그인'])).toEqual({ type: 'inside', text: '로그인', bigrams: ['로그', '그인'] });
  expect(textPattern(['->'])).toEqual({ type: 'inside', text: '->', bigrams: [] });
  expect(textPattern([' '])).toBeUndefined();
});
