/**
 * Random ids out of a pool of hex digits that the runtime makes at once: a piece of it costs a tenth of putting an id
 * together byte by byte, and a server needs two per request.
 */
import { randomFillSync } from 'node:crypto';
import type { IdSource } from '@sillok/context';
import { ID_POOL_BYTES } from './limits.js';

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;
const pool = Buffer.allocUnsafeSlow(ID_POOL_BYTES);
let digits = '';
let used = 0;

function take(length: number): string {
  if (used + length > digits.length) {
    digits = randomFillSync(pool).toString('hex');
    used = 0;
  }
  used += length;
  const id = digits.slice(used - length, used);
  // The id of zeros is no id; the first digit decides all but one time in sixteen.
  return id.startsWith('0') && /^0+$/.test(id) ? take(length) : id;
}

export const nodeIds: IdSource = {
  newTraceId: () => take(TRACE_DIGITS),
  newSpanId: () => take(SPAN_DIGITS),
};
