/** Identifiers in SQL. Names come from fixed lists, never from a reader; values are always bound parameters. */

/** The name as it stands when it is plain, else in backticks. */
export function quoteIdentifier(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return name;
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
