/** `sillok map`: services and the calls between them, now against before. */
import type { Numbers } from '@sillok/api';
import type { Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import { percent } from '../analysis/drawing.js';
import { addRange, given, type RangeOptions } from '../analysis/range.js';
import { addServerOptions, clientOf, momentOption, outputOf } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { durationText } from '../terminal/amounts.js';
import { localTime } from '../terminal/record-text.js';
import { tableText } from '../terminal/table.js';

interface MapOptions extends RangeOptions {
  readonly beforeFrom?: string;
  readonly beforeTo?: string;
}

export function addMap(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('map')
    .description('services and the calls between them, now against before')
    .option('--before-from <moment>', 'compare with this time (as long, directly before)', momentOption)
    .option('--before-to <moment>', 'end of the time to compare with', momentOption);
  addServerOptions(addRange(command)).action((options: MapOptions) => finish(() => map(options, io)));
}

async function map(options: MapOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { from, to, beforeFrom, beforeTo } = options;
  const asked = given({ from, to, before_from: beforeFrom, before_to: beforeTo });
  const answer = await clientOf(options, io).map(asked, io.signal);
  output.data(answer);
  if (output.json) return EXIT.ok;
  const { colours } = output;
  output.text(
    `${localTime(answer.from)} to ${localTime(answer.to)}, before from ${localTime(answer.before.from)}`,
  );
  output.text('');
  output.text(
    tableText({
      columns: ['service', 'kind', ...HEADS, 'versions'],
      rows: answer.services.map(({ name, type, now, before, versions }) => [
        name,
        type,
        ...cells(now, before),
        versions.join(', '),
      ]),
      colours,
    }),
  );
  output.text('');
  output.text(
    tableText({
      columns: ['from', 'to', ...HEADS],
      rows: answer.edges.map(({ from: caller, to: callee, now, before }) => [
        caller,
        callee,
        ...cells(now, before),
      ]),
      colours,
    }),
  );
  if (answer.sample < 1)
    output.note(`Calls between services are scaled up from ${percent(answer.sample)} of the traces.`);
  noteTrust(answer, output);
  return EXIT.ok;
}

const HEADS = ['requests', 'before', 'errors', 'before', 'p95', 'before', 'time'];

function cells(now: Numbers, before: Numbers | null): (string | number)[] {
  const ms = (value: number | null | undefined): string => (value == null ? '' : durationText(value));
  return [
    now.requests,
    before?.requests ?? 0,
    percent(now.error_share),
    before === null ? '' : percent(before.error_share),
    ms(now.p95_ms),
    ms(before?.p95_ms),
    durationText(now.time_ms),
  ];
}
