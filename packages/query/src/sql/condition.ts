/**
 * The plan in SQL: the twin of `match.ts`. Every condition is 0 or 1 and never NULL, so `NOT` is the complement.
 * Where an index can help, the condition is written so that the engine recognises it (`index-expressions.ts`).
 */
import { globToLike } from '../glob.js';
import { columnsExpression, ID_COLUMNS, NAME_COLUMNS, SHARED_INDEX_COLUMNS } from '../index-expressions.js';
import { boundedNs } from '../match.js';
import { momentNs } from '../moments.js';
import type { Condition, Filter, Operator, Source } from '../plan.js';
import { NUMBER_PATTERN, numberOf, storedTexts } from '../values.js';
import { ADDRESS_COLUMN, PATH_COLUMNS, shapeOf } from '../whole-value.js';
import type { ParameterList } from './parameters.js';
import { quoteIdentifier } from './quote.js';
import { wordsSql } from './text-sql.js';

export interface SqlContext {
  readonly parameters: ParameterList;
  readonly nowNs: bigint;
}

export function filterSql(filter: Filter, context: SqlContext): string {
  switch (filter.type) {
    case 'and':
      return filter.items.length === 0 ? '1' : join(filter.items, ' AND ', context);
    case 'or':
      return filter.items.length === 0 ? '0' : join(filter.items, ' OR ', context);
    case 'not':
      return `NOT ${filterSql(filter.item, context)}`;
    default:
      return conditionSql(filter, context);
  }
}

function join(items: readonly Filter[], operator: string, context: SqlContext): string {
  return `(${items.map((item) => filterSql(item, context)).join(operator)})`;
}

function conditionSql(condition: Condition, context: SqlContext): string {
  const { parameters } = context;
  switch (condition.type) {
    case 'words':
      return wordsSql(condition.column, condition.pattern, parameters);
    case 'whole':
      return wholeSql(condition.text, parameters);
    case 'exists':
      return existsSql(condition.source, parameters);
    case 'equals':
      return equalsSql(condition.source, condition.text, parameters);
    case 'oneOf':
      return `(${quoteIdentifier(condition.column)} IN (${strings(condition.texts, parameters)}))`;
    case 'like': {
      const like = parameters.add('String', globToLike(condition.glob));
      // A pattern that matches the empty text is `exists`, so an absent text never matches.
      return anyValue(condition.source, parameters, {
        check: (text) => `${text} LIKE ${like}`,
        matchesEmpty: false,
      });
    }
    case 'number': {
      const value = parameters.add('Float64', condition.value);
      return numberSql(condition.source, { operator: condition.operator, value }, parameters);
    }
    case 'text': {
      const value = parameters.add('String', condition.value);
      const check = (text: string): string => `${text} ${condition.operator} ${value}`;
      const matchesEmpty = condition.operator.startsWith('<') || condition.value === '';
      return anyValue(condition.source, parameters, { check, matchesEmpty });
    }
    case 'time': {
      const moment = timeParameter(momentNs(condition.moment, context.nowNs), parameters);
      return `(${condition.column} ${condition.operator} ${moment})`;
    }
  }
}

/** A constant of the type of the time columns, so that the primary key is used. */
export function timeParameter(ns: bigint, parameters: ParameterList): string {
  return `fromUnixTimestamp64Nano(${parameters.add('Int64', boundedNs(ns).toString())}, 'UTC')`;
}

function strings(texts: readonly string[], parameters: ParameterList): string {
  return texts.map((text) => parameters.add('String', text)).join(', ');
}

/** Expressions for one value of a source: whether it is there, and its plain text. */
interface ValueSql {
  readonly exists: string;
  readonly text: string;
}

export function valuesOf(source: Source, parameters: ParameterList): readonly ValueSql[] {
  switch (source.kind) {
    case 'text': {
      const column = quoteIdentifier(source.column);
      return [{ exists: `${column} != ''`, text: column }];
    }
    case 'number': {
      const column = quoteIdentifier(source.column);
      return [{ exists: numberExists(source.column, source.absent), text: `toString(${column})` }];
    }
    case 'time':
      return [{ exists: '1', text: `toString(${source.column})` }];
    case 'resource': {
      const key = parameters.add('String', source.key);
      const raw = `JSONExtractRaw(resource, ${key})`;
      const text = `if(JSONType(resource, ${key}) = 'String', JSONExtractString(resource, ${key}), ${raw})`;
      return [{ exists: `JSONHas(resource, ${key})`, text }];
    }
    case 'attribute':
      return source.paths.map((path) => {
        const key = parameters.add('String', path);
        const stored = storedText(path, key);
        return { exists: hasKey(key), text: plainTextSql(stored) };
      });
  }
}

/** A stored text that begins with a quote is a string as JSON (the text rule of `record`). */
export function plainTextSql(stored: string): string {
  return `if(startsWith(${stored}, '"'), JSONExtractString(${stored}), ${stored})`;
}

/** Whether any record that could be counted has a key: a subquery that the engine answers before it reads. */
export type KeyProbe = (key: string) => string;

/** Plain text of an attribute for counting, empty when absent. */
export function attributeTextSql(
  paths: readonly string[],
  parameters: ParameterList,
  isAnywhere?: KeyProbe,
): string {
  return plainTextSql(attributeStoredSql(paths, parameters, isAnywhere));
}

/**
 * Its stored text, empty when absent. The key with dots in it is rare and looked up only where the plain one has nothing: `if`
 * evaluates its branches for the rows that need them. With a probe it is not looked up at all while no record has it, for the
 * engine then sees a constant: 3 million rows by the plain key alone 214 ms, with the probe 218, without it 293.
 */
export function attributeStoredSql(
  paths: readonly string[],
  parameters: ParameterList,
  isAnywhere?: KeyProbe,
): string {
  const keys = paths.map((path) => parameters.add('String', path));
  const stored = paths.map((path, index) => storedText(path, keys[index] ?? ''));
  const [last = `''`, ...before] = stored.toReversed();
  const any = before.reduce((otherwise, text) => `if(${text} != '', ${text}, ${otherwise})`, last);
  const [first = `''`] = stored;
  if (isAnywhere === undefined || keys.length < 2) return any;
  return `if(${keys.slice(1).map(isAnywhere).join(' OR ')}, ${any}, ${first})`;
}

export function numberExists(column: string, absent: 'zero' | 'null' | 'never'): string {
  if (absent === 'never') return '1';
  return absent === 'zero' ? `${quoteIdentifier(column)} != 0` : `isNotNull(${quoteIdentifier(column)})`;
}

interface TextCheck {
  readonly check: (text: string) => string;
  /** Whether the empty text passes: then an absent value has to be told from an empty one. */
  readonly matchesEmpty: boolean;
}

/** Whether a value is there and passes a check of its plain text. */
function anyValue(source: Source, parameters: ParameterList, { check, matchesEmpty }: TextCheck): string {
  const needsLook = matchesEmpty || source.kind === 'number';
  // For a second path the look at the keys comes first, because it is cheap and nearly always ends the matter.
  const each = valuesOf(source, parameters).map((value, index) =>
    needsLook || index > 0 ? `(${value.exists} AND ${check(value.text)})` : `(${check(value.text)})`,
  );
  return `(${each.join(' OR ')})`;
}

function existsSql(source: Source, parameters: ParameterList): string {
  return `(${valuesOf(source, parameters)
    .map((value) => value.exists)
    .join(' OR ')})`;
}

function equalsSql(source: Source, text: string, parameters: ParameterList): string {
  switch (source.kind) {
    case 'text':
      return text === '' ? '0' : columnEquals(source.column, parameters.add('String', text));
    case 'number': {
      const number = numberOf(text);
      if (number === undefined) return '0';
      return numberSql(source, { operator: '=', value: parameters.add('Float64', number) }, parameters);
    }
    case 'attribute':
      return attributeEquals(source.paths, text, parameters);
    case 'resource':
      return resourceEquals(source.key, text, parameters);
    case 'time':
      return '0';
  }
}

/** Stored text of a path, empty when absent. The engine looks up every key of a map but the empty one. */
function storedText(path: string, key: string): string {
  if (path !== '') return `attributes[${key}]`;
  return `arrayElement(mapValues(attributes), indexOf(mapKeys(attributes), ${key}))`;
}

/** `mapContains` answers 0 for the empty key when keys are LowCardinality (seen in chdb 26.7); this does not. */
export function hasKey(key: string): string {
  return `has(mapKeys(attributes), ${key})`;
}

function columnEquals(column: string, value: string): string {
  const equal = `${quoteIdentifier(column)} = ${value}`;
  return SHARED_INDEX_COLUMNS.includes(column)
    ? `(has(${columnsExpression(ID_COLUMNS)}, ${value}) AND ${equal})`
    : `(${equal})`;
}

/** An absent key reads as the empty string, so only that one value needs a look at the keys. */
function attributeEquals(paths: readonly string[], text: string, parameters: ParameterList): string {
  const texts = strings(storedTexts(text), parameters);
  const each = paths.map((path, index) => {
    const key = parameters.add('String', path);
    const equal = `${storedText(path, key)} IN (${texts})`;
    return text === '' || index > 0 ? `(${hasKey(key)} AND ${equal})` : equal;
  });
  return `(${each.join(' OR ')})`;
}

/** The resource is JSON text, so strings and other scalars are compared apart. */
function resourceEquals(key: string, text: string, parameters: ParameterList): string {
  const name = parameters.add('String', key);
  const isString = `JSONType(resource, ${name}) = 'String'`;
  const string = `(${isString} AND JSONExtractString(resource, ${name}) = ${parameters.add('String', text)})`;
  const scalars = storedTexts(text).filter((stored) => stored !== '' && !stored.startsWith('"'));
  if (scalars.length === 0) return string;
  return `(${string} OR (NOT ${isString} AND JSONExtractRaw(resource, ${name}) IN (${strings(scalars, parameters)})))`;
}

interface NumberTest {
  readonly operator: Operator | '=';
  /** Placeholder of the number to compare with. */
  readonly value: string;
}

function numberSql(source: Source, { operator, value }: NumberTest, parameters: ParameterList): string {
  if (source.kind === 'number') {
    const column = quoteIdentifier(source.column);
    if (source.absent === 'null') return `ifNull(${column} ${operator} ${value}, 0)`;
    if (source.absent === 'zero') return `(${column} != 0 AND ${column} ${operator} ${value})`;
    return `(toFloat64(${column}) ${operator} ${value})`;
  }
  const check = (text: string): string => {
    const number = `toFloat64OrNull(${text})`;
    const passes = `ifNull(isFinite(${number}) AND ${number} ${operator} ${value}, 0)`;
    return `match(${text}, '${NUMBER_PATTERN}') AND ${passes}`;
  };
  return anyValue(source, parameters, { check, matchesEmpty: false });
}

/** Any value or id as a whole. Every part is indexed: one that is not would spoil the OR. */
function wholeSql(text: string, parameters: ParameterList): string {
  const parts = [`hasAny(mapValues(attributes), ${parameters.add('Array(String)', storedTexts(text))})`];
  if (text !== '') {
    const value = parameters.add('String', text);
    const shape = shapeOf(text);
    parts.push(`has(${columnsExpression(NAME_COLUMNS)}, ${value})`);
    const columns = [...(shape.path ? PATH_COLUMNS : []), ...(shape.address ? [ADDRESS_COLUMN] : [])];
    parts.push(...columns.map((column) => `${quoteIdentifier(column)} = ${value}`));
    if (shape.id) parts.push(`has(${columnsExpression(ID_COLUMNS)}, ${value})`);
  }
  return `(${parts.join(' OR ')})`;
}
