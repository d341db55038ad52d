/**
 * One field and what was written after its colon → a condition of the plan, or a reason why there is none. What
 * a value means depends on the field: numbers, times, levels, sentences and other text each have their own way.
 */
import { KINDS, LEVELS } from '@sillok/record';
import { explained, explainedWithGuess, type Explanation } from './explanations.js';
import { closestName } from './fields.js';
import { globLiteral, isAnything, isLiteral, parseGlob, type Glob } from './glob.js';
import { WORD_COLUMNS } from './index-expressions.js';
import { WILDCARDS_MAX } from './limits.js';
import { parseSpan, type Span } from './moments.js';
import { EVERYTHING, NOTHING, type Field, type Filter, type Moment, type Operator } from './plan.js';
import { textPattern } from './text.js';
import { numberOf } from './values.js';

export type Verdict =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly error: Explanation };

const good = (filter: Filter): Verdict => ({ ok: true, filter });
const refused = (error: Explanation): Verdict => ({ ok: false, error });

/** Other words for levels that programs use. */
const LEVEL_WORDS: ReadonlyMap<string, string> = new Map([
  ['warning', 'warn'],
  ['err', 'error'],
  ['critical', 'fatal'],
  ['information', 'info'],
]);

/** A word or phrase without a field: words of the message or of the exception's, or a whole value. */
export function bareCondition(glob: Glob): Verdict {
  const tooMany = wildcardsRefused(glob);
  if (tooMany) return tooMany;
  const pattern = textPattern(glob);
  if (pattern === undefined) return good(EVERYTHING);
  const words = WORD_COLUMNS.map((column): Filter => ({ type: 'words', column, pattern }));
  if (!isLiteral(glob)) return good({ type: 'or', items: words });
  return good({ type: 'or', items: [...words, { type: 'whole', text: globLiteral(glob) }] });
}

/** `field:value`, the value typed without quotes. */
export function valueCondition(field: Field, raw: string): Verdict {
  const range = /^(.*?)\.\.(.*)$/s.exec(raw);
  if (range && isRange(field, range[1] ?? '', range[2] ?? '')) {
    return rangeCondition(field, range[1] ?? '', range[2] ?? '');
  }
  const glob = parseGlob(raw);
  if (isLiteral(glob)) return phraseCondition(field, globLiteral(glob));
  if (isAnything(glob)) return good({ type: 'exists', source: field.source });
  return wildcardCondition(field, glob);
}

/** Two dots are a range only between what can be compared: a path or a text may have dots of its own. */
function isRange(field: Field, low: string, high: string): boolean {
  const isEnd = (text: string): boolean =>
    text === '' ||
    numberOf(text) !== undefined ||
    parseSpan(text) !== undefined ||
    (field.name === 'level' && levelIndex(text) !== -1);
  return low + high !== '' && isEnd(low) && isEnd(high);
}

/** Place of a level in rising order, -1 for what is none. */
function levelIndex(text: string): number {
  const folded = text.toLowerCase();
  const level = LEVEL_WORDS.get(folded) ?? folded;
  return LEVELS.findIndex((name) => name === level);
}

/** `field:"text"`: nothing in the text has a meaning of its own. */
export function phraseCondition(field: Field, text: string): Verdict {
  const { source } = field;
  if (source.kind === 'time') return timeEquals(source.column, text);
  if (source.kind === 'number' && numberOf(text) === undefined) return notANumber(field, text);
  if (field.name === 'level') return levelCondition('>=', text, true);
  if (field.name === 'kind') return kindCondition(text);
  if (field.prose && source.kind === 'text') {
    const pattern = textPattern([text]);
    return good(pattern ? { type: 'words', column: source.column, pattern } : { type: 'exists', source });
  }
  return good({ type: 'equals', source, text });
}

function wildcardCondition(field: Field, glob: Glob): Verdict {
  const tooMany = wildcardsRefused(glob);
  if (tooMany) return tooMany;
  const { source } = field;
  if (source.kind === 'time' || (source.kind === 'number' && source.absent === 'null')) {
    return refused(explained('no_wildcards', field.name));
  }
  if (field.prose && source.kind === 'text') {
    const pattern = textPattern(glob);
    return good(pattern ? { type: 'words', column: source.column, pattern } : { type: 'exists', source });
  }
  return good({ type: 'like', source, glob });
}

function wildcardsRefused(glob: Glob): Verdict | undefined {
  if (glob.filter((part) => typeof part !== 'string').length <= WILDCARDS_MAX) return undefined;
  return refused(explained('too_many_wildcards', WILDCARDS_MAX));
}

/** `field:>value` and its like; `=` takes the value as it stands, without wildcards. */
export function compareCondition(field: Field, operator: Operator | '=', text: string): Verdict {
  const { source } = field;
  if (operator === '=') {
    if (field.prose) return good({ type: 'equals', source, text });
    return phraseCondition(field, text);
  }
  if (field.name === 'level') return levelCondition(operator, text, false);
  if (source.kind === 'time') return timeCompare(source.column, operator, text);
  const value = numberOf(text);
  if (value !== undefined) return good({ type: 'number', source, operator, value });
  if (source.kind === 'number') return notANumber(field, text);
  return good({ type: 'text', source, operator, value: text });
}

/** `[low to high]` or `low..high`, both ends included; an end that is empty or `*` is open. */
export function rangeCondition(field: Field, low: string, high: string): Verdict {
  const ends: readonly (readonly [Operator, string])[] = [
    ['>=', low],
    ['<=', high],
  ];
  const items: Filter[] = [];
  for (const [operator, end] of ends) {
    if (end === '' || end === '*') continue;
    const verdict = compareCondition(field, operator, end);
    if (!verdict.ok) return verdict;
    items.push(verdict.filter);
  }
  return good(items.length === 0 ? { type: 'exists', source: field.source } : { type: 'and', items });
}

function notANumber(field: Field, text: string): Verdict {
  return refused(explained('number_invalid', field.name, text));
}

function levelCondition(operator: Operator, text: string, only: boolean): Verdict {
  const at = levelIndex(text);
  if (at === -1) {
    return refused(explainedWithGuess('level_unknown', [text, LEVELS, closestName(text, LEVELS)]));
  }
  const texts = LEVELS.filter((_name, index) => (only ? index === at : compares(index - at, operator)));
  return good(texts.length === 0 ? NOTHING : { type: 'oneOf', column: 'level', texts });
}

function kindCondition(text: string): Verdict {
  const kind = text.toLowerCase();
  if (KINDS.some((name) => name === kind)) return good({ type: 'oneOf', column: 'kind', texts: [kind] });
  return refused(explainedWithGuess('kind_unknown', [text, KINDS, closestName(kind, KINDS)]));
}

/** Whether a difference (left minus right) satisfies an operator. */
export function compares(difference: number, operator: Operator): boolean {
  switch (operator) {
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
  }
}

type TimeColumn = 'time' | 'observed_time';

function mustBeTime(text: string): Verdict {
  return refused(explained('time_invalid', text));
}

function timeEquals(column: TimeColumn, text: string): Verdict {
  const span = parseSpan(text);
  if (!span) return mustBeTime(text);
  const items = [
    timeCondition(column, '>=', span.from),
    timeCondition(column, isPoint(span) ? '<=' : '<', span.to),
  ];
  return good({ type: 'and', items });
}

/** A written time is its first moment, but as an upper end that is included it lasts to its end. */
function timeCompare(column: TimeColumn, operator: Operator, text: string): Verdict {
  const span = parseSpan(text);
  if (!span) return mustBeTime(text);
  if (operator === '<=' && !isPoint(span)) return good(timeCondition(column, '<', span.to));
  return good(timeCondition(column, operator, span.from));
}

function isPoint(span: Span): boolean {
  return span.from === span.to;
}

function timeCondition(column: TimeColumn, operator: Operator, moment: Moment): Filter {
  return { type: 'time', column, operator, moment };
}
