/** `sillok trace`: one trace as a tree over time, with its logs, where the time was and where it broke. */
import type { TraceAnswer, TraceEntry, TraceNode } from '@sillok/api';
import type { Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import { timeBar } from '../analysis/drawing.js';
import {
  languageOf,
  languageOption,
  told,
  type Language,
  type LanguageOptions,
} from '../analysis/language.js';
import {
  addServerOptions,
  clientOf,
  momentOption,
  outputOf,
  type Output,
  type ServerOptions,
} from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { TRACE_BAR_WIDTH, TRACE_NAME_WIDTH_MAX } from '../limits.js';
import type { Finish } from '../program.js';
import { durationText, plural } from '../terminal/amounts.js';
import { localTime } from '../terminal/record-text.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';
import { fit, padEnd, padStart, widthOf } from '../terminal/width.js';

interface TraceOptions extends ServerOptions, LanguageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly skew?: boolean;
  readonly logs?: boolean;
}

export function addTrace(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('trace')
    .description('one request through all services: where it was slow and where it broke')
    .argument('<id>', 'any id of it: trace, span, request id, an alias of another system, a support code')
    .option('--from <moment>', 'oldest time: 15m, 2026-11-21, RFC 3339', momentOption)
    .option('--to <moment>', 'newest time, not included', momentOption)
    .option('--no-skew', 'times as recorded, clocks not corrected')
    .option('--no-logs', 'without log lines')
    .addOption(languageOption());
  addServerOptions(command).action((id: string, options: TraceOptions) =>
    finish(() => trace(id, options, io)),
  );
}

async function trace(id: string, options: TraceOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { from, to } = options;
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const skew = options.skew === false ? 'off' : 'on';
  const answer = await clientOf(options, io).trace(id, { ...range, skew }, io.signal);
  output.data(answer);
  if (!output.json)
    show(answer, { output, language: languageOf(options, io), hasLogs: options.logs !== false });
  return EXIT.ok;
}

interface Shown {
  readonly output: Output;
  readonly language: Language;
  readonly hasLogs: boolean;
}

function show(answer: TraceAnswer, shown: Shown): void {
  const { output, language, hasLogs } = shown;
  const { colours } = output;
  const { trace_id: traceId, start, duration_ms: duration, broke } = answer;
  output.text(
    `${colours.bold(`trace ${safeLine(traceId)}`)}  ${localTime(start)}  ${durationText(duration)}`,
  );
  const verdict = told(broke.sentence, language);
  const why = `${verdict} (${broke.place}: ${broke.reason})`;
  if (broke.place === 'nowhere') output.text(colours.good(`✓ ${verdict}`));
  else if (broke.recovered) output.text(colours.warning(`○ made good: ${why}`));
  else output.text(colours.bad(`✗ ${why}`));
  output.text('');
  const entries = grouped(answer.entries);
  const names = answer.nodes.map(nameOf);
  const width = Math.min(TRACE_NAME_WIDTH_MAX, Math.max(...names.map(widthOf), 0));
  for (const [index, node] of answer.nodes.entries()) {
    output.text(nodeLine(node, { answer, output, name: padEnd(fit(names[index] ?? '', width), width) }));
    if (hasLogs)
      for (const entry of entries.get(node.id) ?? []) output.text(entryLine(entry, node.depth, output));
  }
  if (hasLogs) for (const entry of entries.get(null) ?? []) output.text(entryLine(entry, 0, output));
  output.text('');
  output.text(serviceTable(answer, output));
  notes(answer, output);
}

function grouped(entries: readonly TraceEntry[]): Map<string | null, TraceEntry[]> {
  const groups = new Map<string | null, TraceEntry[]>();
  for (const entry of entries) groups.set(entry.node, [...(groups.get(entry.node) ?? []), entry]);
  return groups;
}

const MARKS: Readonly<Record<TraceNode['type'], string>> = {
  request: '→',
  call: '↗',
  query: '⛁',
  send: '⇢',
  receive: '⇠',
  edge: '◇',
  work: '·',
  click: '☞',
  page: '▭',
  missing: '?',
};

function nameOf({ type, depth, service, name, http, db, edge }: TraceNode): string {
  const status = http === null || http.status === 0 ? '' : ` ${http.status}`;
  const target = type === 'call' && http !== null ? ` ${http.address}${http.path}` : '';
  const tries = edge !== null && edge.attempts > 1 ? ` ×${edge.attempts} (${edge.statuses.join(', ')})` : '';
  const what =
    type === 'query' && db !== null && db.statement !== ''
      ? db.statement
      : `${name}${target}${status}${tries}`;
  const text = type === 'missing' ? 'no record of this parent' : `${service} ${what}`;
  return `${'  '.repeat(depth)}${MARKS[type]} ${safeLine(text.replaceAll(/\s+/g, ' '))}`;
}

interface Line {
  readonly answer: TraceAnswer;
  readonly output: Output;
  readonly name: string;
}

function nodeLine(node: TraceNode, { answer, output, name }: Line): string {
  const { colours } = output;
  const total = Math.max(answer.duration_ms, 0.001);
  const startMs = millisecondsBetween(answer.start, node.start);
  const bar = timeBar(startMs / total, (startMs + node.duration_ms) / total, TRACE_BAR_WIDTH);
  const paint = node.failed ? colours.bad : node.critical_ms > 0 ? colours.accent : colours.dim;
  const moved =
    node.skew_ms === 0 ? '' : colours.warning(` clock ${node.skew_ms > 0 ? '+' : ''}${node.skew_ms} ms`);
  const error = node.error === null ? '' : colours.bad(` ${safeLine(node.error.type)}`);
  const label = node.failed ? colours.bad(name) : node.type === 'missing' ? colours.dim(name) : name;
  return `${label} ${paint(bar)} ${padStart(durationText(node.duration_ms), 9)}${error}${moved}`;
}

/** Times have nine digits: the difference is taken apart, so that microseconds survive. */
function millisecondsBetween(from: string, to: string): number {
  const ms = (time: string): number =>
    Date.parse(`${time.slice(0, 19)}Z`) + Number(`0.${time.slice(20, 29)}`) * 1000;
  return ms(to) - ms(from);
}

function entryLine({ level, message, time, kind }: TraceEntry, depth: number, output: Output): string {
  const { colours } = output;
  const isError = level === 'error' || level === 'fatal';
  const mark = isError ? colours.bad : level === 'warn' ? colours.warning : colours.dim;
  const what = mark(kind === 'log' ? level.toUpperCase() : kind);
  const clock = colours.dim(localTime(time).slice(6));
  return `${'  '.repeat(depth + 1)}${mark('│')} ${clock} ${what} ${safeLine(message)}`;
}

function serviceTable({ services }: TraceAnswer, { colours }: Output): string {
  return tableText({
    columns: ['service', 'version', 'hops', 'failed', 'own ms', 'waited for ms'],
    rows: services.map(({ service, versions, nodes, failed, self_ms: own, critical_ms: waited }) => [
      service,
      versions.join(', '),
      nodes,
      failed,
      own,
      waited,
    ]),
    colours,
  });
}

function notes(answer: TraceAnswer, output: Output): void {
  const { other_traces: others, missing, truncated, skew } = answer;
  if (others.length > 0)
    output.note(
      `The id also stands in ${plural(others.length, 'other trace')}: ${others.slice(0, 5).join(', ')}`,
    );
  if (missing.length > 0)
    output.note(`${plural(missing.length, 'parent')} without a record: some service does not take part.`);
  if (skew.applied) output.note('Clocks differ; times are corrected. --no-skew shows them as recorded.');
  if (truncated.nodes || truncated.entries)
    output.note('There is more than is shown. --json has up to 10,000 hops.');
  noteTrust(answer, output);
}
