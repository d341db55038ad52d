/** What the SQL guard needs of the engine: its own parser's view of a statement. Nothing here executes the text. */
import type { Client } from './client.js';

/**
 * The statement on one line, as the engine's parser writes it. Throws when the text is not exactly one statement: the
 * text travels as a bound parameter, so none of it can be executed.
 */
export async function formatQuery(client: Client, sql: string): Promise<string> {
  const text = await client.text({
    sql: 'SELECT formatQuerySingleLine({text:String}) FORMAT JSONCompactEachRow',
    params: { text: sql },
    pool: 'system',
  });
  return firstCell(text);
}

/** The engine's parse tree of one statement as indented text. Never give it text that `formatQuery` has not made. */
export async function explainAst(client: Client, normalised: string): Promise<string> {
  const text = await client.text({
    sql: `EXPLAIN AST ${normalised} FORMAT JSONCompactEachRow`,
    pool: 'system',
  });
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map(firstCell);
  return lines.join('\n');
}

function firstCell(row: string): string {
  // One cell of text per row, in the format that the statement names.
  const [cell] = JSON.parse(row) as [string];
  return cell;
}
