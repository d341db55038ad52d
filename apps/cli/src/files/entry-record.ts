/**
 * An entry of a file → the fields of a record, by the format of its first line. Formats are told apart entry by entry: many
 * files hold two (a banner of the start script above JSON lines).
 */
import { isEdgeLine, readEdgeLine, readEdgeObject, textOfUnparsed } from '@sillok/edge';
import { createRedactor, encodeLimited, normaliseInput } from '@sillok/record';
import type { FlatRecord } from '@sillok/record';
import type { Entry } from './fold.js';
import { tryLogfmt } from './logfmt.js';
import { readPostgresEntry, readPostgresObject } from './postgres-log.js';
import { readTimeHead } from './text-time.js';
import type { TimeOptions } from './text-time.js';

export type LineFormat = 'json' | 'logfmt' | 'access' | 'postgresql' | 'text';

export interface EntryFields {
  readonly format: LineFormat;
  readonly fields: { readonly [field: string]: unknown };
  /** Why it could not be read as what it looks like; it is kept as text. */
  readonly problem?: string;
}

const LEVEL =
  /(?:^|[\s[(|])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE|EMERG|ALERT)(?=$|[\s\])|:,])|\[(trace|debug|info|notice|warn|error|crit|alert|emerg)\]/;
/** Further right the word belongs to the sentence. */
const LEVEL_WITHIN = 80;
const STACK_LINE =
  /^\s+at |^Caused by: |^Traceback \(most recent call last\):|^\s+File ".*", line \d+|^goroutine \d+ /;
const THROWN =
  /^(?:Exception in thread "[^"]*" |Uncaught |Unhandled )?((?:[A-Za-z_$][\w$]*\.)*(?:[A-Z][\w$]*)?(?:Error|Exception|Exit|Interrupt|Warning|Failure|Throwable))(?:: (.*))?$/;

export interface ReadOptions extends TimeOptions {
  /** The beginning of the file, where some formats name their fields. */
  readonly head?: () => string;
}

export function readEntry(entry: Entry, options: ReadOptions): EntryFields {
  const [first = ''] = entry.lines;
  const whole = first.trimStart();
  if (whole.startsWith('{')) {
    const object = tryObject(entry.lines.join('\n'));
    const access = object && readEdgeObject(object);
    if (access) return { format: 'access', fields: withOrigin(access, entry) };
    const postgres = object && readPostgresObject(object, options);
    if (postgres) return { format: 'postgresql', fields: withOrigin(postgres, entry) };
    if (object) return { format: 'json', fields: withOrigin(object, entry) };
    return whole.startsWith('{"') ? unread(entry, options, NOT_JSON) : readText(entry, options);
  }
  const postgres = readPostgresEntry(entry.lines, options);
  if (postgres && 'unparsed' in postgres) return unread(entry, options, postgres.unparsed);
  if (postgres) return { format: 'postgresql', fields: withOrigin(postgres.fields, entry) };
  if (entry.lines.length === 1) {
    const access = isEdgeLine(first) ? readAccess(entry, options) : undefined;
    if (access) return access;
    const logfmt = tryLogfmt(first);
    if (logfmt) return { format: 'logfmt', fields: withOrigin(logfmt, entry) };
  }
  return readText(entry, options);
}

const NOT_JSON = 'looks like JSON and is not; kept as text';

function readAccess(entry: Entry, options: ReadOptions): EntryFields | undefined {
  const head = options.head?.();
  const reading = readEdgeLine(entry.lines[0] ?? '', {
    utc: options.utc,
    ...(head === undefined ? {} : { head }),
  });
  if (reading === undefined) return undefined;
  if ('fields' in reading) return { format: 'access', fields: withOrigin(reading.fields, entry) };
  return unread(entry, options, reading.unparsed);
}

/** Kept as text, with the reason on the record itself. */
function unread(entry: Entry, options: ReadOptions, reason: string): EntryFields {
  const lines = entry.lines.map((line) => textOfUnparsed(line, options.head?.()));
  const text = readText({ ...entry, lines }, options);
  return { ...text, fields: { ...text.fields, 'sillok.unparsed': reason }, problem: reason };
}

const redactor = createRedactor();

/**
 * The canonical line of an entry, without the secrets and personal numbers in it: canonical lines are trusted by the server, as
 * those of an SDK are. A reason instead only for what cannot be a record at all.
 */
export function encodeEntry(
  fields: EntryFields['fields'],
  place: { readonly seq: number; readonly defaultTime: string },
): { readonly line: string; readonly record: FlatRecord } | { readonly reason: string } {
  const parsed = normaliseInput(fields, {
    seq: place.seq,
    dots: 'namespace',
    defaultTime: place.defaultTime,
  });
  if (!parsed.ok) return { reason: parsed.reason };
  const record = redactor.redact(parsed.record);
  return { line: encodeLimited(record), record };
}

function tryObject(text: string): { readonly [field: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // It began with a brace.
    return value as { readonly [field: string]: unknown };
  } catch {
    return undefined;
  }
}

/** What the wrapper of a container runtime knows, where the line itself does not say it. */
function withOrigin(
  fields: { readonly [field: string]: unknown },
  entry: Entry,
): { [field: string]: unknown } {
  return {
    ...(entry.stream === '' ? {} : { 'log.iostream': entry.stream }),
    ...(entry.cutBytes > 0 ? { 'sillok.truncated.bytes': entry.cutBytes } : {}),
    ...fields,
  };
}

function readText(entry: Entry, options: TimeOptions): EntryFields {
  const [first = '', ...more] = entry.lines;
  const head = readTimeHead(first, options);
  const message = head ? first.slice(head.length) : first;
  const level = LEVEL.exec(first.slice(0, LEVEL_WITHIN + (head?.length ?? 0)));
  const stack = stackFields(message, more);
  const text = stack || more.length === 0 ? message : [message, ...more].join('\n');
  const fields = {
    ...(head?.time === undefined ? {} : { time: head.time }),
    ...(level ? { level: level[1] ?? level[2] } : stack ? { level: 'error' } : {}),
    message: text,
    ...stack,
  };
  return { format: 'text', fields: withOrigin(fields, entry) };
}

function stackFields(message: string, more: readonly string[]): { [field: string]: string } | undefined {
  if (!more.some((line) => STACK_LINE.test(line)) && !STACK_LINE.test(message)) return undefined;
  // JavaScript and Java begin with what was thrown; Python ends with it.
  const own = THROWN.exec(message.trim());
  const lines = own || STACK_LINE.test(message) ? [message, ...more] : more;
  const thrown = own ?? THROWN.exec(lines[0] ?? '') ?? lastThrown(lines);
  return {
    ...(thrown?.[1] === undefined ? {} : { 'exception.type': thrown[1] }),
    ...(thrown?.[2] === undefined ? {} : { 'exception.message': thrown[2] }),
    'exception.stacktrace': lines.join('\n'),
  };
}

function lastThrown(lines: readonly string[]): RegExpExecArray | undefined {
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const match = /^([A-Za-z_][\w.]*)(?:: (.*))?$/.exec(lines[index] ?? '');
    if (match) return match;
  }
  return undefined;
}
