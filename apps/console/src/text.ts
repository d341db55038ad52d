/** How values look to a person. Records come from anywhere: control characters are shown, never obeyed. */
import type { Envelope } from '@sillok/record';

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

const clock = new Intl.DateTimeFormat('en-GB', {
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** Local day and time to the millisecond; the full nine digits stand in the detail. */
export function dayAndTime(time: string): readonly [day: string, time: string] {
  const parts = Object.fromEntries(
    clock.formatToParts(new Date(time)).map((part) => [part.type, part.value]),
  );
  const { month, day, hour, minute, second } = parts;
  return [`${month}-${day}`, `${hour}:${minute}:${second}.${time.slice(20, 23)}`];
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
  const name = field.replaceAll('\\.', '.');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const plain = /^[\p{L}\p{N}_./-]+$/u.test(text) && !text.startsWith('-');
  return `${name}:${plain ? text : JSON.stringify(text)}`;
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(0)} KB`;
  return count < 1024 ** 3 ? `${(count / 1024 ** 2).toFixed(1)} MB` : `${(count / 1024 ** 3).toFixed(1)} GB`;
}
