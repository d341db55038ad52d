/**
 * What a value is when it is compared: its plain text, and its number where the text is one by our grammar.
 * Both engines have other ideas about numbers (`0x10`, ` 5`, the empty string), so the grammar here, which is that
 * of JSON, decides for both.
 */
import { toStoredText, type FlatValue } from '@sillok/record';

/** The grammar of numbers, for JavaScript and for RE2. */
export const NUMBER_PATTERN = '^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$';
const NUMBER = new RegExp(NUMBER_PATTERN);

/** The number that a text is, or `undefined`. Numbers beyond doubles are none. */
export function numberOf(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Text that people compare with: strings as they are, everything else as JSON. */
export function plainText(value: FlatValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * All stored texts that a typed text means: the string, and the number, boolean, null or array that is written
 * the same. `7.0` means the number 7 and the string "7.0".
 */
export function storedTexts(text: string): readonly string[] {
  const texts = new Set([toStoredText(text)]);
  const number = numberOf(text);
  if (number !== undefined) texts.add(JSON.stringify(number));
  else if (toStoredText(text) !== text) texts.add(text);
  return [...texts];
}

/** Order of UTF-8 bytes, which is the engine's. UTF-16 order differs where surrogates meet U+E000 and above. */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Moves surrogates behind the rest of the plane, where their characters are in UTF-8. */
function rank(code: number): number {
  if (code < 0xd800) return code;
  return code >= 0xe000 ? code - 0x800 : code + 0x2000;
}
