/** The twins of `text.ts`: conditions on words of a text column. */
import { globToLike } from '../glob.js';
import { asciiWordsExpression, bigramsExpression } from '../index-expressions.js';
import { SEPARATOR_RANGES, type TextPattern } from '../text.js';
import type { ParameterList } from './parameters.js';
import { quoteIdentifier } from './quote.js';

const separators = SEPARATOR_RANGES.map(
  ([from, to]) => String.raw`\\x{${from.toString(16)}}-\\x{${to.toString(16)}}`,
).join('');
const WORD = String.raw`[0-9a-z]+|[^\\x00-\\x7f${separators}]+`;

/** ` user 로그인 failed `: folded words between single spaces. Pure ASCII takes a way that is five times as fast. */
function spacedWordsExpression(column: string): string {
  const name = quoteIdentifier(column);
  const ascii = `tokens(lower(${name}), 'splitByNonAlpha')`;
  const words = `if(isValidASCII(${name}), ${ascii}, extractAll(lowerUTF8(${name}), '${WORD}'))`;
  return `concat(' ', arrayStringConcat(${words}, ' '), ' ')`;
}

/** First what the index answers, then the exact check; a single ASCII word is answered by the index alone. */
export function wordsSql(column: string, pattern: TextPattern, parameters: ParameterList): string {
  const folded = `lowerUTF8(${quoteIdentifier(column)})`;
  switch (pattern.type) {
    case 'word':
      return wordsPrefilter(column, [pattern.word], parameters);
    case 'inside': {
      const check = `position(${folded}, ${parameters.add('String', pattern.text)}) > 0`;
      return both(bigramsPrefilter(column, pattern.bigrams, parameters), check);
    }
    case 'spaced': {
      const like = parameters.add('String', globToLike(pattern.glob));
      const check = `${spacedWordsExpression(column)} LIKE ${like}`;
      const words = wordsPrefilter(column, pattern.words, parameters);
      const fragments = fragmentsPrefilter(column, pattern.fragments, parameters);
      const bigrams = bigramsPrefilter(column, pattern.bigrams, parameters);
      return both(words, both(fragments, both(bigrams, check)));
    }
  }
}

function both(prefilter: string, check: string): string {
  return prefilter === '' ? check : `(${prefilter} AND ${check})`;
}

function wordsPrefilter(column: string, words: readonly string[], parameters: ParameterList): string {
  if (words.length === 0) return '';
  return `hasAllTokens(${asciiWordsExpression(column)}, ${parameters.add('Array(String)', words)})`;
}

/**
 * `timeout*`: the engine goes through the dictionary of the index (`use_text_index_like_evaluation_by_dictionary_scan`, on by
 * default) and reads only granules that hold a word with that piece. Pieces are letters and digits, so LIKE takes them as they are.
 */
function fragmentsPrefilter(column: string, fragments: readonly string[], parameters: ParameterList): string {
  const expression = asciiWordsExpression(column);
  return fragments.map((each) => `${expression} LIKE ${parameters.add('String', `%${each}%`)}`).join(' AND ');
}

function bigramsPrefilter(column: string, bigrams: readonly string[], parameters: ParameterList): string {
  if (bigrams.length === 0) return '';
  return `hasAll(${bigramsExpression(column)}, ${parameters.add('Array(String)', bigrams)})`;
}
