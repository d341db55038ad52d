/**
 * Random ids out of a pool of text that is made at once: a piece of it costs a tenth of putting an id together byte by byte, and
 * a server needs two per request. A place for a new trace is one piece, as it stands in a header: its ids are parts of that
 * piece, and nothing is put together at all.
 */
import { randomFillSync } from 'node:crypto';
import type { IdSource } from '@sillok/context';
import { ID_POOL_PLACES } from './limits.js';

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;
/** Random bytes of one place, and characters of `00-<trace>-<span>-03`: sampled, and random as Level 2 of W3C asks. */
const PLACE_BYTES = (TRACE_DIGITS + SPAN_DIGITS) / 2;
const PLACE_CHARACTERS = 55;
const TEMPLATE = Buffer.from(`00-${'0'.repeat(TRACE_DIGITS)}-${'0'.repeat(SPAN_DIGITS)}-03`);
const TRACE_START = 3;
const TRACE_END = TRACE_START + TRACE_DIGITS;
const SPAN_START = TRACE_END + 1;
const SPAN_END = SPAN_START + SPAN_DIGITS;
const DIGITS = Buffer.from('0123456789abcdef');

const random = Buffer.allocUnsafeSlow(ID_POOL_PLACES * PLACE_BYTES);
const written = Buffer.allocUnsafeSlow(ID_POOL_PLACES * PLACE_CHARACTERS);
written.fill(TEMPLATE);
let texts = '';
let next = 0;

/** The beginning of a trace. */
export interface NewPlace {
  /** Value of a `traceparent` or `traceresponse`. */
  readonly text: string;
  readonly traceId: string;
  readonly spanId: string;
}

export function newPlace(): NewPlace {
  const text = take();
  return { text, traceId: text.slice(TRACE_START, TRACE_END), spanId: text.slice(SPAN_START, SPAN_END) };
}

export const nodeIds: IdSource = {
  newTraceId: () => take().slice(TRACE_START, TRACE_END),
  newSpanId: () => take().slice(SPAN_START, SPAN_END),
};

function take(): string {
  if (next === texts.length) {
    texts = refill();
    next = 0;
  }
  const text = texts.slice(next, next + PLACE_CHARACTERS);
  next += PLACE_CHARACTERS;
  // An id of zeros is none; the first digits decide all but one time in sixteen.
  const isSuspect = text.charAt(TRACE_START) === '0' || text.charAt(SPAN_START) === '0';
  return isSuspect && /-0+-/.test(text) ? take() : text;
}

function refill(): string {
  randomFillSync(random);
  for (let place = 0; place < ID_POOL_PLACES; place += 1) {
    const from = place * PLACE_BYTES;
    const to = place * PLACE_CHARACTERS;
    writeDigits(from, from + TRACE_DIGITS / 2, to + TRACE_START);
    writeDigits(from + TRACE_DIGITS / 2, from + PLACE_BYTES, to + SPAN_START);
  }
  return written.toString('latin1');
}

function writeDigits(from: number, end: number, to: number): void {
  let at = to;
  for (let index = from; index < end; index += 1) {
    const byte = random[index] ?? 0;
    written[at] = DIGITS[byte >> 4] ?? 0;
    written[at + 1] = DIGITS[byte & 15] ?? 0;
    at += 2;
  }
}
