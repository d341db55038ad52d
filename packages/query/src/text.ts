/**
 * How text is cut into words, the same in JavaScript and in SQL (`sql/text-sql.ts` has the twins).
 *
 * Text is folded to lower case first. Words are runs of ASCII letters and digits, or runs of any other letters;
 * a change between the two is a boundary, so `로그인failed` is two words. An ASCII word matches as a whole; a word
 * of other letters is also found inside a longer one, because Korean has no space between a noun and what
 * follows it. Everything else separates words. Text without any word (`->`, `%`) is looked for as it stands.
 */
import { FRAGMENT_CHARS_MIN, PREFILTER_TOKENS_MAX } from './limits.js';
import { ANY, ONE, globLiteral, isLiteral, type Glob, type GlobPart } from './glob.js';

/** Ranges of characters beyond ASCII that separate words: punctuation, symbols, arrows, emoji, wide signs. */
export const SEPARATOR_RANGES: readonly (readonly [number, number])[] = [
  [0x80, 0xa9],
  [0xab, 0xb4],
  [0xb6, 0xb9],
  [0xbb, 0xbf],
  [0xd7, 0xd7],
  [0xf7, 0xf7],
  [0x2000, 0x206f],
  [0x20a0, 0x20cf],
  [0x2100, 0x2bff],
  [0x3000, 0x303f],
  [0xfe00, 0xfe6f],
  [0xff00, 0xff0f],
  [0xff1a, 0xff20],
  [0xff3b, 0xff40],
  [0xff5b, 0xff65],
  [0xffe0, 0xffff],
  [0x1f000, 0x1faff],
  [0xe0000, 0xe0fff],
];

const separators = SEPARATOR_RANGES.map(
  ([from, to]) => `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`,
).join('');
const WORD = new RegExp(`[0-9a-z]+|[^\\0-\\x7f${separators}]+`, 'gu');
const NOT_ASCII_RUN = /[^\0-\x7f]+/gu;
const ASCII_WORD = /[0-9a-z]+/g;

/** Lower case. The engine's `lowerUTF8` gives the same text. */
export function fold(text: string): string {
  return text.toLowerCase();
}

/** Words of a folded text, each between single spaces: ` user 로그인 failed `. */
export function spacedWords(folded: string): string {
  const words = folded.match(WORD);
  return words === null ? '  ' : ` ${words.join(' ')} `;
}

/** What to look for in text that is cut into words. */
export type TextPattern =
  /** One ASCII word, as a whole. */
  | { readonly type: 'word'; readonly word: string }
  /** Folded text anywhere. */
  | { readonly type: 'inside'; readonly text: string; readonly bigrams: readonly string[] }
  /** A pattern over `spacedWords`; `words`, `fragments` of words and `bigrams` must be in any text that matches. */
  | ({ readonly type: 'spaced'; readonly glob: Glob } & Prefilter);

export interface Prefilter {
  readonly words: readonly string[];
  readonly fragments: readonly string[];
  readonly bigrams: readonly string[];
}

/** The pattern that a word, a phrase or a text with wildcards stands for. `undefined`: it matches every text. */
export function textPattern(glob: Glob): TextPattern | undefined {
  if (isLiteral(glob)) return literalPattern(globLiteral(glob));
  const spaced = spacedGlob(glob);
  if (spaced.every((part) => part === ANY || part === ' ')) return undefined;
  return { type: 'spaced', glob: spaced, ...prefilterTokens(spaced) };
}

function literalPattern(text: string): TextPattern | undefined {
  const folded = fold(text);
  const words = folded.match(WORD);
  const [first] = words ?? [];
  if (words === null || first === undefined) return inside(folded.trim());
  if (words.length === 1) return isAscii(first) ? { type: 'word', word: first } : inside(first);
  const start = isAscii(first) ? ' ' : '';
  const end = isAscii(words.at(-1) ?? '') ? ' ' : '';
  const glob: Glob = [ANY, `${start}${words.join(' ')}${end}`, ANY];
  return { type: 'spaced', glob, ...prefilterTokens(glob) };
}

function inside(text: string): TextPattern | undefined {
  return text === '' ? undefined : { type: 'inside', text, bigrams: limited(bigramsOf(text)) };
}

function isAscii(word: string): boolean {
  return word.charCodeAt(0) < 0x80;
}

/**
 * A pattern with wildcards, as a pattern over `spacedWords`. Where it does not begin or end with a wildcard, an
 * ASCII word begins or ends there.
 */
function spacedGlob(glob: Glob): Glob {
  const parts: GlobPart[] = [];
  glob.forEach((part, index) => {
    if (part === ANY || part === ONE) {
      parts.push(part);
      return;
    }
    const literal = spacedLiteral(fold(part), index === 0, index === glob.length - 1);
    if (literal !== '') parts.push(literal);
  });
  if (parts[0] !== ANY) parts.unshift(ANY);
  if (parts.at(-1) !== ANY) parts.push(ANY);
  return parts;
}

function spacedLiteral(folded: string, atStart: boolean, atEnd: boolean): string {
  const words = [...folded.matchAll(WORD)];
  const first = words[0];
  const last = words.at(-1);
  if (first === undefined || last === undefined) return folded === '' ? '' : ' ';
  const endsAt = last.index + last[0].length;
  const opens = first.index > 0 || (atStart && isAscii(first[0]));
  const closes = endsAt < folded.length || (atEnd && isAscii(last[0]));
  return `${opens ? ' ' : ''}${words.map((word) => word[0]).join(' ')}${closes ? ' ' : ''}`;
}

/**
 * What the index must hold. A word counts only when the pattern holds both of its ends; a longer piece of one is looked for
 * among the words that there are.
 */
function prefilterTokens(glob: Glob): Prefilter {
  const words: string[] = [];
  const fragments: string[] = [];
  const bigrams: string[] = [];
  for (const part of glob) {
    if (part === ANY || part === ONE) continue;
    bigrams.push(...bigramsOf(part));
    for (const match of part.matchAll(ASCII_WORD)) {
      const before = part[match.index - 1];
      const after = part[match.index + match[0].length];
      if (before !== undefined && after !== undefined) words.push(match[0]);
      else if (match[0].length >= FRAGMENT_CHARS_MIN) fragments.push(match[0]);
    }
  }
  return { words: limited(words), fragments: limited(fragments), bigrams: limited(bigrams) };
}

function limited(tokens: readonly string[]): string[] {
  return [...new Set(tokens)].slice(0, PREFILTER_TOKENS_MAX);
}

/** Pairs of neighbouring characters in every run that is not ASCII. */
function bigramsOf(folded: string): string[] {
  return [...folded.matchAll(NOT_ASCII_RUN)].flatMap((run) => {
    const characters = [...run[0]];
    return characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`);
  });
}

/** Whether a folded text holds this ASCII word as a whole. */
export function hasWord(folded: string, word: string): boolean {
  for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + 1)) {
    if (!isWordCode(folded.charCodeAt(at - 1)) && !isWordCode(folded.charCodeAt(at + word.length)))
      return true;
  }
  return false;
}

/** ASCII digit or letter; NaN, which stands before the start and after the end, is none. */
function isWordCode(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x7a);
}
