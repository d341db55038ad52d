/**
 * An answer of search whose records stay the bytes that came. A list of 100,000 records as objects makes the collector of
 * garbage stop the page for 100 ms and more (docs/decisions/0010); as bytes they are some hundred buffers that it never looks
 * into, and a record becomes an object when its row is drawn.
 *
 * The server writes `{"records":[…],…}`. The scan below finds where each record begins and ends in one pass, without an
 * object; everything beside the records is parsed at once.
 */
import type { Envelope } from '@sillok/record';

export interface PageBytes {
  readonly count: number;
  /** Parsed anew at each call. */
  readonly record: (row: number) => Envelope;
}

export interface ReadAnswer {
  /** The answer with an empty list of records; all of it where the answer has none. */
  readonly rest: unknown;
  readonly records: PageBytes | undefined;
}

const BEGINNING = new TextEncoder().encode('{"records":[');
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [BRACE, BRACKET, BRACE_END, BRACKET_END] = [0x7b, 0x5b, 0x7d, 0x5d];

export function readAnswer(bytes: Uint8Array): ReadAnswer {
  const found = BEGINNING.every((byte, index) => bytes[index] === byte) ? scan(bytes) : undefined;
  // Bytes of UTF-8 beyond ASCII are never those of quotes and brackets, so the text need not be decoded to be cut.
  const text = new TextDecoder();
  if (found === undefined) return { rest: JSON.parse(text.decode(bytes)), records: undefined };
  const { bounds, end } = found;
  const rest = text.decode(bytes.subarray(0, BEGINNING.length)) + text.decode(bytes.subarray(end));
  const record = (row: number): Envelope => {
    const line = text.decode(bytes.subarray(bounds[row * 2], bounds[row * 2 + 1]));
    // The server's answers follow the public contract of packages/api: these are envelopes.
    return JSON.parse(line) as Envelope;
  };
  return { rest: JSON.parse(rest), records: { count: bounds.length / 2, record } };
}

interface Scanned {
  /** Begin and end of each record, one after the other. */
  readonly bounds: Uint32Array;
  /** Where the list of records ends. */
  readonly end: number;
}

/** Undefined when the text ends before its list of records does. */
function scan(bytes: Uint8Array): Scanned | undefined {
  const bounds: number[] = [];
  let depth = 0;
  for (let at = BEGINNING.length; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfText(bytes, at);
    else if (byte === BRACE || byte === BRACKET) {
      if (depth === 0) bounds.push(at);
      depth += 1;
    } else if (byte === BRACE_END || byte === BRACKET_END) {
      if (depth === 0) return { bounds: Uint32Array.from(bounds), end: at };
      depth -= 1;
      if (depth === 0) bounds.push(at + 1);
    }
  }
  return undefined;
}

function endOfText(bytes: Uint8Array, quote: number): number {
  let at = quote + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
