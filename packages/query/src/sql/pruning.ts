/**
 * Keeps a WHERE small enough for the engine to use its indexes over OR (`PRUNING_ELEMENTS_MAX`). What does not fit
 * is put into `if(…, 1, 0)`: the engine checks it as before but counts it as one condition. Conditions that an index
 * answers stay outside, the smallest first.
 */
import { PRUNING_ELEMENTS_MAX } from '../limits.js';
import type { Condition, Filter, Source } from '../plan.js';
import { filterSql, type SqlContext } from './condition.js';

/** The conditions of a filter, for joining by AND with `others` conditions and connectives around them. */
export function conditionsSql(filter: Filter, others: number, context: SqlContext): string[] {
  const items = filter.type === 'and' ? filter.items : [filter];
  const sizes = items.map((item) => elements(item) + 1);
  const room = PRUNING_ELEMENTS_MAX - others;
  if (sum(sizes) <= room) return items.map((item) => filterSql(item, context));
  const kept = keep(items, sizes, room - 2);
  const hidden = items.filter((item) => !kept.has(item));
  const sql = items.filter((item) => kept.has(item)).map((item) => filterSql(item, context));
  if (hidden.length > 0) sql.push(`if(${filterSql({ type: 'and', items: hidden }, context)}, 1, 0)`);
  return sql;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function keep(items: readonly Filter[], sizes: readonly number[], room: number): Set<Filter> {
  const order = items
    .map((item, index) => ({ item, size: sizes[index] ?? 0, useful: isIndexed(item) }))
    .sort((left, right) => Number(right.useful) - Number(left.useful) || left.size - right.size);
  const kept = new Set<Filter>();
  let left = room;
  for (const { item, size, useful } of order) {
    if (!useful || size > left) continue;
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

function leaves(condition: Condition): number {
  switch (condition.type) {
    case 'words':
      return condition.pattern.type === 'word' ? 1 : condition.pattern.type === 'inside' ? 2 : 3;
    case 'whole':
      return 6;
    case 'exists':
    case 'equals':
      return 2 * paths(condition.source);
    case 'like':
    case 'text':
      return 2 * paths(condition.source);
    case 'number':
      return 3 * paths(condition.source);
    case 'time':
    case 'oneOf':
      return 1;
  }
}

function paths(source: Source): number {
  return source.kind === 'attribute' ? source.paths.length : 1;
}
