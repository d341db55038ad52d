/**
 * Identifiers in SQL. Columns of the table come from fixed lists; only the names of the columns of an answer (after
 * `as`) are a reader's, and inside backticks they end nowhere else. Values are always bound parameters.
 */

/** The name as it stands when it is plain, else in backticks. */
export function quoteIdentifier(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return name;
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
