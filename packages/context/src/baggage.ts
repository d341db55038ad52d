/**
 * The `baggage` header of W3C Baggage: named values that travel with a request through all services.
 *
 * A member that breaks the grammar is left out and the others are kept (the specification lets us choose; losing
 * one value is better than losing the story of a customer). Values are percent-decoded on the way in and encoded
 * on the way out, so they may hold any text.
 */
import { BAGGAGE_BYTES_MAX, BAGGAGE_MEMBERS_MAX, HEADER_CHARACTERS_MAX } from './limits.js';

export interface BaggageEntry {
  readonly value: string;
  /** Raw text of the properties after the first `;`, passed on unread. */
  readonly properties?: string;
}

export type Baggage = ReadonlyMap<string, BaggageEntry>;

export const EMPTY_BAGGAGE: Baggage = new Map();

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** baggage-octet: printable ASCII but space, double quote, comma, semicolon and backslash. */
const OCTETS = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
/** What must be encoded although it is not reserved in a URI component is nothing; `%` itself is always encoded. */
const PROPERTIES = /^[\x20\x09\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]*$/;

export function parseBaggage(header: string): Baggage {
  if (header.length > HEADER_CHARACTERS_MAX) return EMPTY_BAGGAGE;
  const entries = new Map<string, BaggageEntry>();
  let bytes = 0;
  for (const part of header.split(',')) {
    bytes += part.length + 1;
    if (entries.size >= BAGGAGE_MEMBERS_MAX || bytes > BAGGAGE_BYTES_MAX + 1) break;
    const member = parseMember(part);
    if (member !== undefined) entries.set(member.key, member.entry);
  }
  return entries;
}

/** Entries in insertion order; those that would exceed the limits are left out, the first ones win. */
export function formatBaggage(baggage: Baggage): string {
  let text = '';
  let count = 0;
  for (const [key, entry] of baggage) {
    if (!TOKEN.test(key)) continue;
    const properties = entry.properties === undefined ? '' : `;${entry.properties}`;
    const member = `${key}=${encodeURIComponent(toWellFormed(entry.value))}${properties}`;
    const next = text === '' ? member : `${text},${member}`;
    if (count >= BAGGAGE_MEMBERS_MAX || next.length > BAGGAGE_BYTES_MAX) break;
    text = next;
    count += 1;
  }
  return text;
}

function parseMember(part: string): { key: string; entry: BaggageEntry } | undefined {
  const semicolon = part.indexOf(';');
  const pair = semicolon < 0 ? part : part.slice(0, semicolon);
  const equals = pair.indexOf('=');
  if (equals <= 0) return undefined;
  const key = pair.slice(0, equals).trim();
  const raw = pair.slice(equals + 1).trim();
  if (!TOKEN.test(key) || !OCTETS.test(raw)) return undefined;
  const value = decodePercent(raw);
  if (semicolon < 0) return { key, entry: { value } };
  const properties = part.slice(semicolon + 1).trim();
  if (properties === '' || !PROPERTIES.test(properties)) return { key, entry: { value } };
  return { key, entry: { value, properties } };
}

/** A value whose percent signs are not UTF-8 stands as it was sent: wrong text tells more than no text. */
function decodePercent(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** `encodeURIComponent` throws on lone surrogates; they become U+FFFD, as everywhere in UTF-8. */
function toWellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
