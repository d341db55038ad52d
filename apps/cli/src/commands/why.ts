/** `sillok why`: what the records of a search have in common that the rest has not. */
import type { WhyCondition } from '@sillok/api';
import { Option, type Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import { percent, shareBar } from '../analysis/drawing.js';
import { addRange, given, type RangeOptions } from '../analysis/range.js';
import { addServerOptions, clientOf, outputOf, type Output } from '../common.js';
import { aboutQuery } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { WHY_BAR_WIDTH } from '../limits.js';
import type { Finish } from '../program.js';
import { countText } from '../terminal/amounts.js';
import { safeLine } from '../terminal/safe-text.js';
import { fit, padEnd, widthOf } from '../terminal/width.js';

interface WhyOptions extends RangeOptions {
  readonly base?: string;
  readonly except?: string;
  readonly unit?: 'record' | 'trace';
}

export function addWhy(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('why')
    .description('what these records have in common that others like them have not, the most telling first')
    .argument('<query...>', 'search text of the slice, for instance: http.route:/login level:error')
    .option('--base <search>', 'what it is compared with (others like them; * is everything)')
    .option('--except <search>', 'leave these out on both sides: a condition that is explained already')
    .addOption(
      new Option('--unit <unit>', 'compare single records, or whole traces (what fits the slice)').choices([
        'record',
        'trace',
      ]),
    );
  addServerOptions(addRange(command, 'conditions (20)')).action((words: string[], options: WhyOptions) =>
    finish(() => aboutQuery(words.join(' '), () => why(words.join(' '), options, io))),
  );
}

async function why(q: string, options: WhyOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { from, to, limit, base: base_q, except, unit } = options;
  const answer = await clientOf(options, io).why(
    { q, ...given({ from, to, limit, base_q, except, unit }) },
    io.signal,
  );
  output.data(answer);
  if (output.json) return EXIT.ok;
  const { colours } = output;
  const things = answer.unit === 'trace' ? ' traces' : '';
  output.text(`${countText(answer.slice)} of these${things} against ${countText(answer.base)} others`);
  if (answer.comparable !== null) output.note(`Compared with others like them: ${safeLine(answer.base_q)}`);
  if (answer.slice === 0)
    output.text('The search finds nothing in this time: try it with sillok search, or an earlier --from.');
  else if (answer.conditions.length === 0) output.text('No value tells them apart.');
  else list('condition', answer.conditions, output);
  if (answer.consequences.length > 0) {
    output.text('');
    list('what came of it', answer.consequences.slice(0, 5), output);
  }
  const [first] = answer.conditions;
  if (first !== undefined)
    output.note(`Is there another reason? Add --except ${JSON.stringify(safeLine(first.search))}`);
  if (answer.sample < 1) output.note(`Compared from ${percent(answer.sample)} of the records.`);
  output.note(colours.dim('Shares of these and of the others that have the value.'));
  noteTrust(answer, output);
  return EXIT.ok;
}

function list(title: string, conditions: readonly WhyCondition[], output: Output): void {
  const { colours } = output;
  const names = conditions.map(({ field, value }) => safeLine(`${field} = ${value}`));
  const width = Math.min(64, Math.max(...names.map(widthOf), widthOf(title)));
  output.text(colours.bold(padEnd(title, width)));
  for (const [index, condition] of conditions.entries()) {
    const name = padEnd(fit(names[index] ?? '', width), width);
    const these = `${colours.bad(shareBar(condition.slice_share, WHY_BAR_WIDTH))} ${percent(condition.slice_share).padStart(6)}`;
    const others = `${colours.dim(shareBar(condition.base_share, WHY_BAR_WIDTH))} ${percent(condition.base_share).padStart(6)}`;
    output.text(`${name}  ${these}  ${others}`);
  }
}
