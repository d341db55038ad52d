/** `sillok errors`: errors by fingerprint, with whom they met and since when. */
import type { ErrorGroup } from '@sillok/api';
import { Option, type Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import { trendLine } from '../analysis/drawing.js';
import { addRange, given, type RangeOptions } from '../analysis/range.js';
import { addServerOptions, clientOf, outputOf, type Output } from '../common.js';
import { aboutQuery } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { plural } from '../terminal/amounts.js';
import { localTime } from '../terminal/record-text.js';
import { safeLine } from '../terminal/safe-text.js';

const SORTS = ['last', 'first', 'count', 'people'] as const;

interface ErrorsOptions extends RangeOptions {
  readonly sort?: (typeof SORTS)[number];
}

export function addErrors(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('errors')
    .description('errors grouped by what they are, with people, releases and trend')
    .argument('[query...]', 'search text')
    .addOption(new Option('--sort <order>', 'last seen, first seen, count or people (last)').choices(SORTS));
  addServerOptions(addRange(command, 'groups (50)')).action((words: string[], options: ErrorsOptions) =>
    finish(() => aboutQuery(words.join(' '), () => errors(words.join(' '), options, io))),
  );
}

async function errors(q: string, options: ErrorsOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { from, to, limit, sort } = options;
  const answer = await clientOf(options, io).errors({ q, ...given({ from, to, limit, sort }) }, io.signal);
  output.data(answer);
  if (output.json) return EXIT.ok;
  for (const group of answer.groups) showGroup(group, output);
  if (answer.groups.length === 0) output.text('No errors.');
  noteTrust(answer, output);
  return EXIT.ok;
}

function showGroup(group: ErrorGroup, output: Output): void {
  const { colours } = output;
  const { fingerprint, service, type, message, frames, count, people, releases, first, last, trend } = group;
  const [line = ''] = message.split('\n');
  output.text(
    `${colours.bad(safeLine(type || 'error'))} ${colours.bold(safeLine(line))}  ${colours.name(safeLine(service))}`,
  );
  for (const frame of frames) output.text(colours.dim(`    ${safeLine(frame)}`));
  const versions = releases
    .map(({ version }) => version)
    .filter(Boolean)
    .join(', ');
  const facts = [
    plural(count, 'time'),
    plural(people, 'person', 'people'),
    `first ${localTime(first)}`,
    `last ${localTime(last)}`,
    ...(versions === '' ? [] : [`in ${versions}`]),
  ];
  output.text(
    `    ${safeLine(facts.join(' · '))}  ${colours.accent(trendLine(trend))}  ${colours.dim(fingerprint)}`,
  );
}
