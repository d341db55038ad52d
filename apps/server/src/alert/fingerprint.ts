/**
 * Which errors are the same one. Numbers, ids, addresses and quoted texts differ from case to case, so they are replaced by
 * a blank; what is left, with the service, the type and the top frame of the stack, names the error.
 */
import { createHash } from 'node:crypto';

import { compileMatcher, parseQuery, type Row } from '@sillok/query';
import type { FlatRecord } from '@sillok/record';

export interface Fingerprint {
  readonly id: string;
  readonly title: string;
}

const BLANKS: readonly RegExp[] = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
  /[\w.+-]{1,100}@[\w-]{1,100}\.[\w.-]{1,100}/g,
  /"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g,
  /\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b/gi,
  /\d+(?:[.,:]\d+)*/g,
];

/** The first line of a message with its varying parts as `*`. */
export function patternOf(message: string): string {
  let text = firstLine(message).slice(0, 500);
  for (const blank of BLANKS) text = text.replace(blank, '*');
  return text.replace(/\s+/g, ' ').trim();
}

export function fingerprintOf({ record, context }: Row): Fingerprint {
  const service = String(context.resource['service.name'] ?? '');
  const type = textOf(record, 'exception.type') || textOf(record, 'error.type');
  const message = textOf(record, 'exception.message') || record.message;
  const frame = topFrame(textOf(record, 'exception.stacktrace'));
  const parts = [context.project, service, type, patternOf(message), frame];
  const id = createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22);
  const line = firstLine(message);
  return { id, title: type === '' || line.startsWith(type) ? line : `${type}: ${line}` };
}

/**
 * A search that finds such records: service, level and type, and the longest stretch of the message that does not vary.
 * Each part is kept only if the record itself passes it.
 */
export function searchFor(row: Row): string {
  const { record, context } = row;
  const service = context.resource['service.name'];
  const type = textOf(record, 'exception.type');
  const stretches = patternOf(record.message).split('*');
  const longest = stretches.reduce((best, each) => (each.length > best.length ? each : best), '');
  const parts = [
    service === undefined ? '' : `service.name:${quoted(String(service))}`,
    `level:${record.level}`,
    type === '' ? '' : `exception.type:${quoted(type)}`,
    phraseOf(longest, row),
  ];
  return parts.filter((part) => part !== '' && finds(part, row)).join(' ');
}

/** A stretch may begin and end inside a word, which a phrase does not find: then without that word. */
function phraseOf(stretch: string, row: Row): string {
  const words = stretch.trim().split(/\s+/);
  const shorter = [words, words.slice(1), words.slice(0, -1), words.slice(1, -1)];
  const phrases = shorter.map((each) => each.join(' ')).filter((text) => /[\p{L}\p{N}]/u.test(text));
  return phrases.map(quoted).find((phrase) => finds(phrase, row)) ?? '';
}

export function finds(q: string, row: Row): boolean {
  const parsed = parseQuery(q);
  return parsed.ok && compileMatcher(parsed.query)(row);
}

export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

export function textOf(record: FlatRecord, name: string): string {
  const value = record[name] ?? record.attributes?.[name];
  return typeof value === 'string' ? value : '';
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** Function and file without line and column, which move with every release. */
function topFrame(stack: string): string {
  const frame = stack.split('\n').find((line) => /^\s*at /.test(line) && !/node_modules|node:/.test(line));
  return (frame ?? '').replace(/:\d+(:\d+)?\)?\s*$/, '').trim();
}
