/** `sillok audit list · history · actor · person · customer · show · export`: who changed what, for people and as files. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { AUDIT_EXPORT_FORMATS, ROUTES } from '@sillok/api';
import type { AuditGroupsAnswer, AuditPage, AuditParams } from '@sillok/api';
import { Option, type Command } from 'commander';
import {
  addServerOptions,
  clientOf,
  countOption,
  momentOption,
  outputOf,
  type ServerOptions,
} from '../common.js';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { plural } from '../terminal/amounts.js';
import { safeLine } from '../terminal/safe-text.js';
import { changeText, changesTable, groupsTable, historyText } from './change-text.js';

type Filters = Pick<
  AuditParams,
  'entity' | 'actor' | 'action' | 'subject' | 'customer' | 'reads' | 'from' | 'to'
>;
type ListOptions = ServerOptions & Filters & Pick<AuditParams, 'limit'>;
type ExportOptions = ServerOptions & Filters & { readonly format: string; readonly out?: string };

export function addHistory(audit: Command, io: Io, finish: Finish): void {
  const listing = addFilters(audit.command('list').description('changes, newest first')).option(
    '--limit <count>',
    'at most so many',
    countOption('limit'),
  );
  addServerOptions(listing).action((options: ListOptions) => finish(() => list(options, io)));
  addOfOne(audit, io, finish);
  const showing = audit
    .command('show')
    .description('one change: before and after, who, why, and its records')
    .argument('<id>', 'as in "audit list"');
  addServerOptions(showing).action((id: string, options: ServerOptions) =>
    finish(() => show(id, options, io)),
  );
  const exporting = addFilters(
    audit.command('export').description('changes as a file: for spreadsheets, programs or event systems'),
  )
    .addOption(
      new Option('--format <format>', 'form of the file').choices(AUDIT_EXPORT_FORMATS).default('csv'),
    )
    .option('--out <file>', 'a file instead of standard output');
  addServerOptions(exporting).action((options: ExportOptions) => finish(() => exportChanges(options, io)));
}

function addFilters(command: Command): Command {
  return addRange(
    command
      .option('--entity <type/id>', 'of one entity, as in order/7, or of one type, as in order')
      .option('--actor <id>', 'by one actor')
      .option('--action <name>', 'of one kind')
      .option('--subject <user_hash>', 'about one person')
      .option('--customer <id>', 'of one company (customer.id)')
      .addOption(
        new Option('--reads <which>', 'looks at data: with the changes, without them, or only').choices([
          'with',
          'without',
          'only',
        ]),
      ),
  );
}

function addRange(command: Command): Command {
  return command
    .option('--from <time>', 'not before: 2026-11-21, 2026-11-21T10:00:00Z or 7d', momentOption)
    .option('--to <time>', 'before', momentOption);
}

type RangeOptions = ServerOptions & Pick<AuditParams, 'from' | 'to' | 'limit'>;

function addOfOne(audit: Command, io: Io, finish: Finish): void {
  const ofOne = (command: Command): Command =>
    addServerOptions(addRange(command).option('--limit <count>', 'at most so many', countOption('limit')));
  ofOne(
    audit
      .command('history')
      .description('everything that happened to one entity: who, from what to what, and the click behind it')
      .argument('<type>', 'as in order')
      .argument('<id>', 'of the entity'),
  ).action((type: string, id: string, options: RangeOptions) =>
    finish(() => history({ entity: `${type}/${id}` }, options, io)),
  );
  ofOne(
    audit.command('actor').description('everything that one actor did').argument('<id>', 'of the actor'),
  ).action((actor: string, options: RangeOptions) => finish(() => history({ actor }, options, io)));
  ofOne(
    audit
      .command('person')
      .description('everything about one person: what was changed, and who looked')
      .argument('<pseudonym>', 'a user_hash or session_hash; "sillok identity lookup" finds it'),
  ).action((person: string, options: RangeOptions) => finish(() => history({ person }, options, io)));
  ofOne(
    audit
      .command('customer')
      .description("a company's changes, split by who made them")
      .argument('<id>', 'customer.id'),
  ).action((customer: string, options: RangeOptions) => finish(() => people(customer, options, io)));
}

async function list(options: ListOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const page = await clientOf(options, io).http.json<AuditPage>({
    path: ROUTES.audit,
    query: queryOf(options),
  });
  output.data(page);
  if (page.changes.length > 0) output.text(changesTable(page.changes, output.colours));
  output.note(output.colours.dim(countOf(page)));
  return EXIT.ok;
}

async function history(
  of: Pick<AuditParams, 'entity' | 'actor' | 'person'>,
  options: RangeOptions,
  io: Io,
): Promise<number> {
  const output = outputOf(options, io);
  const query = { ...of, ...queryOf(options), causes: '1' };
  const page = await clientOf(options, io).http.json<AuditPage>({ path: ROUTES.audit, query });
  output.data(page);
  if (page.changes.length > 0) output.text(historyText(page.changes, output.colours));
  output.note(output.colours.dim(countOf(page)));
  return EXIT.ok;
}

async function people(customer: string, options: RangeOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const query = { customer, ...queryOf(options) };
  const answer = await clientOf(options, io).http.json<AuditGroupsAnswer>({
    path: ROUTES.auditGroups,
    query,
  });
  output.data(answer);
  if (answer.groups.length > 0) output.text(groupsTable(answer.groups, output.colours));
  output.note(output.colours.dim(plural(answer.groups.length, 'actor')));
  return EXIT.ok;
}

function countOf({ changes, truncated, kept_from: keptFrom }: AuditPage): string {
  const more = truncated ? '; there are more, narrow --from and --to' : '';
  const gone = keptFrom === undefined ? '' : `; what is older than ${keptFrom} is no longer kept`;
  return `${plural(changes.length, 'change')}${more}${gone}`;
}

function queryOf<T extends ServerOptions>({ url: _url, key: _key, json: _json, ...query }: T): object {
  return query;
}

async function show(id: string, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const query = { id, causes: '1' };
  const page = await clientOf(options, io).http.json<AuditPage>({ path: ROUTES.audit, query });
  const [change] = page.changes;
  if (change === undefined) {
    throw new CliError({
      code: 'not_found',
      message: `there is no change "${safeLine(id)}"`,
      help: '"sillok audit list" shows the ids.',
      exitCode: EXIT.failed,
    });
  }
  output.data(change);
  output.text(changeText(change, output.colours));
  return EXIT.ok;
}

async function exportChanges({ out, ...options }: ExportOptions, io: Io): Promise<number> {
  const response = await clientOf(options, io).http.send({
    path: ROUTES.auditExport,
    query: queryOf(options),
    signal: io.signal,
  });
  const file = out === undefined ? undefined : createWriteStream(out);
  let bytes = 0;
  // The DOM types of fetch do not say that a body is async iterable; in Node it is.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (file === undefined) io.out.write(Buffer.from(chunk));
    else if (!file.write(chunk)) await once(file, 'drain');
  }
  if (file === undefined) return EXIT.ok;
  file.end();
  await once(file, 'finish');
  const output = outputOf(options, io);
  output.data({ file: out, bytes });
  output.text(`${safeLine(out ?? '')}: ${plural(bytes, 'byte')}`);
  return EXIT.ok;
}
