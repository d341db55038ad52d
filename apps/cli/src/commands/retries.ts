/** `sillok retries`: who sent the same request several times, with the evidence. */
import type { RetryGroup } from '@sillok/api';
import type { Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import {
  languageOf,
  languageOption,
  told,
  type Language,
  type LanguageOptions,
} from '../analysis/language.js';
import { addRange, given, type RangeOptions } from '../analysis/range.js';
import { addServerOptions, clientOf, outputOf, type Output } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { plural } from '../terminal/amounts.js';
import { localTime } from '../terminal/record-text.js';
import { safeLine } from '../terminal/safe-text.js';

interface RetriesOptions extends RangeOptions, LanguageOptions {
  readonly query?: string;
}

export function addRetries(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('retries')
    .description('who sent the same request several times: the person, the page, a retry, the edge, a queue')
    .argument('[id]', 'a trace, a person or a scenario; or --query')
    .option('--query <search>', 'look at the traces of a search instead');
  addRange(command, 'groups (100)').addOption(languageOption());
  addServerOptions(command).action((id: string | undefined, options: RetriesOptions) =>
    finish(() => retries(id, options, io)),
  );
}

async function retries(id: string | undefined, options: RetriesOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { from, to, limit, query: q } = options;
  const answer = await clientOf(options, io).retries(given({ id, q, from, to, limit }), io.signal);
  output.data(answer);
  if (output.json) return EXIT.ok;
  const language = languageOf(options, io);
  for (const group of answer.groups) showGroup(group, output, language);
  if (answer.groups.length === 0) {
    output.text(`Nothing was sent twice among ${plural(answer.looked_at, 'request')}.`);
  }
  noteTrust(answer, output);
  return EXIT.ok;
}

function showGroup(group: RetryGroup, output: Output, language: Language): void {
  const { colours } = output;
  const paint = group.verdict === 'undetermined' ? colours.warning : colours.bold;
  output.text(`${colours.dim(localTime(group.first))} ${paint(told(group.sentence, language))}`);
  const { actions, client, edge, services } = group.layers;
  const layers = Object.entries({ actions, client, edge, services, received: group.received });
  const known = layers.map(([name, count]) => `${name} ${count ?? colours.dim('no record')}`);
  output.text(`    ${known.join('  →  ')}`);
  for (const { verdict, extra, evidence } of group.causes) {
    output.text(`    ${colours.accent(`+${extra} ${verdict}`)}`);
    for (const { text, fields } of evidence) {
      output.text(`      ${told(text, language)}  ${colours.dim(safeLine(fields.join(' ')))}`);
    }
  }
  output.text('');
}
