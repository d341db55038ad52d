/** `sillok patterns`: the forms that messages have, how often, and which are new. */
import type { Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import { percent, trendLine } from '../analysis/drawing.js';
import { addRange, given, type RangeOptions } from '../analysis/range.js';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import { aboutQuery } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { countText, plural } from '../terminal/amounts.js';
import { safeLine } from '../terminal/safe-text.js';
import { padStart } from '../terminal/width.js';

export function addPatterns(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('patterns')
    .description(
      'the forms that messages have, with counts and trend; new ones are marked when --from is given',
    )
    .argument('[query...]', 'search text');
  addServerOptions(addRange(command, 'patterns (50)')).action((words: string[], options: RangeOptions) =>
    finish(() => aboutQuery(words.join(' '), () => patterns(words.join(' '), options, io))),
  );
}

async function patterns(q: string, options: RangeOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { from, to, limit } = options;
  const answer = await clientOf(options, io).patterns({ q, ...given({ from, to, limit }) }, io.signal);
  output.data(answer);
  if (output.json) return EXIT.ok;
  const { colours } = output;
  for (const { template, count, share, trend, is_new: isNew, levels } of answer.patterns) {
    const bad = (levels['error'] ?? 0) + (levels['fatal'] ?? 0) > 0;
    const mark = isNew === true ? colours.warning('new') : '   ';
    const text = safeLine(template).replaceAll('<*>', colours.accent('*'));
    const numbers = `${padStart(countText(count), 9)} ${percent(share).padStart(6)}`;
    output.text(
      `${numbers} ${colours.dim(trendLine(trend))} ${mark} ${bad ? colours.bad('✗') : ' '} ${text}`,
    );
  }
  output.note(`${plural(answer.patterns.length, 'pattern')} in ${plural(answer.records, 'record')}`);
  noteTrust(answer, output);
  return EXIT.ok;
}
