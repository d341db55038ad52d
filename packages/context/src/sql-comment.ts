/**
 * The place in a trace as a comment at the end of an SQL statement, in the format of sqlcommenter: a block comment that
 * holds `traceparent='00-…-…-01'`. The database writes it into its log with the statement, and so a slow
 * statement finds back to the request that sent it.
 */
import { HEADER_CHARACTERS_MAX } from './limits.js';
import { formatTraceparent, parseTraceparent, type TraceParent } from './traceparent.js';

const COMMENT = /\/\*(?:(?!\*\/)[\s\S])*?traceparent='([0-9a-f-]{55})'(?:(?!\*\/)[\s\S])*?\*\//g;
const SPACE_OR_SEMICOLON = /[\s;]/;

/** The statement with the comment in it; the same one when it has one already, or when there is nothing to say it of. */
export function withSqlComment(sql: string, parent: TraceParent): string {
  if (sql.includes("traceparent='")) return sql;
  const end = endOf(sql);
  if (end === 0) return sql;
  const body = sql.slice(0, end);
  // Behind a comment to the end of the line ours would be part of it.
  const gap = body.slice(body.lastIndexOf('\n') + 1).includes('--') ? '\n' : ' ';
  return `${body}${gap}/*traceparent='${formatTraceparent(parent)}'*/${sql.slice(end)}`;
}

/** The place that a statement was sent from: the last comment counts, since texts in the statement stand before it. */
export function readSqlComment(sql: string): TraceParent | undefined {
  // Looked for at the end only: what a stranger put into a text is not believed, and long statements cost nothing.
  const tail = sql.slice(-HEADER_CHARACTERS_MAX);
  const found = [...tail.matchAll(COMMENT)].at(-1);
  if (found === undefined) return undefined;
  const isLast = endOf(tail) === found.index + found[0].length;
  return isLast ? parseTraceparent(found[1] ?? '') : undefined;
}

/** Where white space and semicolons begin that nothing follows. */
function endOf(sql: string): number {
  let end = sql.length;
  while (end > 0 && SPACE_OR_SEMICOLON.test(sql.charAt(end - 1))) end -= 1;
  return end;
}
