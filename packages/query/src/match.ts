/**
 * The plan in JavaScript: for the live tail and for alerts on arrival, before a record is in the engine. Each
 * condition answers what its SQL twin in `sql/condition.ts` answers; `test/query-differential.fuzz.ts` compares
 * them on the real engine. A query is compiled once to closures; folded text is made once per record.
 */
import { nsToTime, toStoredText, type FlatRecord, type FlatValue, type Resource } from '@sillok/record';
import { compares } from './conditions.js';
import { globMatcher } from './glob.js';
import { ID_COLUMNS, NAME_COLUMNS } from './index-expressions.js';
import { TIME_NS_MAX } from './limits.js';
import { momentNs } from './moments.js';
import type { Condition, Filter, Query, Source } from './plan.js';
import { fold, hasWord, spacedWords, type TextPattern } from './text.js';
import { compareBytes, numberOf, plainText, storedTexts } from './values.js';
import { ADDRESS_COLUMN, PATH_COLUMNS, shapeOf } from './whole-value.js';

/** Who wrote a record: what stands in the header of its batch. */
export interface RowContext {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly observed_time: string;
  readonly resource: Resource;
}

/** A record with its context, as the live tail has it and as a row of a search is decoded. */
export interface Row {
  readonly record: FlatRecord;
  readonly context: RowContext;
}

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
      return (row) => values(row, condition.source).length > 0;
    case 'equals':
      return equalsTest(condition.source, condition.text);
    case 'oneOf':
      return (row) => condition.texts.includes(columnText(row, condition.column));
    case 'like': {
      const match = globMatcher(condition.glob);
      return (row) => values(row, condition.source).some((value) => match(plainText(value)));
    }
    case 'number':
      return (row) =>
        values(row, condition.source).some((value) => {
          const number = numberOf(plainText(value));
          return number !== undefined && compares(difference(number, condition.value), condition.operator);
        });
    case 'text':
      return (row) =>
        values(row, condition.source).some((value) =>
          compares(compareBytes(plainText(value), condition.value), condition.operator),
        );
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

/** Text of a string column; the empty string when absent. */
function columnText(row: Row, column: string): string {
  const { record, context } = row;
  switch (column) {
    case 'project':
      return context.project;
    case 'producer':
      return context.producer;
    case 'boot':
      return context.boot;
    case 'observed_time':
      return context.observed_time;
    default: {
      const value = Object.hasOwn(record, column) ? record[column] : resourceText(context.resource, column);
      return typeof value === 'string' ? value : '';
    }
  }
}

function resourceText(resource: Resource, key: string): string {
  const value = Object.hasOwn(resource, key) ? resource[key] : undefined;
  return value === undefined ? '' : String(value);
}

/** Every value that a source has in a record: none, one, or one for each path of an attribute. */
function values(row: Row, source: Source): readonly FlatValue[] {
  switch (source.kind) {
    case 'text': {
      const text = columnText(row, source.column);
      return text === '' ? [] : [text];
    }
    case 'number': {
      const value = row.record[source.column];
      return typeof value === 'number' ? [value] : [];
    }
    case 'time':
      return [columnText(row, source.column)];
    case 'resource': {
      const { resource } = row.context;
      const value = Object.hasOwn(resource, source.key) ? resource[source.key] : undefined;
      return value === undefined ? [] : [value];
    }
    case 'attribute': {
      const { attributes } = row.record;
      if (attributes === undefined) return [];
      return source.paths.flatMap((path) =>
        Object.hasOwn(attributes, path) ? [attributes[path] ?? null] : [],
      );
    }
  }
}

function equalsTest(source: Source, text: string): Test {
  const number = numberOf(text);
  if (source.kind === 'number') return (row) => values(row, source).some((value) => value === number);
  if (source.kind === 'text') return (row) => columnText(row, source.column) === text && text !== '';
  const texts = storedTexts(text);
  return (row) => values(row, source).some((value) => texts.includes(toStoredText(value)));
}

function wholeTest(text: string): Test {
  const texts = storedTexts(text);
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
    if (attributes === undefined) return false;
    for (const path in attributes) {
      if (texts.includes(toStoredText(attributes[path] ?? null))) return true;
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
      return (row) => match(spacedWords(folded(row)));
    }
  }
}
