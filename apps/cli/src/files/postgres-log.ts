/**
 * PostgreSQL's log as records, in its three forms: stderr, csvlog, jsonlog. A slow or failed statement gets back to its request by
 * the comment that it carries (see `@sillok/node/sql`).
 *
 * Values of customers stand all over this log: in statements, parameters, details. None of them is kept: statements are without
 * literals, parameters go, and of the sentences that quote values these are taken out.
 */
import { readSqlComment, sqlErrorWithoutValues, sqlWithoutLiterals, summariseSql } from '@sillok/context';
import { parseCsvRow } from './postgres-csv.js';
import { pidOf, postgresTime, readPrefix, tryPostgresLine } from './postgres-line.js';
import type { TimeOptions } from './text-time.js';

type Fields = { readonly [field: string]: unknown };

/** One entry of the log, whatever its form. Absent and empty are the same. */
interface PostgresEvent {
  readonly time: string | undefined;
  readonly severity: string;
  readonly message: string;
  readonly statement?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly context?: string | undefined;
  readonly state?: string | undefined;
  readonly pid?: number | undefined;
  readonly user?: string | undefined;
  readonly database?: string | undefined;
  readonly application?: string | undefined;
  readonly client?: string | undefined;
}

export type PostgresReading = { readonly fields: Fields } | { readonly unparsed: string };

/** Lines of one entry. Undefined when they are not PostgreSQL's. */
export function readPostgresEntry(
  lines: readonly string[],
  options: TimeOptions,
): PostgresReading | undefined {
  const [first = ''] = lines;
  const line = tryPostgresLine(first);
  if (line !== undefined) return { fields: fieldsOf(eventOfLines(lines, options)) };
  if (!isPostgresCsv(first)) return undefined;
  const row = parseCsvRow(lines.join('\n'));
  if (row === undefined || row.length < ROW_COLUMNS) {
    return { unparsed: 'looks like a row of PostgreSQL’s csvlog and is not whole' };
  }
  return { fields: fieldsOf(eventOfRow(row, options)) };
}

/** A line of jsonlog. */
export function readPostgresObject(object: Fields, options: TimeOptions): Fields | undefined {
  const { timestamp, error_severity: severity, pid } = object;
  if (typeof timestamp !== 'string' || typeof severity !== 'string' || typeof pid !== 'number')
    return undefined;
  const text = (name: string): string => (typeof object[name] === 'string' ? object[name] : '');
  return fieldsOf({
    time: postgresTime(timestamp, options),
    severity,
    message: text('message'),
    statement: text('statement'),
    detail: text('detail'),
    hint: text('hint'),
    context: text('context'),
    state: text('state_code'),
    pid,
    user: text('user'),
    database: text('dbname'),
    application: text('application_name'),
    client: text('remote_host'),
  });
}

/** Time, user, database, process, and `host:port` or nothing: as every row begins. */
const CSV =
  /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3} [A-Z+-][A-Z0-9:+-]*,(?:"[^"]*"|[^,]*),(?:"[^"]*"|[^,]*),\d+,/;
const ROW_COLUMNS = 23;

export function isPostgresCsv(line: string): boolean {
  return CSV.test(line);
}

function eventOfRow(row: readonly string[], options: TimeOptions): PostgresEvent {
  const [time = '', user, database, pid, from = '', , , , , , , severity = '', state, message = ''] = row;
  const [detail, hint, , , context, statement, , , application] = row.slice(14);
  const known = { user, database, state, message, detail, hint, context, statement, application };
  const client = from.replace(/:\d+$/, '');
  return { ...known, time: postgresTime(time, options), severity, pid: Number(pid), client };
}

function eventOfLines(lines: readonly string[], options: TimeOptions): PostgresEvent {
  const parts: { label: string; text: string }[] = [];
  let prefix = '';
  for (const line of lines) {
    const found = tryPostgresLine(line);
    const last = parts.at(-1);
    if (found !== undefined && (last === undefined || !line.startsWith('\t'))) {
      parts.push({ label: found.label, text: found.text });
      if (prefix === '') ({ prefix } = found);
    } else if (last !== undefined) last.text += `\n${line.replace(/^\t/, '')}`;
  }
  const [head = { label: 'LOG', text: '' }] = parts;
  const part = (label: string): string | undefined => parts.find((each) => each.label === label)?.text;
  return {
    ...readPrefix(prefix),
    time: postgresTime(prefix, options),
    // A file may begin in the middle of an entry: what is there is kept.
    severity: head.label === 'STATEMENT' || head.label === 'DETAIL' ? 'LOG' : head.label,
    message: head.label === 'STATEMENT' ? `statement: ${head.text}` : head.text,
    statement: part('STATEMENT'),
    detail: part('DETAIL'),
    hint: part('HINT'),
    context: part('CONTEXT'),
    pid: pidOf(prefix),
  };
}

const LEVELS: { readonly [severity: string]: string } = {
  LOG: 'info',
  INFO: 'info',
  NOTICE: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
  PANIC: 'fatal',
};
const SUCCESS = '00000';
const DURATION = /^duration: (\d+(?:\.\d+)?) ms(?: {2}([\s\S]*))?$/;
/** `statement: …`, `execute <unnamed>: …`, and the plan of auto_explain with the statement in its first lines. */
const SENT = /^(statement|(?:parse|bind|execute) [^:\n]*|plan):\s+(?:Query Text: )?([\s\S]*)$/;
const PLAN_BEGINS = /\n(?=[^\n]*\(cost=)/;
const PARAMETERS = /^parameters: /i;

function fieldsOf(event: PostgresEvent): Fields {
  const { severity, state, message } = event;
  const duration = DURATION.exec(message);
  const sent = SENT.exec(duration?.[2] ?? message);
  const [query = '', plan] = (sent?.[2] ?? event.statement ?? '').split(PLAN_BEGINS, 2);
  const text = query === '' ? undefined : sqlWithoutLiterals(query);
  const parent = query === '' ? undefined : readSqlComment(query);
  const isFailure = state !== undefined && state !== '' && state !== SUCCESS;
  return {
    ...(event.time === undefined ? {} : { time: event.time }),
    level: LEVELS[severity] ?? 'debug',
    message: messageOf(duration, sent, text) ?? sqlErrorWithoutValues(message),
    ...(parent === undefined ? {} : { trace_id: parent.traceId, span_id: parent.parentId }),
    ...(duration === null ? {} : { duration_ms: Number(duration[1]) }),
    ...(isFailure ? { 'error.type': state, 'db.response.status_code': state } : {}),
    'db.system.name': 'postgresql',
    ...statementFields(text, plan),
    ...present({
      'db.namespace': event.database,
      'db.user': event.user,
      'client.address': event.client === '[local]' ? undefined : event.client,
      'postgresql.application_name': event.application,
      'postgresql.detail': detailOf(event.detail),
      'postgresql.hint': event.hint,
      // Statements stand in it between double quotes, which mean names elsewhere.
      'postgresql.context': sqlWithoutLiterals((event.context ?? '').replaceAll('"', ' ')),
    }),
    'postgresql.severity': severity,
    ...(event.pid === undefined ? {} : { 'process.pid': event.pid }),
  };
}

function messageOf(
  duration: RegExpExecArray | null,
  sent: RegExpExecArray | null,
  text: string | undefined,
): string | undefined {
  if (sent === null || text === undefined) return duration?.[0];
  const [, how = ''] = sent;
  return duration === null ? `${how}: ${text}` : `duration: ${duration[1]} ms  ${how}: ${text}`;
}

function statementFields(text: string | undefined, plan: string | undefined): Fields {
  if (text === undefined) return {};
  const { operation, target } = summariseSql(text);
  return present({
    'db.query.text': text,
    'db.operation.name': operation,
    'db.collection.name': target,
    'db.query.plan': plan
      ?.split('\n')
      .map((line) => planLine(line))
      .join('\n'),
  });
}

/** The tree is in the indentation. */
function planLine(line: string): string {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  return /\(cost=/.test(line) ? line : indent + sqlWithoutLiterals(line);
}

function detailOf(detail: string | undefined): string | undefined {
  if (detail === undefined) return undefined;
  return PARAMETERS.test(detail) ? '(parameters are not kept)' : sqlErrorWithoutValues(detail);
}

function present(fields: { readonly [field: string]: string | undefined }): { [field: string]: string } {
  const kept: { [field: string]: string } = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined && value !== '') kept[field] = value;
  }
  return kept;
}
