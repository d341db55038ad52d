/**
 * The clock of one boot: wall time that never stands still and never goes back.
 *
 * It is anchored to the wall clock once and then follows the monotonic clock, so a wall clock that jumps does
 * not disorder records. Once a second both are compared: behind the wall (a laptop that slept) it steps
 * forward; ahead of it (the wall was set back) it runs a tenth slower until they meet. Arithmetic is in
 * doubles, split at the second, because bigint costs more than all the rest of a log call's bookkeeping.
 */
import { CLOCK_CHECK_NS, CLOCK_SLEW_DIVISOR, CLOCK_TOLERANCE_MS, YEAR_MAX } from './limits.js';

export interface Clock {
  /** The time now, later than every answer before. RFC 3339 UTC, nine fractional digits. */
  now(): string;
}

export interface ClockOptions {
  readonly wallNowMs?: () => number;
  readonly monotonicNs?: () => bigint;
}

const WALL_MS_END = Date.UTC(YEAR_MAX + 1, 0, 1);
const NS_PER_SECOND = 1_000_000_000;
const THREE_DIGITS = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'));
// With `+`, here and in other lines that are written often: a template calls ToString for each of its parts.
const threeDigits = (value: number): string => THREE_DIGITS[value] ?? '';

export function createClock(options: ClockOptions = {}): Clock {
  const wallNowMs = saneWall(options.wallNowMs ?? Date.now);
  const monotonic = monotonicSource(options.monotonicNs);
  let anchorNs = monotonic();
  let anchorMs = wallNowMs();
  let slewing = false;
  let seconds = 0;
  let nanoseconds = -1;
  let prefix = '1970-01-01T00:00:00.';

  /** Starts a new stretch of time at `elapsedNs` after the last anchor, from what the wall clock says. */
  function check(elapsedNs: number): void {
    const passedNs = slewing ? elapsedNs - elapsedNs / CLOCK_SLEW_DIVISOR : elapsedNs;
    const ownMs = anchorMs + passedNs / 1e6;
    const wallMs = wallNowMs();
    const behindMs = wallMs - ownMs;
    anchorNs += elapsedNs;
    anchorMs = behindMs > CLOCK_TOLERANCE_MS ? wallMs : ownMs;
    slewing = behindMs < -CLOCK_TOLERANCE_MS;
  }

  function now(): string {
    let elapsedNs = monotonic() - anchorNs;
    if (elapsedNs >= CLOCK_CHECK_NS) {
      check(elapsedNs);
      elapsedNs = 0;
    }
    if (slewing) elapsedNs -= elapsedNs / CLOCK_SLEW_DIVISOR;
    const wholeMs = Math.floor(anchorMs);
    const nsFromMs = Math.floor((anchorMs - wholeMs) * 1e6 + elapsedNs);
    let nextSeconds = Math.floor(wholeMs / 1000);
    let nextNs = (wholeMs - nextSeconds * 1000) * 1e6 + nsFromMs;
    if (nextNs >= NS_PER_SECOND) {
      const carry = Math.floor(nextNs / NS_PER_SECOND);
      nextSeconds += carry;
      nextNs -= carry * NS_PER_SECOND;
    }
    if (nextSeconds < seconds || (nextSeconds === seconds && nextNs <= nanoseconds)) {
      nextSeconds = seconds;
      nextNs = nanoseconds + 1;
      if (nextNs === NS_PER_SECOND) {
        nextSeconds += 1;
        nextNs = 0;
      }
    }
    nanoseconds = nextNs;
    // Building the date is 481 ns; it changes once a second.
    if (nextSeconds !== seconds) {
      seconds = nextSeconds;
      prefix = new Date(nextSeconds * 1000).toISOString().slice(0, 20);
    }
    const micro = Math.floor(nextNs / 1000);
    const milli = Math.floor(nextNs / 1e6);
    return (
      prefix +
      threeDigits(milli) +
      threeDigits(micro - milli * 1000) +
      threeDigits(nextNs - micro * 1000) +
      'Z'
    );
  }

  return { now };
}

/**
 * A machine without a battery may start before 1970, and test clocks may say anything: such a time counts as
 * 1970.
 */
function saneWall(wallNowMs: () => number): () => number {
  return () => {
    const ms = wallNowMs();
    return ms >= 0 && ms < WALL_MS_END ? ms : 0;
  };
}

/** Nanoseconds as a double since an origin of our own: exact for a hundred days, re-anchored each second. */
function monotonicSource(monotonicNs: (() => bigint) | undefined): () => number {
  if (monotonicNs) {
    const origin = monotonicNs();
    return () => Number(monotonicNs() - origin);
  }
  return () => performance.now() * 1e6;
}
