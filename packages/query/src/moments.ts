/**
 * Times in a search: a date or time to any precision in UTC or with an offset, a moment relative to now, or a
 * named day. Every form is a span: `2026-11-21` is a day, `2026-11-21T10:00` a minute, `-15m` a point.
 */
import { parseTime, timeToNs } from '@sillok/record';
import type { Moment } from './plan.js';

/** `to` is the first moment after the span; equal to `from` for a point. */
export interface Span {
  readonly from: Moment;
  readonly to: Moment;
}

const SECOND = 1_000_000_000n;
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['ms', 1_000_000n],
  ['s', SECOND],
  ['m', 60n * SECOND],
  ['h', 3_600n * SECOND],
  ['d', 86_400n * SECOND],
  ['w', 604_800n * SECOND],
]);

const DURATION = /^(\d{1,9})(ns|us|ms|s|m|h|d|w)$/;
const RELATIVE = /^(?:now)?(?:([-+])(\d{1,9}(?:ns|us|ms|s|m|h|d|w)))?$/;
const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/i;

/** Nanoseconds of `5m`, `90s`, `1d`; `undefined` for anything else and for nothing. */
export function parseDuration(text: string): bigint | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const ns = BigInt(match[1] ?? '0') * (UNITS.get(match[2] ?? '') ?? 0n);
  return ns > 0n ? ns : undefined;
}

/** Reads a time of the search language. */
export function parseSpan(text: string): Span | undefined {
  const relative = text === '' ? null : RELATIVE.exec(text);
  if (relative) return relativePoint(relative[1], relative[2]);
  const span = DATE.test(text) ? dateSpan(text) : undefined;
  if (span) return span;
  // Epoch numbers shorter than seconds would hide typing mistakes in years.
  const time = /^\d{9,19}$/.test(text) ? parseTime(text) : undefined;
  return time === undefined ? undefined : point({ ns: timeToNs(time) });
}

function point(moment: Moment): Span {
  return { from: moment, to: moment };
}

function relativePoint(sign: string | undefined, duration: string | undefined): Span | undefined {
  if (duration === undefined) return point({ agoNs: 0n });
  const ns = parseDuration(duration);
  if (ns === undefined) return undefined;
  return point({ agoNs: sign === '-' ? ns : -ns });
}

function dateSpan(text: string): Span | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [, year = '', month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = ''] =
    match;
  const time = parseTime(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(9, '0')}${match[8] ?? 'Z'}`,
  );
  if (time === undefined) return undefined;
  const from = timeToNs(time);
  return { from: { ns: from }, to: { ns: from + spanLength(match, from) } };
}

/** How long the written precision is: a second, a minute, an hour, a day, a month, a year, or a fraction. */
function spanLength(match: RegExpExecArray, from: bigint): bigint {
  const fraction = match[7];
  if (fraction !== undefined) return 10n ** BigInt(9 - fraction.length);
  if (match[6] !== undefined) return SECOND;
  if (match[5] !== undefined) return 60n * SECOND;
  if (match[4] !== undefined) return 3_600n * SECOND;
  if (match[3] !== undefined) return 86_400n * SECOND;
  const start = new Date(Number(from / 1_000_000n));
  const months = match[2] === undefined ? 12 : 1;
  const end = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1);
  return BigInt(end) * 1_000_000n - from;
}

/** Nanoseconds since 1970 of a moment, asked at `nowNs`. */
export function momentNs(moment: Moment, nowNs: bigint): bigint {
  return 'ns' in moment ? moment.ns : nowNs - moment.agoNs;
}
