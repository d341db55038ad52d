/**
 * The plan in JavaScript: for the live tail and for alerts on arrival, before a record is in the engine. Each
 * condition answers what its SQL twin in `sql/condition.ts` answers; `test/query-differential.fuzz.ts` compares
 * them on the real engine. A query is compiled once to closures; folded text is made once per record.
 */
import { nsToTime, toStoredText, type FlatValue } from '@sillok/record';
import { compares } from './conditions.js';
import { globMatcher } from './glob.js';
import { ID_COLUMNS, NAME_COLUMNS } from './index-expressions.js';
import { TIME_NS_MAX } from './limits.js';
import { momentNs } from './moments.js';
import type { Condition, Filter, Query, Source } from './plan.js';
import { columnText, someValue, type Row } from './row-values.js';
import { fold, hasWord, spacedWords, type TextPattern } from './text.js';
import { compareBytes, numberOf, plainText, storedTexts } from './values.js';
import { ADDRESS_COLUMN, PATH_COLUMNS, shapeOf } from './whole-value.js';

export interface MatchOptions {
  /** The moment that relative times count from. */
  readonly nowNs?: bigint;
}

type Test = (row: Row) => boolean;

/** A test for records, compiled once. Relative times count from the moment of compiling. */
export function compileMatcher(query: Query, options: MatchOptions = {}): Test {
  const nowNs = options.nowNs ?? BigInt(Date.now()) * 1_000_000n;
  return compileFilter(query.filter, nowNs);
}

export function matches(query: Query, row: Row, options: MatchOptions = {}): boolean {
  return compileMatcher(query, options)(row);
}

function compileFilter(filter: Filter, nowNs: bigint): Test {
  switch (filter.type) {
    case 'and': {
      const tests = filter.items.map((item) => compileFilter(item, nowNs));
      return (row) => tests.every((test) => test(row));
    }
    case 'or': {
      const tests = filter.items.map((item) => compileFilter(item, nowNs));
      return (row) => tests.some((test) => test(row));
    }
    case 'not': {
      const test = compileFilter(filter.item, nowNs);
      return (row) => !test(row);
    }
    default:
      return compileCondition(filter, nowNs);
  }
}

function compileCondition(condition: Condition, nowNs: bigint): Test {
  switch (condition.type) {
    case 'words':
      return wordsTest(condition.column, condition.pattern);
    case 'whole':
      return wholeTest(condition.text);
    case 'exists':
      return (row) => someValue(row, condition.source, () => true);
    case 'equals':
      return equalsTest(condition.source, condition.text);
    case 'oneOf':
      return (row) => condition.texts.includes(columnText(row, condition.column));
    case 'like': {
      const match = globMatcher(condition.glob);
      return (row) => someValue(row, condition.source, (value) => match(plainText(value)));
    }
    case 'number': {
      const passes = (value: FlatValue): boolean => {
        const number = typeof value === 'number' ? value : numberOf(plainText(value));
        return number !== undefined && compares(difference(number, condition.value), condition.operator);
      };
      return (row) => someValue(row, condition.source, passes);
    }
    case 'text': {
      const passes = (value: FlatValue): boolean =>
        compares(compareBytes(plainText(value), condition.value), condition.operator);
      return (row) => someValue(row, condition.source, passes);
    }
    case 'time': {
      const moment = boundedTime(momentNs(condition.moment, nowNs));
      // Both have nine digits and a Z, so order of text is order of time.
      return (row) => compares(compareBytes(columnText(row, condition.column), moment), condition.operator);
    }
  }
}

/** Subtraction would give NaN for equal infinities and 0 for different tiny numbers. */
function difference(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Times of records lie between these ends, so a moment outside compares the same as the nearest end. */
export function boundedNs(ns: bigint): bigint {
  if (ns < 0n) return 0n;
  return ns > TIME_NS_MAX ? TIME_NS_MAX : ns;
}

function boundedTime(ns: bigint): string {
  return nsToTime(boundedNs(ns));
}

/** Whether a value is what was typed: that text, or the number, boolean, null or array that is written so. */
function sameValueTest(text: string): (value: FlatValue) => boolean {
  const number = numberOf(text);
  const texts = storedTexts(text);
  return (value) => {
    if (typeof value === 'string') return value === text;
    if (typeof value === 'number') return value === number;
    return texts.includes(toStoredText(value));
  };
}

function equalsTest(source: Source, text: string): Test {
  // A column of texts has no numbers, and its empty text is no value.
  const same = sameValueTest(text);
  return (row) => someValue(row, source, same);
}

function wholeTest(text: string): Test {
  const same = sameValueTest(text);
  const shape = shapeOf(text);
  const columns = [
    ...NAME_COLUMNS,
    ...(shape.path ? PATH_COLUMNS : []),
    ...(shape.address ? [ADDRESS_COLUMN] : []),
    ...(shape.id ? ID_COLUMNS : []),
  ];
  return ({ record }) => {
    if (text !== '' && columns.some((column) => record[column] === text)) return true;
    const { attributes } = record;
    for (const path in attributes) {
      if (same(attributes[path] ?? null)) return true;
    }
    return false;
  };
}

/** The text that was folded last: conditions of one query ask for the same record in a row. */
let lastText = '';
let lastFolded = '';

function foldOnce(text: string): string {
  if (text !== lastText) {
    lastText = text;
    lastFolded = fold(text);
  }
  return lastFolded;
}

function wordsTest(column: string, pattern: TextPattern): Test {
  const folded = (row: Row): string => foldOnce(columnText(row, column));
  switch (pattern.type) {
    case 'word':
      return (row) => hasWord(folded(row), pattern.word);
    case 'inside':
      return (row) => folded(row).includes(pattern.text);
    case 'spaced': {
      const match = globMatcher(pattern.glob);
      // Words and pairs that must be there anyway are soon looked for; cutting into words is not soon done.
      const pieces = [...pattern.words, ...pattern.fragments, ...pattern.bigrams];
      return (row) => {
        const text = folded(row);
        return pieces.every((piece) => text.includes(piece)) && match(spacedWords(text));
      };
    }
  }
}
