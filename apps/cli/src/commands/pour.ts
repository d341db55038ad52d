/** `sillok pour`: files of any kind into the record. Pouring twice adds nothing. */
import type { Resource } from '@sillok/record';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import type { Output, ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import { pourPlain } from '../files/pour-plain.js';
import type { PouredFile } from '../files/pour-plain.js';
import { isSegment, pourSegment } from '../files/pour-segment.js';
import { createSender } from '../files/send.js';
import type { Sender } from '../files/send.js';
import { findSources, readSource } from '../files/sources.js';
import type { Source } from '../files/sources.js';
import type { Io } from '../io.js';
import { OLD_MS, PROBLEMS_NAMED_MAX } from '../limits.js';
import type { Finish } from '../program.js';
import { countText, durationText, plural } from '../terminal/amounts.js';
import { createProgress } from '../terminal/progress.js';
import type { Progress } from '../terminal/progress.js';
import { safeLine } from '../terminal/safe-text.js';
import { createWaitNote } from '../terminal/wait-note.js';

interface PourOptions extends ServerOptions {
  readonly service?: string;
  readonly host?: string;
  readonly environment?: string;
  readonly name?: string;
  readonly utc?: boolean;
}

export function addPour(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('pour')
    .description('pour files into the record; what is there already is not added again')
    .argument(
      '<file...>',
      'files, folders, - for standard input; .gz too. Segments, JSON lines, logfmt, access logs, PostgreSQL’s log, text',
    )
    .option('--service <name>', 'service.name where the lines do not say it (the file name)')
    .option('--host <name>', 'host.name where the lines do not say it')
    .option('--environment <name>', 'deployment.environment.name')
    .option('--name <name>', 'name that stands for standard input, as a file name would', 'stdin')
    .option('--utc', 'times without a zone are UTC (default: the zone of this machine)');
  addServerOptions(command).action((files: string[], options: PourOptions) =>
    finish(() => pour(files, options, io)),
  );
}

async function pour(paths: string[], options: PourOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const startedMs = Date.now();
  const found = await findSources(paths);
  const sources = found.map((source) =>
    source.path === '-' && options.name !== undefined ? { ...source, name: options.name } : source,
  );
  const progress = createProgress({ stream: io.err, quiet: output.json });
  const client = clientOf(options, io);
  // A server that was never there is a mistake, one that goes away is waited for.
  await client.alive();
  const sender = createSender({
    client,
    keepUntimedConflicts: false,
    signal: io.signal,
    onWait: createWaitNote((text) => output.note(text)),
  });
  const files: PouredFile[] = [];
  try {
    for (const [index, source] of sources.entries()) {
      const label = sources.length === 1 ? source.path : `${source.path} (${index + 1} of ${sources.length})`;
      files.push(await pourOne(source, { sender, options, progress, label }));
    }
  } finally {
    progress.end();
  }
  return report(files, Date.now() - startedMs, output);
}

interface Pouring {
  readonly sender: Sender;
  readonly options: PourOptions;
  readonly progress: Progress;
  readonly label: string;
}

async function pourOne(source: Source, pouring: Pouring): Promise<PouredFile> {
  const { sender, options, progress, label } = pouring;
  let bytes = 0;
  let records = 0;
  const show = (): void =>
    progress.update({ label, done: bytes, total: source.bytes, note: plural(records, 'record') });
  const content = readSource(source, (count) => {
    bytes += count;
    show();
  });
  const onRecords = (count: number): void => {
    records += count;
    show();
  };
  const first = await content.next();
  const whole = prepend(first.done ? Buffer.alloc(0) : first.value, content);
  if (!first.done && isSegment(first.value)) return pourSegment(whole, { source, sender, onRecords });
  const { service, host, environment } = options;
  const resource: Resource = {
    ...(service === undefined ? {} : { 'service.name': service }),
    ...(host === undefined ? {} : { 'host.name': host }),
    ...(environment === undefined ? {} : { 'deployment.environment.name': environment }),
  };
  return pourPlain(whole, { source, sender, utc: options.utc === true, resource, onRecords });
}

async function* prepend(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function report(files: readonly PouredFile[], elapsedMs: number, output: Output): number {
  const sum = (of: (file: PouredFile) => number): number =>
    files.reduce((total, file) => total + of(file), 0);
  const taken = sum((file) => file.taken);
  const known = sum((file) => file.known);
  const expired = sum((file) => file.expired);
  const notUnderstood = sum((file) => file.problems.length);
  const notKept = sum((file) => file.problems.filter(({ kept }) => !kept).length);
  output.data({
    taken,
    known,
    expired,
    not_understood: notUnderstood,
    elapsed_ms: elapsedMs,
    files: files.map(({ problems, ...file }) => ({
      ...file,
      not_understood: problems.map(({ lineNumber, reason, kept }) => ({ line: lineNumber, reason, kept })),
    })),
  });
  if (!output.json) showReport(files, { taken, known, expired, notUnderstood, elapsedMs }, output);
  return notKept > 0 ? EXIT.partly : EXIT.ok;
}

interface Totals {
  readonly taken: number;
  readonly known: number;
  readonly expired: number;
  readonly notUnderstood: number;
  readonly elapsedMs: number;
}

function showReport(files: readonly PouredFile[], totals: Totals, output: Output): void {
  const { colours } = output;
  if (files.length > 1) {
    for (const { path, formats, taken, known } of files) {
      const format = colours.dim(formats.join(', ') || 'empty');
      output.text(
        `${safeLine(path)}  ${format}  ${countText(taken)} taken, ${countText(known)} already there`,
      );
    }
  }
  const format = files.length === 1 ? colours.dim(` (${files[0]?.formats.join(', ') || 'empty'})`) : '';
  const rate = totals.taken + totals.known > 0 ? colours.dim(` in ${durationText(totals.elapsedMs)}`) : '';
  output.text(
    `${colours.good(`${plural(totals.taken, 'record')} taken`)}, ${countText(totals.known)} already there, ` +
      (totals.expired > 0
        ? `${countText(totals.expired)} removed by retention since they were taken, `
        : '') +
      `${countText(totals.notUnderstood)} not understood${format}${rate}`,
  );
  const problems = files.flatMap((file) => file.problems.map((problem) => ({ path: file.path, ...problem })));
  for (const { path, lineNumber, reason } of problems.slice(0, PROBLEMS_NAMED_MAX)) {
    const place = lineNumber > 0 ? `${path}:${lineNumber}` : path;
    output.text(`  ${colours.warning(safeLine(place))} ${safeLine(reason)}`);
  }
  noteOld(files, output);
  const more = problems.length - PROBLEMS_NAMED_MAX;
  if (more > 0) output.text(colours.warning(`  and ${countText(more)} more; all of them with --json`));
}

/** Records are kept by their own time: what is older than the retention goes again with its next round. */
function noteOld(files: readonly PouredFile[], output: Output): void {
  const oldest = files.flatMap((file) => file.oldest ?? []).sort()[0];
  if (oldest === undefined || Date.now() - Date.parse(oldest) < OLD_MS) return;
  output.note(
    output.colours.warning(
      `The oldest record is of ${oldest.slice(0, 10)}. Records are kept by their own time: 30 days for logs, `,
    ) +
      output.colours.warning(
        'unless the server has another SILLOK_RETENTION_LOG_DAYS. What is older goes again within minutes.',
      ),
  );
}
