/**
 * Lines of PostgreSQL's log in the form of `log_destination = stderr`: a prefix that each installation chooses
 * (`log_line_prefix`), a label, two spaces, text. Lines of a statement are indented by a tab; what belongs to an error (its
 * detail, its statement) follows in lines with a prefix and a label of their own, written in one piece.
 */
import { parseTime } from '@sillok/record';
import { readTimeHead, type TimeOptions } from './text-time.js';

export interface PostgresLine {
  readonly prefix: string;
  /** `LOG`, `ERROR`, `STATEMENT`, … */
  readonly label: string;
  readonly text: string;
}

const SEVERITIES = 'DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC';
const ADDITIONS = 'DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION|BACKTRACE';
/** A prefix is a few words. Two spaces behind the label are PostgreSQL's own. */
const LINE = new RegExp(`^(.{0,300}?)\\b(${SEVERITIES}|${ADDITIONS}):  (.*)$`, 's');
const ADDITION = new RegExp(`^(?:${ADDITIONS})$`);
/** With a time or a process in front, so that nobody else's `ERROR:  ` is taken for it. */
const TIME = /^\[?(?:\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}|\d{10}\.\d{3}\b)/;
const PROCESS = /\[(\d{1,10})(?:-\d+)?\]/;

export function tryPostgresLine(line: string): PostgresLine | undefined {
  // Most lines of other programs have no such label at all.
  if (!line.includes(':  ')) return undefined;
  const found = LINE.exec(line);
  if (found === null) return undefined;
  const [, prefix = '', label = '', text = ''] = found;
  return TIME.test(prefix) || PROCESS.test(prefix) ? { prefix, label, text } : undefined;
}

/** Whether the line belongs to the entry that begins with `first`: detail, hint and statement of the same process. */
export function belongsToPostgres(first: string, line: string): boolean {
  const next = tryPostgresLine(line);
  if (next === undefined || !ADDITION.test(next.label)) return false;
  const head = tryPostgresLine(first);
  return head !== undefined && pidOf(head.prefix) === pidOf(next.prefix);
}

export function pidOf(prefix: string): number | undefined {
  const found = PROCESS.exec(prefix) ?? /(?:^|[\s,])(?:pid|p)=(\d{1,10})/.exec(prefix);
  return found === null ? undefined : Number(found[1]);
}

/** Abbreviations that mean one offset only wherever they are used; others are read as times of this machine. */
const ZONES: { readonly [name: string]: string } = {
  UTC: 'Z',
  GMT: 'Z',
  KST: '+09:00',
  JST: '+09:00',
  CET: '+01:00',
  CEST: '+02:00',
  EET: '+02:00',
  EEST: '+03:00',
  EDT: '-04:00',
  EST: '-05:00',
  CDT: '-05:00',
  MDT: '-06:00',
  PDT: '-07:00',
  PST: '-08:00',
};
const STAMP =
  /^\[?(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(?: ([A-Z]{2,5}|[+-]\d{2}(?::?\d{2})?)(?![\w-]))?/;
const EPOCH = /^(\d{10}\.\d{3})\b/;

export function postgresTime(text: string, options: TimeOptions): string | undefined {
  const epoch = EPOCH.exec(text)?.[1];
  if (epoch !== undefined) return parseTime(epoch);
  const found = STAMP.exec(text);
  if (found === null) return undefined;
  const [, date = '', clock = '', zone = ''] = found;
  const offset = ZONES[zone] ?? (/^[+-]/.test(zone) ? zone : undefined);
  return offset === undefined
    ? readTimeHead(`${date} ${clock}`, options)?.time
    : parseTime(`${date}T${clock}${offset}`);
}

/** What a prefix of the usual kinds says: `user@database`, `user=u,db=d,app=a,client=h`, a SQLSTATE at its end. */
export function readPrefix(prefix: string): { readonly [field: string]: string | undefined } {
  const named = (names: string): string | undefined =>
    new RegExp(`(?:^|[\\s,\\[])(?:${names})=([^,\\s\\]]+)`).exec(prefix)?.[1];
  const pair = /(?:^|\s)([^\s@,=[\]]+)@([^\s@,=[\]]+)(?=\s|:|,|$)/.exec(prefix);
  return {
    user: named('user|u') ?? pair?.[1],
    database: named('db|database|d') ?? pair?.[2],
    application: named('app|application|a'),
    client: named('client|host|h')?.replace(/\(\d+\)$/, ''),
    state: /(?:^|[\s=,])([0-9][0-9A-Z]{4}|[A-Z][0-9][0-9A-Z]{3}|XX00\d)[\s:,]*$/.exec(prefix)?.[1],
  };
}
