/** `sillok tail`: records as the server takes them, after the last ones before. */
import type { Envelope } from '@sillok/record';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { plural } from '../terminal/amounts.js';
import { recordText } from '../terminal/record-text.js';
import { aboutQuery, usageError } from '../errors.js';

interface TailOptions extends ServerOptions {
  readonly last: number;
}

export function addTail(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('tail')
    .description('show records as they arrive, until Ctrl-C')
    .argument('[query...]', 'search text without pipes')
    .option('-n, --last <count>', 'records from before to begin with', readLast, 10);
  addServerOptions(command).action((words: string[], options: TailOptions) =>
    finish(() => aboutQuery(words.join(' '), () => tail(words.join(' '), options, io))),
  );
}

function readLast(text: string): number {
  const last = Number(text);
  if (!Number.isSafeInteger(last) || last < 0 || last > 10_000)
    throw usageError('--last takes a number up to 10000', '');
  return last;
}

async function tail(q: string, options: TailOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const client = clientOf(options, io);
  const shown = new Set<string>();
  const show = (record: Envelope): void => {
    output.data(record);
    if (!output.json) output.text(recordText(record, output.colours));
  };
  // Connected first, searched then: what arrives in between is in both, and shown once.
  for await (const event of client.live({ q, signal: io.signal })) {
    if (event.type === 'open' && shown.size === 0 && options.last > 0) {
      const page = await client.search({ q, limit: options.last, order: 'desc' }, io.signal);
      for (const record of page.records.toReversed()) {
        shown.add(nameOf(record));
        show(record);
      }
      shown.add('');
    }
    if (event.type === 'skipped')
      output.note(output.colours.warning(`… ${plural(event.skipped, 'record')} skipped`));
    if (event.type === 'skipped') output.data({ skipped: event.skipped });
    if (event.type === 'record' && !shown.delete(nameOf(event.record))) show(event.record);
  }
  return EXIT.ok;
}

function nameOf(record: Envelope): string {
  return `${record.producer}\n${record.boot}\n${record.seq}`;
}
