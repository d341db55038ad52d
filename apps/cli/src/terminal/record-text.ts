/**
 * A record as people read it: one line with time, level, service, message and attributes; the stack below it.
 *
 * Nothing of a record reaches the terminal without `safeLine`.
 */
import type { Envelope, Json } from '@sillok/record';
import { SHOWN_VALUE_WIDTH_MAX } from '../limits.js';
import type { Colours } from './colours.js';
import { safeLine, safeLines } from './safe-text.js';
import { fit, padEnd } from './width.js';

const LEVEL_WIDTH = 5;
const STACK = 'exception.stacktrace';

export function recordText(record: Envelope, colours: Colours): string {
  const [first = '', ...rest] = safeLines(record.message);
  const service = record.resource['service.name'];
  const line = [
    colours.dim(localTime(record.time)),
    colours.level(record.level)(padEnd(record.level.toUpperCase(), LEVEL_WIDTH)),
    ...(record.kind === 'log' ? [] : [colours.accent(record.kind)]),
    ...(service === undefined ? [] : [colours.name(safeLine(String(service)))]),
    first,
    ...pairsOf(record, colours),
  ];
  const below = rest.map((text) => `    ${text}`);
  return [line.filter((part) => part !== '').join(' '), ...below, ...stackOf(record, colours)].join('\n');
}

/** `11-21 19:00:00.123` in the reader's zone. The year is in --json; people look at the last days. */
export function localTime(time: string): string {
  const date = new Date(`${time.slice(0, 23)}Z`);
  if (Number.isNaN(date.getTime())) return safeLine(time);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${clock}.${time.slice(20, 23)}`;
}

function pairsOf(record: Envelope, colours: Colours): string[] {
  const pairs = flatPairs(record.attributes).filter(([path]) => path !== STACK);
  const ids = record.trace_id === undefined ? [] : [['trace', record.trace_id.slice(0, 8)] as const];
  return [...pairs, ...ids].map(([path, value]) => {
    const text = fit(safeLine(value), SHOWN_VALUE_WIDTH_MAX);
    return `${colours.dim(`${safeLine(path)}=`)}${text}`;
  });
}

function stackOf(record: Envelope, colours: Colours): string[] {
  const stack = flatPairs(record.attributes).find(([path]) => path === STACK)?.[1];
  return stack === undefined ? [] : safeLines(stack.trimEnd()).map((line) => colours.dim(`    ${line}`));
}

/** Attributes as dotted paths and texts, in order, without recursion. */
export function flatPairs(attributes: { readonly [key: string]: Json }): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const open: [string, Json][] = Object.entries(attributes).reverse();
  for (let next = open.pop(); next; next = open.pop()) {
    const [path, value] = next;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      pairs.push([path, typeof value === 'string' ? value : JSON.stringify(value)]);
      continue;
    }
    const below = Object.entries(value).reverse();
    if (below.length === 0) pairs.push([path, '{}']);
    for (const [key, child] of below) open.push([`${path}.${key}`, child]);
  }
  return pairs;
}
