/**
 * Keeps tests away from databases that are not theirs. A test database says so itself, in a table that only whoever made it for
 * tests has put there; anything else, also no answer, stops the test before it truncates something.
 */
import { ScriptError } from './errors.js';

type Query = (sql: string) => Promise<readonly { readonly [column: string]: unknown }[]>;

/** Run once where a database is made for tests. */
export const MARK_TEST_DATABASE_SQL =
  "CREATE TABLE IF NOT EXISTS sillok_environment (name varchar(32) PRIMARY KEY); INSERT INTO sillok_environment (name) SELECT 'test' WHERE NOT EXISTS (SELECT 1 FROM sillok_environment)";

/** In the set-up of a test run, before anything else touches the database. */
export async function assertTestDatabase(query: Query): Promise<void> {
  let found: string;
  try {
    const rows = await query('SELECT name FROM sillok_environment');
    if (rows.length === 1 && rows[0]?.['name'] === 'test') return;
    found = rows.length === 0 ? 'its table sillok_environment is empty' : `it is marked as ${marksOf(rows)}`;
  } catch (error) {
    found = `it does not say what it is (${error instanceof Error ? error.message : String(error)})`;
  }
  throw new ScriptError(
    'not_a_test_database',
    `This is not a test database: ${found}. The test was stopped before it touched anything.`,
    'Point the test at its own database, and mark that once with MARK_TEST_DATABASE_SQL.',
  );
}

function marksOf(rows: readonly { readonly [column: string]: unknown }[]): string {
  return rows.map((row) => JSON.stringify(row['name'])).join(', ');
}
