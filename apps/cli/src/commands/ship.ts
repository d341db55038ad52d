/** `sillok ship`: what services left on disk, to the server. Spool folders of the SDK, or files that are followed. */
import { shipDirectory } from '@sillok/shipper';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf, targetOf } from '../common.js';
import type { Output, ServerOptions } from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { FOLLOW_DIRECTORY } from '../filenames.js';
import { createSender } from '../files/send.js';
import { follow } from '../follow/follower.js';
import type { FollowEvent } from '../follow/follower.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { countText, plural } from '../terminal/amounts.js';
import { safeLine } from '../terminal/safe-text.js';
import { createWaitNote } from '../terminal/wait-note.js';

interface ShipOptions extends ServerOptions {
  readonly follow?: boolean;
  readonly watch?: boolean;
  readonly once?: boolean;
  readonly fromEnd?: boolean;
  readonly service?: string;
  readonly environment?: string;
  readonly state?: string;
  readonly utc?: boolean;
}

export function addShip(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('ship')
    .description('send spool folders of services, or follow files that other programs write; exactly once')
    .argument('<path...>', 'a spool folder; with --follow files, or patterns in quotes: "/var/log/app/*.log"')
    .option('--follow', 'follow files: rotation, Docker and CRI logs, stacks over several lines')
    .option('--watch', 'spool folders: go on, and find new ones, until Ctrl-C')
    .option('--once', '--follow: end when everything that is there has been sent')
    .option('--from-end', '--follow: leave out what was written before, for files not followed yet')
    .option(
      '--service <name>',
      '--follow: service.name where the lines do not say it (container or file name)',
    )
    .option('--environment <name>', '--follow: deployment.environment.name')
    .option(
      '--state <folder>',
      `--follow: where the cursors are kept (SILLOK_STATE_DIR, else ~/.local/state/${FOLLOW_DIRECTORY})`,
    )
    .option('--utc', '--follow: times without a zone are UTC (default: the zone of this machine)');
  addServerOptions(command).action((paths: string[], options: ShipOptions) =>
    finish(() => (options.follow === true ? shipFiles(paths, options, io) : shipFolder(paths, options, io))),
  );
}

async function shipFolder(paths: readonly string[], options: ShipOptions, io: Io): Promise<number> {
  const [root, ...others] = paths;
  if (root === undefined || others.length > 0) {
    throw usageError('one spool folder at a time', 'To follow files, add --follow.');
  }
  if (options.watch !== true && !existsSync(root)) {
    throw usageError(
      `${root} is not there`,
      'A service keeps its spool in .sillok/spool of the folder it starts in.',
    );
  }
  const output = outputOf(options, io);
  const { url, key } = targetOf(options, io);
  const shipper = shipDirectory({
    root,
    url,
    key,
    follow: options.watch === true,
    onReport: (report) => {
      output.note(output.colours.dim(safeLine(JSON.stringify(report))));
    },
  });
  io.signal.addEventListener('abort', () => void shipper.stop(), { once: true });
  const summary = await shipper.done;
  output.data(summary);
  const { spools, sent, rejected, pending, busy } = summary;
  output.text(
    `${output.colours.good(`${plural(sent, 'record')} sent`)} from ${plural(spools, 'spool')}, ${countText(rejected)} rejected`,
  );
  if (spools === 0) output.note('No spool is there: its folder holds segment-0000000001.ndjson.');
  for (const folder of busy)
    output.note(output.colours.dim(`${safeLine(folder)} is being sent by its own service`));
  const notSent = 'is not wholly sent: the server is away; run it again';
  for (const folder of pending) output.text(`  ${output.colours.warning(safeLine(folder))} ${notSent}`);
  if (pending.length > 0) return EXIT.unreachable;
  return rejected > 0 ? EXIT.partly : EXIT.ok;
}

async function shipFiles(patterns: readonly string[], options: ShipOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const totals = { taken: 0, known: 0, problems: 0 };
  const { service, environment } = options;
  await follow({
    patterns,
    stateDirectory: stateDirectory(options, io),
    sender: createSender({
      client: clientOf(options, io),
      attemptsMax: Number.POSITIVE_INFINITY,
      keepUntimedConflicts: true,
      signal: io.signal,
      onWait: createWaitNote((text) => output.note(text)),
    }),
    resource: {
      ...(service === undefined ? {} : { 'service.name': service }),
      ...(environment === undefined ? {} : { 'deployment.environment.name': environment }),
    },
    utc: options.utc === true,
    fromEnd: options.fromEnd === true,
    once: options.once === true,
    signal: io.signal,
    onEvent: (event) => {
      if (event.type === 'settled') totals.taken += event.taken;
      if (event.type === 'settled') totals.known += event.known;
      if (event.type === 'problem') totals.problems += 1;
      tell(event, output);
    },
  });
  output.data({ type: 'ended', ...totals });
  output.text(
    `${output.colours.good(`${plural(totals.taken, 'record')} taken`)}, ${countText(totals.known)} already there, ` +
      `${countText(totals.problems)} not understood`,
  );
  return totals.problems > 0 ? EXIT.partly : EXIT.ok;
}

function tell(event: FollowEvent, output: Output): void {
  output.data(event);
  if (event.type === 'settled') return;
  if (event.type === 'problem') {
    const place = event.line > 0 ? `${event.path}:${event.line}` : event.path;
    output.note(`${output.colours.warning(safeLine(place))} ${safeLine(event.reason)}`);
    return;
  }
  output.note(output.colours.dim(`${event.type} ${safeLine(event.path)}`));
}

function stateDirectory(options: ShipOptions, io: Io): string {
  const given = options.state ?? io.env['SILLOK_STATE_DIR'];
  if (given !== undefined && given !== '') return given;
  const state = io.env['XDG_STATE_HOME'];
  return join(
    state !== undefined && state !== '' ? state : join(homedir(), '.local', 'state'),
    FOLLOW_DIRECTORY,
  );
}
