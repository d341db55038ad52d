/**
 * Filters on the table itself (`additional_table_filters`), so that no statement can forget them, whoever wrote it: the
 * project of a reader's SQL, and without batches of which an interrupted insert has stored a part only, so that nobody is
 * shown half of one.
 */
import { quoteString } from './guard/tokens.js';

/** Stands behind the view of a reader's statement: even a way around that would see one project's rows only. */
export function wallOf(project: string): string {
  return `project = ${quoteString(project)}`;
}

/** Settings for a statement. `table` is the store's qualified name: `` `sillok`.`records` ``. */
export function rowsShown(
  table: string,
  wall: string | undefined,
  half: readonly string[],
): Readonly<Record<string, string>> {
  const batches = half.map((id) => `toUInt64(${quoteString(id)})`);
  const whole = batches.length === 0 ? [] : [`batch NOT IN (${batches.join(', ')})`];
  const conditions = wall === undefined ? whole : [wall, ...whole];
  if (conditions.length === 0) return {};
  const name = quoteString(table.replaceAll('`', ''));
  return { additional_table_filters: `{${name}:${quoteString(conditions.join(' AND '))}}` };
}
