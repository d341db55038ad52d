/** `sillok sql`: one read-only SELECT over the view `records`, or with `--db` one in a database of the team. */
import { readFileSync } from 'node:fs';
import { pathOf, type DatabaseAnswer } from '@sillok/api';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { bytesText, countText, durationText, plural } from '../terminal/amounts.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface SqlOptions extends ServerOptions {
  readonly param?: readonly string[];
  readonly db?: string;
  readonly reason?: string;
}

export function addSql(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('sql')
    .description('run a read-only SELECT over the view "records"')
    .argument('[query...]', 'the statement; read from standard input when left out')
    .option('-p, --param <name=value...>', 'value of {name:Type} in the statement')
    .option('--db <name>', 'ask this PostgreSQL or MySQL database instead (docs/guides/databases.md)')
    .option('--reason <text>', '--db: why; it stands in the audit trail');
  addServerOptions(command).action((words: string[], options: SqlOptions) =>
    finish(() => (options.db === undefined ? sql : askDatabase)(words.join(' '), options, io)),
  );
}

async function sql(text: string, options: SqlOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const query = text === '' || text === '-' ? readStatement(text) : text;
  const answer = await clientOf(options, io).sql(
    { query, params: readParams(options.param ?? []) },
    io.signal,
  );
  output.data(answer);
  const columns = answer.columns.map(({ name }) => name);
  output.text(tableText({ columns, rows: answer.rows, colours: output.colours }));
  const { rows_read, bytes_read, elapsed_ms } = answer.cost;
  const cut = answer.truncated ? ' (more were there: the limit was reached)' : '';
  const read = `${countText(rows_read)} rows, ${bytesText(bytes_read)} read in ${durationText(elapsed_ms)}`;
  output.note(output.colours.dim(`${plural(answer.rows.length, 'row')}${cut} · ${read}`));
  return EXIT.ok;
}

/** Ctrl-C closes the call, and the server ends the statement in the database. */
async function askDatabase(text: string, options: SqlOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const query = text === '' || text === '-' ? readStatement(text) : text;
  const { db: name = '', reason, param = [] } = options;
  const answer = await clientOf(options, io).http.json<DatabaseAnswer>({
    method: 'POST',
    path: pathOf('databaseQuery', { name }),
    json: { query, params: readParams(param), ...(reason !== undefined && { reason }) },
    signal: io.signal,
  });
  output.data(answer);
  const columns = answer.columns.map((column) => column.name);
  output.text(tableText({ columns, rows: answer.rows, colours: output.colours }));
  for (const { message } of answer.warnings) output.note(output.colours.warning(safeLine(message)));
  const cut = answer.truncated ? ' (more were there: the limit was reached)' : '';
  const { version, user, is_replica: isReplica, lag_ms: lag } = answer.proof;
  const behind = lag === null ? '' : `, ${durationText(lag)} behind`;
  const where = `${safeLine(version)} as ${safeLine(user)}, read-only${isReplica ? `, a replica${behind}` : ''}`;
  const rows = plural(answer.rows.length, 'row');
  output.note(output.colours.dim(`${rows}${cut} in ${durationText(answer.cost.elapsed_ms)} · ${where}`));
  return EXIT.ok;
}

/** Standard input; a terminal on which nobody was asked to type is none, unless "-" says so. */
function readStatement(text: string): string {
  const statement = text === '' && process.stdin.isTTY ? '' : readFileSync(0, 'utf8');
  if (statement.trim() !== '') return statement;
  throw usageError(
    'there is no statement',
    'For instance: sillok sql "SELECT level, count() FROM records GROUP BY level"',
  );
}

function readParams(pairs: readonly string[]): { [name: string]: string } {
  const params: { [name: string]: string } = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw usageError(`--param ${pair} has no "="`, 'Write it as in --param route=/orders.');
    params[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return params;
}
