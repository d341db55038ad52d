import { expect, test } from 'vitest';
import { readSupportCode, supportCodeOf } from './support-code.js';

const CODES = Array.from({ length: 200 }, (_, index) =>
  supportCodeOf(
    (BigInt(index + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n).toString(16).padStart(32, '0').slice(-32),
  ),
);

test('a code is short, comes from the end of the trace id alone, and is read back in any writing', () => {
  const code = supportCodeOf('0af7651916cd43dd8448eb211c80319c');
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(supportCodeOf('000000000000000000000002'.padEnd(23, '0') + '11c80319c')).toBe(code);
  const spoken = code.toLowerCase().replace('-', ' ');
  for (const typed of [code, spoken, code.replace('-', ''), ` ${code.replace('-', '–')} `]) {
    expect(readSupportCode(typed), typed).toBe(code);
  }
  expect(new Set(CODES).size).toBe(CODES.length);
});

test('letters that look like digits are taken for them', () => {
  const code = CODES.find((each) => /0/.test(each) && /1/.test(each)) ?? '';
  expect(code).not.toBe('');
  expect(readSupportCode(code.replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(code);
  expect(readSupportCode(code.replaceAll('1', 'I'))).toBe(code);
});

/** Every text that differs from `plain` by one character, or by two that changed places. */
function mistyped(plain: string): string[] {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const places = [...plain].map((_, index) => index);
  const wrong = places.flatMap((at) =>
    [...alphabet].map((character) => plain.slice(0, at) + character + plain.slice(at + 1)),
  );
  const exchanged = places.flatMap((at) =>
    places.slice(at + 1).map((other) => {
      const list = [...plain];
      [list[at], list[other]] = [list[other] ?? '', list[at] ?? ''];
      return list.join('');
    }),
  );
  return [...wrong, ...exchanged].filter((text) => text !== plain);
}

test('any one wrong character and any two that changed places are noticed', () => {
  const all = CODES.slice(0, 20).flatMap((code) => mistyped(code.replace('-', '')));
  expect(all.length).toBeGreaterThan(5000);
  expect(all.filter((typed) => readSupportCode(typed) !== undefined)).toEqual([]);
});

test.each(['', '7K3M', '7K3M-9QX', '7K3M-9QX44', 'UUUU-UUUU', '한글-코드!', 'x'.repeat(1000)])(
  '"%s" is no code',
  (typed) => {
    expect(readSupportCode(typed)).toBeUndefined();
  },
);
