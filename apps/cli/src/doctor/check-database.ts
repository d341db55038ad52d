/**
 * `sillok doctor --db`: whether the role can only read, which tables could not tell later who changed what and when, and which
 * updates people write by hand again and again.
 */
import { pathOf, type DatabaseAdviceShape, type DatabaseProofShape } from '@sillok/api';
import { clientOf, outputOf } from '../common.js';
import type { Output, ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { countText, plural } from '../terminal/amounts.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface Looked {
  readonly proof: DatabaseProofShape;
}

export async function checkDatabase(name: string, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { http } = clientOf(options, io);
  const { proof } = await http.json<Looked>({ path: pathOf('database', { name }) });
  const advice = await http.json<DatabaseAdviceShape>({ path: pathOf('databaseAdvice', { name }) });
  output.data({ proof, ...advice });
  const { colours } = output;
  output.text(colours.bold(`${safeLine(proof.version)} as ${safeLine(proof.user)}`));
  for (const { check, ok, found } of proof.checks)
    output.text(`${ok ? colours.good('✓') : colours.bad('✗')} ${check}: ${safeLine(found)}`);
  showLacking(advice, output);
  showRepeated(advice, output);
  const isWell = proof.checks.every(({ ok }) => ok) && advice.lacking.length === 0;
  return isWell && advice.repeated_updates.length === 0 ? EXIT.ok : EXIT.partly;
}

function showLacking({ lacking, tables }: DatabaseAdviceShape, output: Output): void {
  const title = 'Tables that cannot tell when a row was made or changed, or which change was first';
  output.text('');
  output.text(`${output.colours.bold(title)}: ${countText(lacking.length)} of ${countText(tables)}`);
  if (lacking.length === 0) return;
  const rows = lacking.map(({ table, lacks }) => [table, lacks.join(', ')]);
  output.text(tableText({ columns: ['table', 'lacks'], rows, colours: output.colours }));
}

function showRepeated({ repeated_updates: repeated }: DatabaseAdviceShape, output: Output): void {
  const { colours } = output;
  const title = 'Updates that people write by hand again and again';
  output.text('');
  output.text(`${colours.bold(title)}: ${repeated.length === 0 ? colours.good('none in the log') : ''}`);
  if (repeated.length === 0) return;
  const rows = repeated.map(({ times, users, last_at, statement }) => [
    times,
    users.join(', '),
    last_at.slice(0, 16).replace('T', ' '),
    statement,
  ]);
  output.text(tableText({ columns: ['times', 'who', 'last', 'statement'], rows, colours }));
  output.note(
    colours.dim(
      `${plural(rows.length, 'candidate')} for an action of the admin API, with a form and a reason.`,
    ),
  );
}
