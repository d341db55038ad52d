/** How values look to a person. Records come from anywhere: control characters are shown, never obeyed. */
import type { Envelope } from '@sillok/record';
import { writeFieldName, writeValue } from '@sillok/query';

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Makes control and direction characters visible, so that no record can pretend to be something else. */
export function shown(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20
      ? String.fromCodePoint(0x2400 + code)
      : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Local day and time to the millisecond; the full nine digits stand in the detail. */
export function dayAndTime(time: string): readonly [day: string, time: string] {
  // Every row of a list has one: `Intl` makes some thirty objects for each (6 µs against 0.5).
  const at = new Date(time);
  const day = `${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
  return [day, `${clock}.${time.slice(20, 23)}`];
}

export function shortTime(time: string): string {
  return dayAndTime(time).join(' ');
}

export function serviceOf(record: Envelope): string {
  return String(record.resource['service.name'] ?? record.producer);
}

/** The dotted leaves of a nested object, in order, with dots inside a key escaped as the search language does. */
export function leaves(value: unknown, path = ''): [string, unknown][] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [[path, value]];
  const entries = Object.entries(value);
  if (entries.length === 0) return path === '' ? [] : [[path, value]];
  return entries.flatMap(([key, inner]) => {
    const escaped = key.replaceAll('\\', '\\\\').replaceAll('.', '\\.');
    return leaves(inner, path === '' ? escaped : `${path}.${escaped}`);
  });
}

/** A term of the search language that finds exactly this value. */
export function term(field: string, value: unknown): string {
  const name = writeFieldName(field.replaceAll('\\.', '.'));
  if (value === null) return `${name}:null`;
  return `${name}:${writeValue(typeof value === 'string' ? value : JSON.stringify(value))}`;
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(0)} KB`;
  return count < 1024 ** 3 ? `${(count / 1024 ** 2).toFixed(1)} MB` : `${(count / 1024 ** 3).toFixed(1)} GB`;
}

/** The value of a field by its dotted name, wherever it stands; undefined when the record has none. */
export function valueIn(record: Envelope, name: string): unknown {
  const own: unknown = Reflect.get(record, name);
  if (own !== undefined && name !== 'attributes' && name !== 'resource') return own;
  const resource = record.resource[name.replace(/^resource\./, '')];
  const attribute = leafAt(record.attributes, name.replace(/^attributes\./, ''));
  return attribute ?? resource;
}

/** Keys may hold dots themselves: the longest key that fits is tried first. */
function leafAt(from: unknown, path: string): unknown {
  let at = from;
  let rest = path;
  while (rest !== '') {
    if (at === null || typeof at !== 'object') return undefined;
    const entries: readonly (readonly [string, unknown])[] = Object.entries(at);
    const now = rest;
    const next = entries
      .filter(([key]) => now === key || now.startsWith(`${key}.`))
      .toSorted(([a], [b]) => b.length - a.length)[0];
    if (next === undefined) return undefined;
    at = next[1];
    rest = rest.slice(next[0].length + 1);
  }
  return at;
}

/** Any value as one line of harmless text. */
export function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return shown(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}

/** What was thrown, where the message does not say it: a failed span is named after what it was to do. */
export function faultIn(record: Envelope): string {
  if (record.level !== 'error' && record.level !== 'fatal') return '';
  const said = firstLine(valueIn(record, 'exception.message'));
  if (said !== '' && record.message.includes(said)) return '';
  const type = firstLine(valueIn(record, 'exception.type'));
  return shown([type, said].filter((part) => part !== '').join(': '));
}

function firstLine(value: unknown): string {
  return typeof value === 'string' ? (value.split('\n', 1)[0] ?? '') : '';
}

export const identityOf = (record: Envelope): string => `${record.producer}/${record.boot}/${record.seq}`;
