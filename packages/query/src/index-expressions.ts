/**
 * The SQL expressions that searches prune with. The store creates one skip index for each entry of
 * `SEARCH_INDEXES`, with exactly these expressions: the engine uses an index only when the text of a condition
 * is the text of the index. All are `GRANULARITY 1`; the kind is the one that was measured to work.
 *
 * `messageWords`: the lower-case ASCII words of the message. Everything that is not ASCII counts as a space, so
 * that `로그인failed` holds the word `failed` (the tokenizer alone would see one token). Rows of pure ASCII take
 * the cheap branch: 0.2 µs per row at insert, where `extractAll` takes 1.2 µs.
 * `messageBigrams`: pairs of neighbouring characters of every run that is not ASCII; finds Hangul inside a word.
 * `attributeValues`: stored texts; serves `attributes['x'] IN (…)` and whole-value searches by one index.
 *
 * Measured on chdb 26.7: conditions on these, joined with OR as well as with AND, read only the granules that
 * match (setting `use_skip_indexes_for_disjunctions`, on by default). `indexHint` does not reach text indexes.
 */
import { quoteIdentifier } from './sql/quote.js';

/** A run of what is not ASCII, for RE2 inside an SQL string. */
const NOT_ASCII = String.raw`[^\\x00-\\x7f]`;

/** Lower-case text in which only ASCII words are left, for the tokenizer `splitByNonAlpha`. */
export function asciiWordsExpression(column: string): string {
  const name = quoteIdentifier(column);
  return `if(isValidASCII(${name}), lower(${name}), replaceRegexpAll(lowerUTF8(${name}), '${NOT_ASCII}+', ' '))`;
}

/** Distinct pairs of neighbouring characters that are not ASCII, for the tokenizer `array`. */
export function bigramsExpression(column: string): string {
  const name = quoteIdentifier(column);
  const runs = `extractAll(lowerUTF8(${name}), '${NOT_ASCII}{2,}')`;
  return `if(isValidASCII(${name}), [], arrayDistinct(arrayFlatten(arrayMap(w -> ngrams(w, 2), ${runs}))))`;
}

export interface SearchIndex {
  readonly name: string;
  readonly expression: string;
  /** What follows `TYPE`. */
  readonly type: string;
}

const bloom = (column: string): SearchIndex => ({
  name: `index_${column.replaceAll('.', '_')}`,
  expression: quoteIdentifier(column),
  type: 'bloom_filter(0.01)',
});

const set = (column: string): SearchIndex => ({ ...bloom(column), type: 'set(100)' });

/** Columns that a bare word is compared with as a whole, so each needs an index: one without spoils the OR. */
export const BARE_ID_COLUMNS: readonly string[] = [
  'trace_id',
  'span_id',
  'parent_span_id',
  'global_trace_id',
  'session_hash',
  'user_hash',
];
export const BARE_TEXT_COLUMNS: readonly string[] = ['url.path', 'client.address'];
export const BARE_KEYWORD_COLUMNS: readonly string[] = ['http.route', 'error.type', 'exception.type', 'event.name'];

export const SEARCH_INDEXES: readonly SearchIndex[] = [
  {
    name: 'index_message_words',
    expression: asciiWordsExpression('message'),
    type: `text(tokenizer = 'splitByNonAlpha')`,
  },
  {
    name: 'index_message_bigrams',
    expression: bigramsExpression('message'),
    type: `text(tokenizer = 'array')`,
  },
  { name: 'index_attribute_values', expression: 'mapValues(attributes)', type: 'bloom_filter(0.01)' },
  { name: 'index_attribute_keys', expression: 'mapKeys(attributes)', type: 'bloom_filter(0.01)' },
  ...BARE_ID_COLUMNS.map(bloom),
  ...BARE_TEXT_COLUMNS.map(bloom),
  ...BARE_KEYWORD_COLUMNS.map(set),
  set('level'),
  set('kind'),
  set('service.name'),
];
