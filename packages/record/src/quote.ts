/**
 * JSON strings, fast. Most strings of a log need no escape, and to find that out is faster than
 * `JSON.stringify`; all others go there. A lone surrogate, which no UTF-8 file can hold, becomes U+FFFD: the
 * engine refuses whole batches over one.
 */
import { KEY_CACHE_LENGTH_MAX, KEY_CACHE_MAX, QUOTE_LOOP_LENGTH_MAX } from './limits.js';
import { KNOWN_ATTRIBUTES } from './known.js';

/** What JSON has to escape, or may have to: halves of surrogate pairs included. */
const TO_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

const LONE_SURROGATE = /\p{Surrogate}/gu;

/** `text` without lone surrogates. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\uFFFD');
}

export function isWellFormed(text: string): boolean {
  return text.search(LONE_SURROGATE) === -1;
}

let replaced = 0;

/**
 * How many lone surrogates were replaced so far: encoding a record tells by it whether the record held any.
 */
export function surrogatesReplaced(): number {
  return replaced;
}

export function quote(text: string): string {
  const length = text.length;
  if (length > QUOTE_LOOP_LENGTH_MAX) return TO_ESCAPE.test(text) ? quoteEscaped(text) : `"${text}"`;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff))
      return quoteEscaped(text);
  }
  return '"' + text + '"';
}

function quoteEscaped(text: string): string {
  const json = JSON.stringify(text);
  // Same length: nothing was escaped. Otherwise only an escaped lone surrogate begins with \ud.
  if (json.length === text.length + 2 || !json.includes('\\ud')) return json;
  const whole = wellFormed(text);
  if (whole !== text) replaced += 1;
  return JSON.stringify(whole);
}

// An even run of backslashes before it means that the text itself contains `\ud…`, which is no surrogate.
const ESCAPES = /\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/g;

/** JSON of an array or object, without lone surrogates in its strings and keys. */
export function quoteTree(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes('\\ud')) return json;
  const whole = json.replace(ESCAPES, (escape) => (escape.length > 2 ? '\uFFFD' : escape));
  if (whole === json) return json;
  replaced += 1;
  if (JSON.stringify(JSON.parse(whole)) === whole) return whole;
  // Keys have become the same: they stay apart when the escapes themselves stand as text.
  const spelled = json.replace(ESCAPES, (escape) => (escape.length > 2 ? `\\${escape}` : escape));
  return JSON.stringify(JSON.parse(spelled));
}

/** What is known about a path: how it is written, and its place among the known attributes, or -1. */
export interface PathInfo {
  /** With quotes and colon. */
  readonly json: string;
  readonly known: number;
}

const knownIndexes = new Map(KNOWN_ATTRIBUTES.map((attribute, index) => [attribute.name, index]));
const pathInfos = new Map<string, PathInfo>();

/** Services use the same few paths for ever, so they are quoted once. */
export function pathInfo(path: string): PathInfo {
  const cached = pathInfos.get(path);
  if (cached) return cached;
  const info = { json: `${quote(path)}:`, known: knownIndexes.get(path) ?? -1 };
  if (path.length <= KEY_CACHE_LENGTH_MAX) {
    if (pathInfos.size >= KEY_CACHE_MAX) pathInfos.clear();
    pathInfos.set(path, info);
  }
  return info;
}
