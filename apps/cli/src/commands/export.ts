/** `sillok export`: the record, out again: as NDJSON, CSV or Parquet, or into Elasticsearch or Loki. No lock-in. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Envelope } from '@sillok/record';
import { Argument } from 'commander';
import type { Command } from 'commander';
import { addServerOptions, clientOf, countOption, momentOption, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { aboutQuery, usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { createElasticTarget } from '../export/elastic-target.js';
import { createLokiTarget } from '../export/loki-target.js';
import type { ExportTarget } from '../export/post.js';
import { createLineSplitter } from '../files/lines.js';
import type { Io } from '../io.js';
import { EXPORT_BATCH_RECORDS } from '../limits.js';
import type { Finish } from '../program.js';
import { countText, plural } from '../terminal/amounts.js';
import { createProgress } from '../terminal/progress.js';
import { safeLine } from '../terminal/safe-text.js';
import { given } from './search.js';

interface ExportOptions extends ServerOptions {
  readonly from?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  readonly format?: 'ndjson' | 'csv' | 'parquet';
  readonly fields?: string;
  readonly out?: string;
  readonly to?: readonly string[];
  readonly index?: string;
}

export function addExport(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('export')
    .description('pour the record back out: NDJSON, CSV or Parquet, or into Elasticsearch or Loki')
    .addArgument(new Argument('[query...]', 'search text without pipes'))
    .option('--from <moment>', 'oldest time: 15m, 2026-11-21, RFC 3339', momentOption)
    .option('--until <moment>', 'newest time, not included', momentOption)
    .option('--limit <count>', 'records at most', countOption('limit'))
    .option('--order <order>', 'asc or desc (asc)')
    .option('--format <format>', 'ndjson, csv or parquet (ndjson)')
    .option('--fields <names>', 'columns of the CSV or Parquet, by comma')
    .option('--out <file>', 'a file instead of standard output')
    .option('--to <target...>', '"elasticsearch URL" or "loki URL"; user and password stand in the URL')
    .option('--index <name>', 'index in Elasticsearch', 'sillok');
  addServerOptions(command).action((words: string[], options: ExportOptions) =>
    finish(() => aboutQuery(words.join(' '), () => exportRecords(words.join(' '), options, io))),
  );
}

async function exportRecords(q: string, options: ExportOptions, io: Io): Promise<number> {
  const { from, until: to, limit, order, format, fields } = options;
  const target = targetOf(options);
  const client = clientOf(options, io);
  const params = { q, ...given({ from, to, limit, order, fields }), ...(target ? {} : given({ format })) };
  const stream = await client.export(params, io.signal);
  // The DOM types of fetch do not say that a body is async iterable; in Node it is.
  const bytes = stream as unknown as AsyncIterable<Uint8Array>;
  return target ? handOn(bytes, { target, options, io }) : write(bytes, options, io);
}

async function write(bytes: AsyncIterable<Uint8Array>, options: ExportOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const file = options.out === undefined ? undefined : createWriteStream(options.out);
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (!file) await writeOut(chunk, io);
    else if (!file.write(chunk)) await once(file, 'drain');
  }
  if (!file) return EXIT.ok;
  file.end();
  await once(file, 'finish');
  output.data({ file: options.out, bytes: count });
  output.text(`${safeLine(options.out ?? '')}: ${plural(count, 'byte')}`);
  return EXIT.ok;
}

async function writeOut(chunk: Uint8Array, io: Io): Promise<void> {
  if (io.out.write(chunk)) return;
  if ('once' in io.out) await once(process.stdout, 'drain');
}

interface HandingOn {
  readonly target: ExportTarget;
  readonly options: ExportOptions;
  readonly io: Io;
}

async function handOn(bytes: AsyncIterable<Uint8Array>, { target, options, io }: HandingOn): Promise<number> {
  const output = outputOf(options, io);
  const progress = createProgress({ stream: io.err, quiet: output.json });
  const splitter = createLineSplitter({ offset: 0, number: 1 });
  const totals = { taken: 0, known: 0, refused: 0 };
  let batch: Envelope[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const answer = await target.send(batch);
    totals.taken += answer.taken;
    totals.known += answer.known;
    totals.refused += answer.refused.length;
    for (const reason of answer.refused.slice(0, 1)) output.note(output.colours.warning(safeLine(reason)));
    batch = [];
    progress.update({
      label: target.name,
      done: splitter.offset,
      total: 0,
      note: plural(totals.taken, 'record'),
    });
  };
  for await (const chunk of bytes) {
    for (const { text } of splitter.push(Buffer.from(chunk))) {
      // Written by the server, one record a line.
      if (text !== '') batch.push(JSON.parse(text) as Envelope);
      if (batch.length >= EXPORT_BATCH_RECORDS) await flush();
    }
  }
  await flush();
  progress.end();
  output.data({ target: target.name, ...totals });
  output.text(
    `${output.colours.good(`${plural(totals.taken, 'record')} taken`)} by ${target.name}, ` +
      `${countText(totals.known)} already there, ${countText(totals.refused)} refused`,
  );
  return totals.refused > 0 ? EXIT.partly : EXIT.ok;
}

function targetOf(options: ExportOptions): ExportTarget | undefined {
  if (options.to === undefined) return undefined;
  const [kind, url] = options.to.flatMap((word) => word.split(' '));
  const help = 'Write it as in --to elasticsearch http://127.0.0.1:9200 or --to loki http://127.0.0.1:3100.';
  if (url === undefined || !URL.canParse(url)) throw usageError('--to takes a target and its URL', help);
  if (kind === 'elasticsearch') return createElasticTarget(url, options.index ?? 'sillok');
  if (kind === 'loki') return createLokiTarget(url);
  throw usageError(`--to does not know "${kind}"`, help);
}
