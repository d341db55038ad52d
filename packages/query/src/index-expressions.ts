/**
 * The SQL expressions that searches prune with. The store creates one skip index for each entry of
 * `SEARCH_INDEXES`, with exactly these expressions: the engine uses an index only when the text of a condition
 * is the text of the index. All are `GRANULARITY 1`; the kind is the one that was measured to work.
 *
 * `…_words`, for the message and the exception's: its lower-case ASCII words. Everything that is not ASCII counts as a space, so
 * that `로그인failed` holds the word `failed` (the tokenizer alone would see one token). Rows of pure ASCII take
 * the cheap branch: 0.2 µs per row at insert, where `extractAll` takes 1.2 µs.
 * `…_bigrams`: pairs of neighbouring characters of every run that is not ASCII; finds Hangul inside a word.
 * `attributeValues`: stored texts; serves `attributes['x'] IN (…)` and whole-value searches by one index.
 *
 * `level`, `kind` and `service.name` have none: nearly every granule has every value, and asking 2,000 granules for
 * nothing took 5 ms of the 30 of “last 100 errors”.
 *
 * Measured on chdb 26.7: conditions on these, joined with OR as well as with AND, read only the granules that
 * match (setting `use_skip_indexes_for_disjunctions`, on by default). `indexHint` does not reach text indexes.
 */
import { ENVELOPE_IDS } from '@sillok/record';
import { quoteIdentifier } from './sql/quote.js';

/** A run of what is not ASCII, for RE2 inside an SQL string. */
const NOT_ASCII = String.raw`[^\\x00-\\x7f]`;

/** Lower-case text in which only ASCII words are left, for the tokenizer `splitByNonAlpha`. */
export function asciiWordsExpression(column: string): string {
  const name = quoteIdentifier(column);
  const others = `replaceRegexpAll(lowerUTF8(${name}), '${NOT_ASCII}+', ' ')`;
  return `if(isValidASCII(${name}), lower(${name}), ${others})`;
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

const bloom = (column: string, falseAnswers: number): SearchIndex => ({
  name: `index_${column.replaceAll('.', '_')}`,
  expression: quoteIdentifier(column),
  type: `bloom_filter(${falseAnswers})`,
});

/** Ids that a bare word is compared with, and short names; each list is one array, so that one index serves it. */
export const ID_COLUMNS: readonly string[] = ENVELOPE_IDS;
export const NAME_COLUMNS: readonly string[] = ['error.type', 'exception.type', 'event.name'];

/** The values of some columns as one array. */
export function columnsExpression(columns: readonly string[]): string {
  return `[${columns.map(quoteIdentifier).join(', ')}]`;
}

/** All ids have a filter together; these are looked up alone so often that they have one of their own. */
const OFTEN_ALONE = ['trace_id', 'global_trace_id', 'session_hash', 'user_hash'];

/** Sentences in which a bare word is looked for: an error is as often searched by what it says as by what was logged. */
export const WORD_COLUMNS: readonly string[] = ['message', 'exception.message'];

function wordIndexes(column: string): readonly SearchIndex[] {
  const name = `index_${column.replaceAll('.', '_')}`;
  return [
    {
      name: `${name}_words`,
      expression: asciiWordsExpression(column),
      type: `text(tokenizer = 'splitByNonAlpha')`,
    },
    { name: `${name}_bigrams`, expression: bigramsExpression(column), type: `text(tokenizer = 'array')` },
  ];
}

/** Ids without an index of their own: `span_id = 'x'` is helped by the filter of all ids. */
export const SHARED_INDEX_COLUMNS: readonly string[] = ID_COLUMNS.filter(
  (name) => !OFTEN_ALONE.includes(name),
);

export const SEARCH_INDEXES: readonly SearchIndex[] = [
  ...WORD_COLUMNS.flatMap(wordIndexes),
  // A granule that is read for nothing costs as much as 200 KiB of filter, hence few false answers here.
  { name: 'index_attribute_values', expression: 'mapValues(attributes)', type: 'bloom_filter(0.003)' },
  { name: 'index_attribute_keys', expression: 'mapKeys(attributes)', type: 'bloom_filter(0.01)' },
  { name: 'index_ids', expression: columnsExpression(ID_COLUMNS), type: 'bloom_filter(0.01)' },
  { name: 'index_names', expression: columnsExpression(NAME_COLUMNS), type: 'bloom_filter(0.01)' },
  ...OFTEN_ALONE.map((column) => bloom(column, 0.003)),
  ...['url.path', 'client.address', 'http.route', ...NAME_COLUMNS].map((column) => bloom(column, 0.01)),
];
