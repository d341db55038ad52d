/** `sillok browser`: the kill switch for what pages send. For keys with the scope `admin`. */
import type { KillTarget } from '@sillok/api';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface TargetOptions extends ServerOptions {
  readonly release?: string;
}

export function addBrowser(program: Command, io: Io, finish: Finish): void {
  const browser = program.command('browser').description('what pages send: switch apps off and on');
  const killing = browser
    .command('kill')
    .description('switch an app off in all browsers, within 5 s')
    .argument('<app>', 'the app, as given to init()')
    .option('--release <release>', 'only this release of it');
  addServerOptions(killing).action((app: string, options: TargetOptions) =>
    finish(() => kill(app, options, io)),
  );
  const restoring = browser
    .command('restore')
    .description('switch an app on again; pages that are open record again when they are loaded anew')
    .argument('<app>', 'as in "browser list"')
    .option('--release <release>', 'only this release of it');
  addServerOptions(restoring).action((app: string, options: TargetOptions) =>
    finish(() => restore(app, options, io)),
  );
  const listing = browser.command('list').description('list what is switched off');
  addServerOptions(listing).action((options: ServerOptions) => finish(() => list(options, io)));
}

async function kill(app: string, options: TargetOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const made = await clientOf(options, io).browser.kill(targetOf(app, options));
  output.data(made);
  output.text(`${nameOf(made)} is switched off: its pages fall silent within 5 s`);
  return EXIT.ok;
}

async function restore(app: string, options: TargetOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const target = targetOf(app, options);
  await clientOf(options, io).browser.restore(target);
  output.data({ ...target, restored: true });
  output.text(`${nameOf(target)} is switched on; open pages record again when they are loaded anew`);
  return EXIT.ok;
}

async function list(options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const kills = await clientOf(options, io).browser.list();
  output.data({ kills });
  const rows = kills.map(({ app, release = 'all', at, by }) => [
    app,
    release,
    at.slice(0, 16).replace('T', ' '),
    by,
  ]);
  output.text(tableText({ columns: ['app', 'release', 'since', 'by key'], rows, colours: output.colours }));
  return EXIT.ok;
}

function targetOf(app: string, { release }: TargetOptions): KillTarget {
  return release === undefined ? { app } : { app, release };
}

function nameOf({ app, release }: KillTarget): string {
  return safeLine(release === undefined ? app : `${app} ${release}`);
}
