/**
 * Times of records: RFC 3339 in UTC with exactly nine fractional digits, so that text order is time order.
 * Everything else that programs write (offsets, other precisions, epoch numbers in four units) is read here
 * once and becomes that one form. Nanoseconds since 1970 do not fit a double, hence bigint in `timeToNs`.
 */
import { YEAR_MAX, YEAR_MIN } from './limits.js';

const CANONICAL = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{9}Z$/;
const READABLE =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,18}))?\s?(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?$/;
const EPOCH = /^(\d{1,19})(?:\.(\d{1,18}))?$/;

const NS_PER_SECOND = 1_000_000_000n;
const SECONDS_END = BigInt(Date.UTC(YEAR_MAX + 1, 0, 1) / 1000);

const MS_END = Date.UTC(YEAR_MAX + 1, 0, 1);

/** Below each bound an epoch number counts in the unit beside it: seconds reach the year 5138 before 1e11. */
const EPOCH_UNITS: readonly { readonly below: bigint; readonly perSecond: bigint }[] = [
  { below: 100_000_000_000n, perSecond: 1n },
  { below: 100_000_000_000_000n, perSecond: 1_000n },
  { below: 100_000_000_000_000_000n, perSecond: 1_000_000n },
  { below: 10_000_000_000_000_000_000n, perSecond: 1_000_000_000n },
];

// Nearly all records of a batch are of one day, so the last good date answers for the calendar check.
let lastDate = '';

/** Whether `time` is in the one form that lines use, and a real date of the years that are taken. */
export function isTime(time: unknown): boolean {
  if (typeof time !== 'string' || time.length !== 30) return false;
  const match = CANONICAL.test(time);
  if (!match) return false;
  const date = time.slice(0, 10);
  if (date === lastDate) return true;
  if (!isDate(date)) return false;
  lastDate = date;
  return true;
}

function isDate(date: string): boolean {
  const year = Number(date.slice(0, 4));
  if (year < YEAR_MIN || year > YEAR_MAX) return false;
  const ms = Date.parse(`${date}T00:00:00.000Z`);
  // `Date.parse` takes the 31st of a short month and moves on: only what comes back unchanged exists.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/** Reads any time that logs contain. `undefined`: not a time, or outside the years 1970 to 2261. */
export function parseTime(time: string | number): string | undefined {
  if (typeof time === 'number') return parseEpochNumber(time);
  if (isTime(time)) return time;
  const text = time.trim();
  const ns = text.length > 64 ? undefined : (readRfc3339(text) ?? readEpoch(text));
  if (ns === undefined || ns < 0n || ns >= SECONDS_END * NS_PER_SECOND) return undefined;
  return nsToTime(ns);
}

function parseEpochNumber(value: number): string | undefined {
  if (!Number.isFinite(value) || value < 0 || value >= 1e19) return undefined;
  // Milliseconds are what nearly every logger writes.
  if (Number.isInteger(value) && value >= 1e11 && value < MS_END)
    return `${new Date(value).toISOString().slice(0, -1)}000000Z`;
  // The shortest text that means this double: `toFixed` would show the digits of its binary fraction.
  const shortest = Number.isInteger(value) ? BigInt(value).toString() : String(value);
  const ns = readEpoch(shortest.includes('e') ? '0' : shortest);
  return ns === undefined || ns >= SECONDS_END * NS_PER_SECOND ? undefined : nsToTime(ns);
}

function readEpoch(text: string): bigint | undefined {
  const match = EPOCH.exec(text);
  if (!match) return undefined;
  const whole = BigInt(match[1] ?? '');
  const unit = EPOCH_UNITS.find((candidate) => whole < candidate.below);
  if (!unit) return undefined;
  const nsPerUnit = NS_PER_SECOND / unit.perSecond;
  const fraction = BigInt((match[2] ?? '').padEnd(9, '0').slice(0, 9));
  return whole * nsPerUnit + (fraction * nsPerUnit) / NS_PER_SECOND;
}

function readRfc3339(text: string): bigint | undefined {
  const match = READABLE.exec(text);
  if (!match) return undefined;
  const part = (index: number): number => Number(match[index] ?? '0');
  const date = text.slice(0, 10);
  if (!isDate(date) || part(4) > 23 || part(5) > 59 || part(6) > 60 || part(10) > 23 || part(11) > 59) {
    return undefined;
  }
  const offsetMinutes = (match[9] === '-' ? -1 : 1) * (part(10) * 60 + part(11));
  // A leap second (:60) is the first moment of the next minute; a time without an offset is UTC.
  const ms = Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6)) - offsetMinutes * 60_000;
  const ns = (match[7] ?? '').padEnd(9, '0').slice(0, 9);
  return BigInt(ms) * 1_000_000n + BigInt(ns);
}

/** Canonical time → nanoseconds since 1970. */
export function timeToNs(time: string): bigint {
  const ms = Date.parse(`${time.slice(0, 19)}Z`);
  return BigInt(ms) * 1_000_000n + BigInt(time.slice(20, 29));
}

/** Nanoseconds since 1970 → canonical time. */
export function nsToTime(ns: bigint): string {
  const fraction = (ns % NS_PER_SECOND).toString().padStart(9, '0');
  return `${new Date(Number(ns / NS_PER_SECOND) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}
