/** `sillok alert`: what is wrong now, and what is done about it. */
import { pathOf } from '@sillok/api';
import type { AlertShape, RouteName } from '@sillok/api';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface ListOptions extends ServerOptions {
  readonly all?: boolean;
}

export function addAlert(program: Command, io: Io, finish: Finish): void {
  const alert = program.command('alert').description('list alerts, acknowledge and resolve them');
  const listing = alert
    .command('list')
    .description('list open alerts, newest first')
    .option('--all', 'resolved ones too');
  addServerOptions(listing).action((options: ListOptions) => finish(() => list(options, io)));
  const acts = [
    ['acknowledge', 'say that somebody looks at it', 'alertAcknowledge'],
    ['resolve', 'say that it is over', 'alertResolve'],
  ] as const;
  for (const [name, description, route] of acts) {
    const acting = alert.command(name).description(description).argument('<id>', 'as in "alert list"');
    addServerOptions(acting).action((id: string, options: ServerOptions) =>
      finish(() => act({ id, route }, options, io)),
    );
  }
}

async function list(options: ListOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { http } = clientOf(options, io);
  const query = { state: options.all === true ? 'all' : 'open' };
  const answer = await http.json<{ readonly alerts: readonly AlertShape[] }>({
    path: pathOf('alerts'),
    query,
  });
  output.data(answer);
  const rows = answer.alerts.map((alert) => [
    alert.id,
    alert.state,
    alert.severity,
    String(alert.count),
    alert.people === null ? '' : String(alert.people),
    alert.last_time.slice(0, 19).replace('T', ' '),
    safeLine(alert.title),
  ]);
  const columns = ['id', 'state', 'severity', 'count', 'people', 'last', 'what'];
  output.text(tableText({ columns, rows, colours: output.colours }));
  if (rows.length === 0) output.note('Nothing is wrong.');
  return EXIT.ok;
}

async function act(
  { id, route }: { readonly id: string; readonly route: RouteName },
  options: ServerOptions,
  io: Io,
): Promise<number> {
  const output = outputOf(options, io);
  const path = pathOf(route, { id });
  const alert = await clientOf(options, io).http.json<AlertShape>({ method: 'POST', path });
  output.data(alert);
  output.text(`${safeLine(alert.title)} is ${alert.state}`);
  return EXIT.ok;
}
