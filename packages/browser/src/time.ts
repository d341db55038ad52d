/**
 * Times of records. Everything is measured on the page's monotonic clock; only a written record gets a wall time. Browsers
 * make both clocks coarse on purpose, so two records may have the same time: their numbers keep the order.
 */
import { DRIFT_MS } from './limits.js';

let offsetMs = Date.now() - performance.now();

export function nowMs(): number {
  return performance.now();
}

/** RFC 3339 UTC with nine fractional digits. */
export function timeAt(ms: number): string {
  const driftMs = Date.now() - performance.now() - offsetMs;
  if (Math.abs(driftMs) > DRIFT_MS) offsetMs += driftMs;
  const wallMs = ms + offsetMs;
  const whole = Math.floor(wallMs);
  const nanoseconds = Math.floor((wallMs - whole) * 1e6);
  return `${new Date(whole).toISOString().slice(0, -1)}${String(nanoseconds).padStart(6, '0')}Z`;
}
