/** What an estimate needs to know about a statement: where it may stop, and how many sets it reads besides. */
import { isKeyword, isName, isSymbol, type Token } from './tokens.js';

export interface SqlShape {
  /** Rows after which the engine can stop reading: a LIMIT over rows in order of time. */
  readonly stopsAt?: number;
  /** Subqueries behind IN. EXPLAIN ESTIMATE does not count what they read. */
  readonly sets: number;
}

/** Words after which rows must all be read before the first is known. */
const READS_ALL = /^(GROUP|DISTINCT|UNION|INTERSECT|EXCEPT|JOIN|HAVING|WINDOW|OVER|QUALIFY)$/;

export function shapeOf(tokens: readonly Token[]): SqlShape {
  const sets = tokens.filter(
    (token, index) => isKeyword(token, 'IN') && isSelectAt(tokens, index + 1),
  ).length;
  const limit = tokens.findLastIndex((token) => isKeyword(token, 'LIMIT'));
  const count = tokens[limit + 1];
  const isLast = limit >= 0 && limit + 2 === tokens.length && count?.kind === 'number';
  const readsAll = tokens.some((token) => token.kind === 'word' && READS_ALL.test(token.text));
  if (!isLast || readsAll || !isOrderedByTime(tokens)) return { sets };
  return { sets, stopsAt: Number(count.text) };
}

function isSelectAt(tokens: readonly Token[], index: number): boolean {
  return isSymbol(tokens[index], '(') && isKeyword(tokens[index + 1], 'SELECT');
}

function isOrderedByTime(tokens: readonly Token[]): boolean {
  const order = tokens.findIndex((token) => isKeyword(token, 'ORDER'));
  if (order < 0) return true;
  const first = tokens[order + 2];
  return isName(first) && first.value === 'time';
}
