/**
 * Everything that can be wrong with a search text, by a code that stays: a sentence and an advice, with `{0}`, `{1}` … for what was
 * written or is meant. Whoever speaks another language finds the sentence by its code and puts the same values in.
 */
export const EXPLANATIONS = {
  too_long: ['the search has {0} characters, and {1} are the most', 'shorten it, or use SQL'],
  too_deep: ['nested more than {0} deep', 'remove parentheses'],
  too_many_terms: ['more than {0} conditions', 'search in several steps, or use SQL'],
  quote_open: ['this quote is not closed', 'add a closing "'],
  group_empty: ['nothing stands between the parentheses', 'write a condition inside'],
  group_open: ['a closing ) is missing', 'add ) at the end of the group'],
  group_closed: ['this ) closes nothing', 'remove it, or add ( before'],
  range_incomplete: ['this range is not complete', 'write [1 to 5], or 1..5'],
  range_invalid: ['this is not a range', 'write [1 to 5], or 1..5'],
  value_missing: ['a value is missing', 'write it after the sign, as in :>100'],
  value_after_colon: ['a value is missing after the colon', 'write field:value, or field:* for any value'],
  condition_after: [
    'a condition is missing after this',
    'write what follows, or quote the word to search for it',
  ],
  condition_after_not: ['a condition is missing after “not”', 'write what to leave out: -level:debug'],
  something_missing: ['something is missing here', 'finish the condition, or put text into "quotes"'],
  operator_between: [
    '“{0}” stands between conditions, and one is missing',
    'to search for the word, write "{0}" in quotes',
  ],
  name_missing: [
    'a field name is missing before the colon',
    'write field:value, or put the text into "quotes"',
  ],
  values_need_or: ['values in parentheses need “or” between them', 'write field:(a or b)'],
  does_not_fit: ['“{0}” does not fit here', 'put text with special characters into "quotes"'],
  stage_incomplete: ['this “{0}” is not complete', '{1}'],
  stage_missing: ['a command is missing after |', 'commands are {0}'],
  stage_unknown: ['there is no command “{0}”', 'commands are {1}'],
  stage_unknown_like: ['there is no command “{0}”', 'did you mean {2}? commands are {1}'],
  too_many_stages: ['more than {0} stages', 'leave some out'],
  stats_first: ['stats comes first', 'put it directly after the search, and only once'],
  limit_invalid: ['“{0}” is not a number of rows', 'write a whole number from 1 to {1}'],
  stats_too_much: ['too much in one stats', 'at most {0} functions and {1} fields after “by”'],
  column_twice: ['two columns are called “{0}”', 'give one another name with “as”'],
  function_unknown: ['there is no function “{0}”', 'functions are {1}'],
  function_unknown_like: ['there is no function “{0}”', 'did you mean {2}? functions are {1}'],
  function_needs_field: ['{0} needs a field', 'write {0}(duration_ms)'],
  rate_takes_no_field: ['rate counts records and takes no field', 'write rate()'],
  function_needs_numbers: ['{0} needs numbers, and {1} is a time', 'use min, max or count_distinct'],
  length_invalid: ['“{0}” is not a length of time', 'write bin(5m), with s, m, h, d or w'],
  sort_by_time: ['records are sorted by time only', 'write | sort time desc, or count them with stats first'],
  nothing_counted: ['nothing is counted here', 'count with | stats first'],
  column_unknown: ['stats gives no column “{0}”', 'columns are {1}'],
  column_unknown_like: ['stats gives no column “{0}”', 'did you mean {2}? columns are {1}'],
  has_takes_name: ['has: takes the name of a field', 'write has:order.id'],
  no_wildcards: ['{0} takes no wildcards', 'compare instead: {0}:>…, or a range a..b'],
  too_many_wildcards: ['more than {0} wildcards in one value', 'shorten the pattern'],
  number_invalid: ['{0} is a number, and “{1}” is none', 'write {0}:>100 or {0}:1..5'],
  level_unknown: ['there is no level “{0}”', 'levels are {1}'],
  level_unknown_like: ['there is no level “{0}”', 'did you mean {2}? levels are {1}'],
  kind_unknown: ['there is no kind “{0}”', 'kinds are {1}'],
  kind_unknown_like: ['there is no kind “{0}”', 'did you mean {2}? kinds are {1}'],
  time_invalid: [
    '“{0}” is not a time',
    'write 2026-11-21, 2026-11-21T10:00, 2026-11-21T10:00:05+09:00, now-1h or -15m',
  ],
  field_unknown: [
    'no recent record has a field “{0}”',
    'to search for text with a colon, put it into "quotes"',
  ],
  field_unknown_like: ['no recent record has a field “{0}”', 'did you mean {1}?'],
} as const satisfies Readonly<Record<string, readonly [message: string, help: string]>>;

export type QueryErrorCode = keyof typeof EXPLANATIONS;

export interface Explanation {
  readonly code: QueryErrorCode;
  readonly values: readonly string[];
  readonly message: string;
  readonly help: string;
}

export function explained(code: QueryErrorCode, ...given: readonly (string | number)[]): Explanation {
  const values = given.map(String);
  const [message, help] = EXPLANATIONS[code];
  return { code, values, message: fillExplanation(message, values), help: fillExplanation(help, values) };
}

/** With a name that was perhaps meant, where one is near. */
export function explainedWithGuess(
  code: 'stage_unknown' | 'function_unknown' | 'column_unknown' | 'level_unknown' | 'kind_unknown',
  [written, all, closest]: readonly [written: string, all: readonly string[], closest: string | undefined],
): Explanation {
  const names = all.join(', ');
  return closest === undefined
    ? explained(code, written, names)
    : explained(`${code}_like`, written, names, closest);
}

export function fillExplanation(text: string, values: readonly string[]): string {
  return text.replace(/\{(\d)\}/g, (_, index: string) => values[Number(index)] ?? '');
}
