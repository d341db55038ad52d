/** `sillok search`: one page or all pages of records, or the table of a query with pipes. */
import type { RecordsPage, TablePage } from '@sillok/api';
import type { Command } from 'commander';
import { addServerOptions, clientOf, countOption, momentOption, outputOf } from '../common.js';
import type { Output, ServerOptions } from '../common.js';
import { aboutQuery } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { GAPS_NAMED_MAX } from '../limits.js';
import type { Finish } from '../program.js';
import { bytesText, countText, durationText, plural } from '../terminal/amounts.js';
import { localTime, recordText } from '../terminal/record-text.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface SearchOptions extends ServerOptions {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  readonly after?: string;
  readonly all?: boolean;
}

export function addSearch(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('search')
    .description('find records, or count them with pipes')
    .argument('[query...]', 'search text, for instance: level:error service.name:orders "payment failed"')
    .option('--from <moment>', 'oldest time: 15m, 2026-11-21, RFC 3339', momentOption)
    .option('--to <moment>', 'newest time, not included', momentOption)
    .option('--limit <count>', 'records on the page (100)', countOption('limit'))
    .option('--order <order>', 'asc or desc (desc); a terminal always shows the newest at the bottom')
    .option('--after <token>', 'wait until the records of this flush token are visible')
    .option('--all', 'follow the pages to the end; with --json one record a line');
  addServerOptions(command).action((words: string[], options: SearchOptions) =>
    finish(() => aboutQuery(words.join(' '), () => search(words.join(' '), options, io))),
  );
}

async function search(q: string, options: SearchOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const client = clientOf(options, io);
  const { from, to, limit, order, after } = options;
  const params = { q, ...given({ from, to, limit, order, after }) };
  if (options.all === true) {
    for await (const record of client.records({ ...params, order: order ?? 'asc' }, io.signal)) {
      output.data(record);
      output.text(output.json ? '' : recordText(record, output.colours));
    }
    return EXIT.ok;
  }
  const page = await client.ask(params, io.signal);
  output.data(page);
  if (!output.json) show(page, order ?? 'desc', output);
  return EXIT.ok;
}

function show(page: RecordsPage | TablePage, order: 'asc' | 'desc', output: Output): void {
  for (const { message } of page.hints ?? []) output.note(output.colours.warning(safeLine(message)));
  if ('columns' in page) {
    const columns = page.columns.map(({ name }) => name);
    output.text(tableText({ columns, rows: page.rows, colours: output.colours }));
    output.note(footer(page, plural(page.rows.length, 'row'), output));
    return;
  }
  const records = order === 'desc' ? page.records.toReversed() : page.records;
  for (const record of records) output.text(recordText(record, output.colours));
  const more = page.next === null ? '' : ', more with --limit or --all';
  output.note(footer(page, `${plural(records.length, 'record')}${more}`, output));
}

/** How far the answer can be trusted, and what it cost. */
export function footer(page: RecordsPage | TablePage, first: string, output: Output): string {
  const { freshness, cost, gaps } = page;
  const fresh =
    freshness.lag_ms === 0
      ? 'up to now'
      : `up to ${localTime(freshness.visible_through)} (${durationText(freshness.lag_ms)} behind)`;
  const read = `${countText(cost.rows_read)} rows, ${bytesText(cost.bytes_read)} read in ${durationText(cost.elapsed_ms)}`;
  const lines = [output.colours.dim(`${first} · ${fresh} · ${read}`)];
  const missing = gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0);
  if (missing > 0)
    lines.push(output.colours.warning(`${plural(missing, 'record')} of this range never arrived:`));
  for (const gap of gaps.slice(0, GAPS_NAMED_MAX)) {
    const range = gap.from === gap.to ? `${gap.from}` : `${gap.from} to ${gap.to}`;
    lines.push(
      output.colours.warning(`  ${safeLine(gap.producer)}, boot ${safeLine(gap.boot)}: seq ${range}`),
    );
  }
  if (gaps.length > GAPS_NAMED_MAX)
    lines.push(output.colours.warning(`  and ${gaps.length - GAPS_NAMED_MAX} more stretches`));
  return lines.join('\n');
}

/** Without the fields that are undefined. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Exactly the fields that have a value.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
