/**
 * Moments as people write them in `from` and `to`: RFC 3339, a date, an epoch, `now`, or relative such as `-15m`.
 *
 * The server and the CLI read them through this one function, so that `-1h` means the same in both. The answer is
 * the canonical form of a record's time (UTC, nine digits), which compares as text.
 */
import { nsToTime, parseTime, timeToNs } from '@sillok/record';

const NS_IN_MILLISECOND = 1_000_000n;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const RELATIVE = /^(?:now)?([+-])(\d{1,9})(ms|s|m|h|d|w)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Canonical time, or undefined when the text is not a moment. */
export function parseMoment(text: string, nowMs: number): string | undefined {
  const trimmed = text.trim();
  if (trimmed === 'now') return msToTime(nowMs);
  const relative = RELATIVE.exec(trimmed);
  if (relative) {
    const unitMs = UNIT_MS[relative[3] ?? ''] ?? 0;
    const distanceMs = Number(relative[2]) * unitMs;
    return msToTime(nowMs + (relative[1] === '-' ? -distanceMs : distanceMs));
  }
  if (DATE.test(trimmed)) return parseTime(`${trimmed}T00:00:00Z`);
  return parseTime(trimmed);
}

/** Milliseconds since 1970 as a canonical time; undefined outside of what a record can hold. */
function msToTime(ms: number): string | undefined {
  if (!Number.isFinite(ms) || ms < 0) return undefined;
  const text = nsToTime(BigInt(Math.trunc(ms)) * NS_IN_MILLISECOND);
  return parseTime(text);
}

/** Length of a stretch of time in milliseconds. */
export function spanMs(from: string, to: string): number {
  return Number((timeToNs(to) - timeToNs(from)) / NS_IN_MILLISECOND);
}
