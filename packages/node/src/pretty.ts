/**
 * Records for people at a terminal. Values come from strangers, so nothing in them may move the cursor, change colours or
 * turn the direction of writing: control characters are shown as escapes.
 */
import { decodeRecord, type FlatRecord, type Level } from '@sillok/record';
import { PRETTY_VALUE_CHARACTERS_MAX } from './limits.js';

const RESET = '\u001b[0m';
const DIM = '\u001b[2m';
const COLOURS: Readonly<Record<Level, string>> = {
  trace: '\u001b[90m',
  debug: '\u001b[36m',
  info: '\u001b[32m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
  fatal: '\u001b[41;97m',
};
const SHOWN_APART = new Set([
  'seq',
  'time',
  'kind',
  'level',
  'message',
  'attributes',
  'exception.stacktrace',
]);
const HIDDEN = new Set(['span_id', 'parent_span_id', 'global_trace_id', 'session_hash', 'user_hash']);
const TRACE_SHOWN = 8;

/** Controls (C0, DEL, C1), line and paragraph separators, and marks that change the direction of text. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export interface PrettyOptions {
  readonly colours: boolean;
}

export function prettyLine(line: string, options: PrettyOptions): string {
  return prettyRecord(decodeRecord(line), options);
}

function prettyRecord(record: FlatRecord, { colours }: PrettyOptions): string {
  const paint = (code: string, text: string): string => (colours ? `${code}${text}${RESET}` : text);
  const { level, time, message, kind } = record;
  const clock = localTime(time);
  const label = paint(COLOURS[level], level.toUpperCase().padEnd(5));
  const kindText = kind === 'log' ? '' : paint(DIM, `${kind} `);
  const fields = fieldsOf(record).map(([name, value]) => `${paint(DIM, `${name}=`)}${value}`);
  const rest = fields.length === 0 ? '' : `  ${fields.join(' ')}`;
  const stack = record['exception.stacktrace'];
  const stackText = typeof stack === 'string' ? `\n${indented(stack)}` : '';
  return `${paint(DIM, clock)} ${label} ${kindText}${printable(message)}${rest}${stackText}`;
}

function fieldsOf(record: FlatRecord): [string, string][] {
  const fields: [string, string][] = [];
  for (const [name, value] of Object.entries(record)) {
    if (SHOWN_APART.has(name) || HIDDEN.has(name)) continue;
    fields.push([name, name === 'trace_id' ? String(value).slice(0, TRACE_SHOWN) : shown(value)]);
  }
  for (const [path, value] of Object.entries(record.attributes ?? {}))
    fields.push([printable(path), shown(value)]);
  return fields;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const short =
    text.length <= PRETTY_VALUE_CHARACTERS_MAX
      ? text
      : `${text.slice(0, PRETTY_VALUE_CHARACTERS_MAX)}… (${text.length} characters)`;
  return typeof value === 'string' && (/[\s="]/.test(short) || short === '')
    ? `"${printable(short)}"`
    : printable(short);
}

/** Text without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (found) => {
    if (found === '\n') return '\\n';
    if (found === '\t') return '\\t';
    return `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

function indented(stack: string): string {
  return stack
    .split('\n')
    .map((line) => `    ${printable(line.trimEnd())}`)
    .join('\n');
}

/** Hours to milliseconds, in the reader's time zone. */
function localTime(time: string): string {
  const date = new Date(`${time.slice(0, 23)}Z`);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
