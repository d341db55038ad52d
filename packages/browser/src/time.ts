/**
 * Times of records, in milliseconds since 1970 with a fraction. Browsers make their clocks coarse on purpose, so two records
 * may have the same time: their numbers keep the order.
 */
import { DRIFT_MS } from './limits.js';

let offsetMs = Date.now() - performance.now();
let second = -1;
let prefix = '';

/** Finer than `Date.now()`, and at most `DRIFT_MS` away from it. It costs ten times as much: not for the way of a repeat. */
export function nowMs(): number {
  const driftMs = Date.now() - performance.now() - offsetMs;
  if (Math.abs(driftMs) > DRIFT_MS) offsetMs += driftMs;
  return performance.now() + offsetMs;
}

/** RFC 3339 UTC with nine fractional digits. */
export function timeAt(ms: number): string {
  const whole = Math.floor(ms / 1000);
  // Building a date is most of the cost of a line, and changes once a second.
  if (whole !== second) prefix = new Date(whole * 1000).toISOString().slice(0, 20);
  second = whole;
  return `${prefix}${String(Math.floor((ms - whole * 1000) * 1e6)).padStart(9, '0')}Z`;
}
