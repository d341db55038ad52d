/**
 * Keeps a WHERE small enough for the engine to use its indexes over OR (`PRUNING_ELEMENTS_MAX`). What does not fit
 * is put into `if(…, 1, 0)`: the engine checks it as before but counts it as one condition. Conditions that an index
 * answers stay outside, the smallest first.
 */
import { PRUNING_ELEMENTS_MAX } from '../limits.js';
import type { Condition, Filter, Source } from '../plan.js';
import type { TextPattern } from '../text.js';
import { PATH_COLUMNS, shapeOf } from '../whole-value.js';
import { filterSql, type SqlContext } from './condition.js';

/** The conditions of a filter, for joining by AND with `others` conditions and connectives around them. */
export function conditionsSql(filter: Filter, others: number, context: SqlContext): string[] {
  const items = filter.type === 'and' ? filter.items : [filter];
  const room = PRUNING_ELEMENTS_MAX - others;
  if (sum(items.map((item) => elements(item) + 1)) <= room)
    return items.map((item) => filterSql(item, context));
  const kept = keep(items, room - 2);
  const hidden = items.filter((item) => !kept.has(item));
  const sql = items.filter((item) => kept.has(item)).map((item) => compactSql(item, context));
  if (hidden.length > 0) sql.push(opaqueSql(hidden, context));
  return sql;
}

/** Checked as it stands, and counted as one condition. */
function opaqueSql(items: readonly Filter[], context: SqlContext): string {
  return `if(${filterSql({ type: 'and', items }, context)}, 1, 0)`;
}

/** Within each AND, what no index answers is one condition. */
function compactSql(filter: Filter, context: SqlContext): string {
  if (!('items' in filter) || filter.items.length === 0) return filterSql(filter, context);
  if (filter.type === 'or') return `(${filter.items.map((item) => compactSql(item, context)).join(' OR ')})`;
  const { indexed, rest } = split(filter.items);
  const parts = indexed.map((item) => compactSql(item, context));
  if (rest.length > 0) parts.push(opaqueSql(rest, context));
  return `(${parts.join(' AND ')})`;
}

function compactElements(filter: Filter): number {
  if (!('items' in filter) || filter.items.length === 0) return elements(filter);
  if (filter.type === 'or') return sum(filter.items.map((item) => compactElements(item) + 1)) - 1;
  const { indexed, rest } = split(filter.items);
  return sum(indexed.map((item) => compactElements(item) + 1)) + (rest.length > 0 ? 1 : -1);
}

function split(items: readonly Filter[]): { indexed: readonly Filter[]; rest: readonly Filter[] } {
  return { indexed: items.filter(isIndexed), rest: items.filter((item) => !isIndexed(item)) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function keep(items: readonly Filter[], room: number): Set<Filter> {
  const candidates = items
    .filter(isIndexed)
    .map((item) => ({ item, size: compactElements(item) + 1 }))
    .toSorted((left, right) => left.size - right.size);
  const kept = new Set<Filter>();
  let left = room;
  for (const { item, size } of candidates) {
    if (size > left) continue;
    kept.add(item);
    left -= size;
  }
  return kept;
}

/** Whether an index can answer all of it. */
function isIndexed(filter: Filter): boolean {
  switch (filter.type) {
    case 'and':
      return filter.items.some(isIndexed);
    case 'or':
      return filter.items.every(isIndexed);
    case 'words':
    case 'whole':
    case 'equals':
    case 'time':
      return true;
    default:
      return false;
  }
}

/** How many conditions and connectives the engine will count, at most. */
function elements(filter: Filter): number {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.items.length === 0 ? 1 : sum(filter.items.map((item) => elements(item) + 1)) - 1;
    case 'not':
      return elements(filter.item) + 1;
    default:
      return 2 * leaves(filter) - 1;
  }
}

/** Parts of a condition's SQL that the engine counts one by one. */
function leaves(condition: Condition): number {
  switch (condition.type) {
    case 'words':
      return patternLeaves(condition.pattern);
    case 'whole': {
      const { path, address, id } = shapeOf(condition.text);
      return 2 + (path ? PATH_COLUMNS.length : 0) + Number(address) + Number(id);
    }
    case 'number':
      return 2 * paths(condition.source);
    case 'exists':
    case 'time':
    case 'oneOf':
      return paths(condition.type === 'exists' ? condition.source : undefined);
    case 'equals':
    case 'like':
    case 'text':
      return 2 * paths(condition.source);
  }
}

function patternLeaves(pattern: TextPattern): number {
  if (pattern.type === 'word') return 1;
  const [words, fragments] =
    pattern.type === 'spaced' ? [pattern.words.length, pattern.fragments.length] : [0, 0];
  return 1 + Number(words > 0) + fragments + Number(pattern.bigrams.length > 0);
}

function paths(source: Source | undefined): number {
  return source?.kind === 'attribute' ? source.paths.length : 1;
}
