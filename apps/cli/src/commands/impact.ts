/** `sillok impact`: who calls an endpoint and what it calls, level by level. */
import type { ImpactEndpoint } from '@sillok/api';
import { Option, type Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import { addRange, given, type RangeOptions } from '../analysis/range.js';
import { addServerOptions, clientOf, countOption, outputOf, type Output } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { plural } from '../terminal/amounts.js';
import { localTime } from '../terminal/record-text.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface ImpactOptions extends RangeOptions {
  readonly method?: string;
  readonly depth?: number;
  readonly direction?: 'callers' | 'callees' | 'both';
}

export function addImpact(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('impact')
    .description('who calls an endpoint and what it calls, along paths seen within one trace')
    .argument('<service>', 'name of the service')
    .argument('<route>', 'its route, as in /orders/:id, or the name of its queue')
    .option('--method <method>', 'GET, POST, … (all)', (text) => text.toUpperCase())
    .option('--depth <levels>', 'levels of callers and callees (2)', countOption('depth'))
    .addOption(
      new Option('--direction <side>', 'callers, callees or both').choices(['callers', 'callees', 'both']),
    );
  addServerOptions(addRange(command)).action((service: string, route: string, options: ImpactOptions) =>
    finish(() => impact({ service, route }, options, io)),
  );
}

async function impact(
  endpoint: { readonly service: string; readonly route: string },
  options: ImpactOptions,
  io: Io,
): Promise<number> {
  const output = outputOf(options, io);
  const { from, to, method, depth, direction } = options;
  const asked = { ...endpoint, ...given({ from, to, method, depth, direction }) };
  const answer = await clientOf(options, io).impact(asked, io.signal);
  output.data(answer);
  if (output.json) return EXIT.ok;
  const { colours } = output;
  const name = safeLine(`${answer.endpoint.service} ${answer.endpoint.method} ${answer.endpoint.route}`);
  output.text(`${colours.bold(name)}  ${plural(answer.calls, 'call')} in ${plural(answer.traces, 'trace')}`);
  if (answer.calls === 0) {
    output.note(
      'No request of it has a trace in this time. Names of services are in sillok map; a route is written as its records ' +
        'have it (/orders/:id). Or try an earlier --from.',
    );
  }
  if (direction !== 'callees') side('called by', answer.callers, output);
  if (direction !== 'callers') side('calls', answer.callees, output);
  if (answer.orphans > 0) {
    output.note(
      `${plural(answer.orphans, 'call')} came from a parent without a record: who that was is not known.`,
    );
  }
  if (answer.sample < 1) output.note(`Counted from one trace in ${Math.round(1 / answer.sample)}.`);
  if (answer.truncated) {
    output.note(
      'More was found than an answer holds: it is cut. Ask for a shorter time, one --direction or fewer levels.',
    );
  }
  noteTrust(answer, output);
  return EXIT.ok;
}

function side(title: string, list: readonly ImpactEndpoint[], output: Output): void {
  output.text('');
  if (list.length === 0) {
    output.text(`${title}: nothing seen`);
    return;
  }
  output.text(
    tableText({
      columns: [title, 'endpoint', 'by way of', 'calls', 'errors', 'last seen', 'versions'],
      rows: list.map((each) => [
        each.depth,
        `${each.service} ${each.method} ${each.route}`,
        each.depth === 1 ? '' : `${each.via.service} ${each.via.route}`,
        each.calls,
        each.errors,
        localTime(each.last_seen),
        each.versions.join(', '),
      ]),
      colours: output.colours,
    }),
  );
}
