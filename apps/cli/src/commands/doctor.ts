/** `sillok doctor`: what is wrong, and what to do about it. */
import { createClient } from '@sillok/api';
import { parseMoment } from '@sillok/api';
import type { Command } from 'commander';
import { addServerOptions, clientOf, dataDirectory, momentOption, outputOf, targetOf } from '../common.js';
import type { Output, ServerOptions } from '../common.js';
import { checkMachine } from '../doctor/check-machine.js';
import { checkServer } from '../doctor/check-server.js';
import { checkDatabase } from '../doctor/check-database.js';
import { readCoverage } from '../doctor/coverage.js';
import type { CoverageRow } from '../doctor/coverage.js';
import type { Finding } from '../doctor/finding.js';
import { measureOverhead } from '../doctor/overhead.js';
import type { LoadResult } from '../doctor/load.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { COVERAGE_ROWS_SHOWN_MAX } from '../limits.js';
import type { Finish } from '../program.js';
import { countText } from '../terminal/amounts.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';
import { padEnd } from '../terminal/width.js';

interface DoctorOptions extends ServerOptions {
  readonly overhead?: boolean;
  readonly coverage?: boolean;
  readonly db?: string;
  readonly run?: string;
  readonly without?: string;
  readonly get?: string;
  readonly from: string;
}

const ABOUT_WIDTH = 15;

export function addDoctor(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('doctor')
    .description('say what is wrong and what to do')
    .option('--overhead', 'measure your own service with and without Sillok (needs --run and --get)')
    .option('--run <command>', '--overhead: starts your service')
    .option('--without <command>', '--overhead: starts it without Sillok (the same with SILLOK_DISABLED=1)')
    .option('--get <url>', '--overhead: address that is asked')
    .option('--coverage', 'list routes and jobs that leave no log line, and lines that belong to no request')
    .option(
      '--db <name>',
      'look at a database: its role, tables without times or version, repeated manual updates',
    )
    .option('--from <moment>', '--coverage: how far back', momentOption, '-1d');
  addServerOptions(command).action((options: DoctorOptions) =>
    finish(() => {
      if (options.overhead === true) return overhead(options, io);
      if (options.db !== undefined) return checkDatabase(options.db, options, io);
      return options.coverage === true ? coverage(options, io) : checkAll(options, io);
    }),
  );
}

async function checkAll(options: DoctorOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { url, key } = targetOf(options, io);
  const client = createClient({ url, ...(key === undefined ? {} : { key }), userAgent: 'sillok-cli' });
  const findings = [
    ...(await checkMachine({ dataDirectory: dataDirectory(io), spoolDirectory: io.env['SILLOK_SPOOL_DIR'] })),
    ...(await checkServer({ client, url, key })),
  ];
  const problems = findings.filter(({ state }) => state === 'bad').length;
  output.data({ problems, findings });
  for (const finding of findings) show(finding, output);
  output.text('');
  output.text(
    problems === 0
      ? output.colours.good('Nothing is wrong.')
      : output.colours.bad(`${problems} to put right.`),
  );
  return problems === 0 ? EXIT.ok : EXIT.partly;
}

function show(finding: Finding, output: Output): void {
  const { colours } = output;
  const mark = { good: colours.good('✓'), note: colours.warning('!'), bad: colours.bad('✗') }[finding.state];
  output.text(`${mark} ${padEnd(finding.about, ABOUT_WIDTH)} ${safeLine(finding.says)}`);
  if (finding.help !== '') output.text(`  ${' '.repeat(ABOUT_WIDTH)} ${colours.dim(safeLine(finding.help))}`);
}

async function overhead(options: DoctorOptions, io: Io): Promise<number> {
  const { run: command, get: url, without } = options;
  if (command === undefined || url === undefined) {
    const help = 'For instance: sillok doctor --overhead --run "node server.js" --get http://127.0.0.1:3000/';
    throw usageError('--overhead needs --run and --get', help);
  }
  const output = outputOf(options, io);
  const result = await measureOverhead({
    command,
    without,
    url,
    env: io.env,
    signal: io.signal,
    onRound: (text) => output.note(output.colours.dim(text)),
  });
  output.data(result);
  const row = (name: string, load: LoadResult): unknown[] => [
    name,
    Math.round(load.perSecond),
    load.p50Ms.toFixed(2),
    load.p99Ms.toFixed(2),
  ];
  const rows = [row('without Sillok', result.without), row('with Sillok', result.with)];
  output.text(tableText({ columns: ['', 'requests/s', 'p50 ms', 'p99 ms'], rows, colours: output.colours }));
  output.text(
    `\n${result.ratio.toFixed(2)}× the requests per second of the same service without it (median of ${result.pairs.length} pairs)`,
  );
  return EXIT.ok;
}

async function coverage(options: DoctorOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const from = parseMoment(options.from, Date.now());
  if (from === undefined)
    throw usageError(`--from ${options.from} is not a moment`, 'For instance: 15m, 2026-11-21.');
  const found = await readCoverage(clientOf(options, io), from);
  output.data(found);
  const { routes, jobs, without_context: loose } = found;
  showRows({ title: 'Routes whose requests left no log line', rows: routes, output });
  showRows({ title: 'Jobs (spans that begin a trace) without a log line', rows: jobs, output });
  showRows({ title: 'Log lines that belong to no request', rows: loose, output });
  return routes.length + jobs.length + loose.length === 0 ? EXIT.ok : EXIT.partly;
}

function showRows({
  title,
  rows,
  output,
}: {
  title: string;
  rows: readonly CoverageRow[];
  output: Output;
}): void {
  output.text(`${output.colours.bold(title)}: ${rows.length === 0 ? output.colours.good('none') : ''}`);
  if (rows.length === 0) return;
  const shown = rows.slice(0, COVERAGE_ROWS_SHOWN_MAX);
  const cells = shown.map(({ service, name, count, without }) => [service, name, without, count]);
  output.text(
    tableText({ columns: ['service', 'name', 'without', 'of'], rows: cells, colours: output.colours }),
  );
  const more = rows.length - shown.length;
  if (more > 0) output.text(output.colours.warning(`and ${countText(more)} more; all of them with --json`));
  output.text('');
}
