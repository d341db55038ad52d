/**
 * The place in a trace as a comment at the end of an SQL statement, in the format of sqlcommenter: a block comment that
 * holds `traceparent='00-…-…-01'`. The database writes it into its log with the statement, and so a slow
 * statement finds back to the request that sent it.
 */
import { HEADER_CHARACTERS_MAX } from './limits.js';
import { formatTraceparent, parseTraceparent, type TraceParent } from './traceparent.js';

const TRACEPARENT = /traceparent='([0-9a-f-]{55})'/;
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

/**
 * The place that a statement was sent from. Only a comment at its very end counts: what a stranger put into a text stands before
 * it. The end is all that is looked at, so long statements cost nothing.
 */
export function readSqlComment(sql: string): TraceParent | undefined {
  const tail = sql.slice(-HEADER_CHARACTERS_MAX);
  const body = tail.slice(0, endOf(tail));
  if (!body.endsWith('*/')) return undefined;
  const comment = body.slice(Math.max(0, body.lastIndexOf('/*')));
  const found = TRACEPARENT.exec(comment);
  return found === null ? undefined : parseTraceparent(found[1] ?? '');
}

/** Where white space and semicolons begin that nothing follows. */
function endOf(sql: string): number {
  let end = sql.length;
  while (end > 0 && SPACE_OR_SEMICOLON.test(sql.charAt(end - 1))) end -= 1;
  return end;
}
