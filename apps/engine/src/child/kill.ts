/**
 * `KILL QUERY WHERE query_id = …`, which the child carries out itself: chdb gives each statement an id of its own
 * choosing, so the engine does not know the client's.
 */
import type { Statement } from './statement.js';

const KILL =
  /^\s*KILL\s+QUERY\s+WHERE\s+query_id\s*=\s*(?:'((?:[^'\\]|\\.)*)'|\{(\w+):String\})\s*(?:ASYNC)?\s*;?\s*$/i;
const KILL_WITH_FORMAT = /\s+FORMAT\s+\w+\s*;?\s*$/i;

/** The id of the statement to kill, when this is such a statement. */
export function killedQuery(statement: Statement): string | undefined {
  const match = KILL.exec(statement.sql.replace(KILL_WITH_FORMAT, ''));
  if (match === null) return undefined;
  const [, literal, parameter] = match;
  if (literal !== undefined) return literal.replaceAll(/\\(.)/g, '$1');
  return statement.params.find(([name]) => name === parameter)?.[1];
}
