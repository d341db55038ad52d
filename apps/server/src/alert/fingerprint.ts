/** How an error is named in an alert, and a search that finds it again. */
import { compileMatcher, parseQuery, type Row } from '@sillok/query';

import {
  blanked,
  faultOf,
  fingerprintOf as faultFingerprint,
  firstLine,
  textOf,
} from '../analysis/compare/fingerprint.js';

export interface Fingerprint {
  readonly id: string;
  readonly title: string;
}

/** The first line of a message with its varying parts as `*`. */
export function patternOf(message: string): string {
  return blanked(firstLine(message).slice(0, 500), '*').replace(/\s+/g, ' ').trim();
}

/** The fingerprint that lists of errors have, too. */
export function fingerprintOf(row: Row): Fingerprint {
  const fault = faultOf(row);
  const message = textOf(row.record, 'exception.message') || row.record.message;
  const line = firstLine(message);
  const title = fault.type === '' || line.startsWith(fault.type) ? line : `${fault.type}: ${line}`;
  return { id: faultFingerprint(fault), title };
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
