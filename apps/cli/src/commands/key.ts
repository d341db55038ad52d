/** `sillok key`: create, list and revoke keys. For keys with the scope `admin`. */
import type { KeyShape } from '@sillok/api';
import type { Command } from 'commander';
import { addServerOptions, clientOf, countOption, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { DAY_MS } from '../limits.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface CreateOptions extends ServerOptions {
  readonly scope: readonly string[];
  readonly project?: string;
  readonly origin?: readonly string[];
  readonly expiresIn?: number;
}

export function addKey(program: Command, io: Io, finish: Finish): void {
  const key = program.command('key').description('create, list and revoke keys');
  const creating = key
    .command('create')
    .description('create a key; it is shown once')
    .argument('<name>', 'what it is for, for instance: orders in production')
    .requiredOption(
      '--scope <scope...>',
      'ingest, browser, read, write, personal, admin, owner; several with commas or spaces',
    )
    .option('--project <project>', 'project of its records (that of your own key)')
    .option(
      '--expires-in <days>',
      'refused after so many days (never, until revoked)',
      countOption('expires-in'),
    )
    .option('--origin <origin...>', 'pages that may use it from a browser, as https://shop.example');
  addServerOptions(creating).action((name: string, options: CreateOptions) =>
    finish(() => create(name, options, io)),
  );
  const listing = key.command('list').description('list all keys, revoked ones too');
  addServerOptions(listing).action((options: ServerOptions) => finish(() => list(options, io)));
  const revoking = key
    .command('revoke')
    .description('revoke a key at once')
    .argument('<id>', 'as in "key list"');
  addServerOptions(revoking).action((id: string, options: ServerOptions) =>
    finish(() => revoke(id, options, io)),
  );
}

async function create(name: string, options: CreateOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { scope: scopes, project, origin: origins, expiresIn: days } = options;
  const made = await clientOf(options, io).keys.create({
    name,
    scopes: scopes.flatMap((scope) => scope.split(',')),
    ...(project === undefined ? {} : { project }),
    ...(days === undefined ? {} : { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
    ...(origins === undefined ? {} : { origins }),
  });
  output.data(made);
  output.text(made.key);
  output.note(output.colours.dim(`${keyText(made)}. It is not shown again: only its hash is kept.`));
  return EXIT.ok;
}

async function list(options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const keys = await clientOf(options, io).keys.list();
  output.data({ keys });
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.project,
    key.scopes.join(' '),
    dayOf(key['created_at']),
    dayOf(key['last_used_at']),
    dayOf(key['expires_at']),
    dayOf(key['revoked_at']),
  ]);
  const columns = ['id', 'name', 'project', 'scopes', 'created', 'last used', 'expires', 'revoked'];
  output.text(tableText({ columns, rows, colours: output.colours }));
  return EXIT.ok;
}

async function revoke(id: string, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  await clientOf(options, io).keys.revoke(id);
  output.data({ id, revoked: true });
  output.text(`${safeLine(id)} is revoked`);
  return EXIT.ok;
}

function keyText(key: KeyShape): string {
  return `Key ${safeLine(key.id)} for project ${safeLine(key.project)}, scopes ${key.scopes.join(', ')}`;
}

function dayOf(time: unknown): string {
  return typeof time === 'string' ? time.slice(0, 16).replace('T', ' ') : '';
}
