/** A record of the page → its line. Attributes stay nested or dotted as they are: the server flattens and redacts. */
import { ATTRIBUTES_MAX, MESSAGE_CHARACTERS_MAX, TEXT_CHARACTERS_MAX } from './limits.js';
import { timeAt } from './time.js';
import type { Attributes, Draft, Ids } from './types.js';

export interface LineHead {
  readonly seq: number;
  readonly ms: number;
  readonly ids: Ids;
}

export function lineOf(
  { kind, level, message, place, attributes }: Draft,
  { seq, ms, ids }: LineHead,
): string {
  const ends = { trace_id: place.traceId, span_id: place.spanId, parent_span_id: place.parentId };
  const head = { seq, time: timeAt(ms), kind, level, message: cut(message, MESSAGE_CHARACTERS_MAX) };
  return JSON.stringify({ ...head, ...ends, ...ids, attributes: bounded(attributes) });
}

/** What a caller adds may be anything: too many are left out by number, and what cannot be JSON becomes text. */
function bounded(attributes: Attributes): Attributes {
  const names = Object.keys(attributes);
  const kept: { [name: string]: unknown } = {};
  for (const name of names.slice(0, ATTRIBUTES_MAX)) kept[name] = plain(attributes[name]);
  if (names.length > ATTRIBUTES_MAX) kept['browser.attributes.left_out'] = names.length - ATTRIBUTES_MAX;
  return kept;
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, TEXT_CHARACTERS_MAX);
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return value;
  try {
    const text = JSON.stringify(value);
    return text === undefined || text.length > TEXT_CHARACTERS_MAX
      ? cut(String(text), TEXT_CHARACTERS_MAX)
      : value;
  } catch {
    return cut(String(value), TEXT_CHARACTERS_MAX);
  }
}

/** Of addresses, wherever they stand: stacks and messages name the page with its query, where tokens are. */
const QUERY = /(https?:\/\/[^\s?#"')]+)[?#][^\s"')]*?(?=(?::\d+)*(?:[\s"')]|$))/g;

/** Nothing is cut silently. */
function cut(given: string, charactersMax: number): string {
  const text = given.replace(QUERY, '$1');
  if (text.length <= charactersMax) return text;
  return `${text.slice(0, charactersMax)}… (${text.length - charactersMax} characters more)`;
}
