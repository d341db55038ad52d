/**
 * The time at the beginning of a line of plain text. Programs write local times without saying so; they are read in this
 * machine's zone, or as UTC when asked to.
 */
import { parseTime } from '@sillok/record';
import { HALF_YEAR_MS } from '../limits.js';

export interface TimeHead {
  /** Canonical; absent when the line begins with a clock but says no day. */
  readonly time?: string;
  /** Characters up to the rest of the line. */
  readonly length: number;
}

/** Level names that some formats put before the time: `ERROR 2025-11-21 …`, `I, [2025-11-21T…`. */
const PREFIX = String.raw`(?:[A-Z]{4,8}:? +|[DIWEFAU], )?\[?`;
const ISO = new RegExp(
  String.raw`^${PREFIX}(\d{4})[-/](\d{2})[-/](\d{2})[T ]+(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?` +
    String.raw`(?: ?(Z|UTC|[+-]\d{2}:?\d{2}))?(?: #\d+)?\]?[ \t]*`,
);
const SYSLOG = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?[ \t]*/;
const APACHE =
  /^\[?[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))? (\d{4})\]?[ \t]*/;
const CLOCK = /^\[?\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\]?[ \t]+/;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export interface TimeOptions {
  /** Times without a zone are UTC instead of local. */
  readonly utc: boolean;
  /** What RFC 3164 leaves out, the year, is the one that comes nearest to this. */
  readonly nearMs: number;
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly rest: readonly (string | undefined)[];
  readonly fraction: string | undefined;
}

export function readTimeHead(line: string, options: TimeOptions): TimeHead | undefined {
  const iso = ISO.exec(line);
  if (iso) return readIso(iso, options);
  const apache = APACHE.exec(line);
  if (apache) {
    const [whole, month, day, hour, minute, second, fraction, year] = apache;
    const parts = {
      year: Number(year),
      month: MONTHS.indexOf(month ?? ''),
      rest: [day, hour, minute, second],
      fraction,
    };
    return head(whole, fromParts(parts, options));
  }
  const syslog = SYSLOG.exec(line);
  if (syslog) return readSyslog(syslog, options);
  const clock = CLOCK.exec(line);
  return clock ? { length: clock[0].length } : undefined;
}

function readIso(match: RegExpExecArray, options: TimeOptions): TimeHead {
  const [whole, year, month, day, hour, minute, second, fraction, zone] = match;
  if (zone !== undefined) {
    const offset = zone === 'UTC' ? 'Z' : zone;
    const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction ?? '0'}${offset}`;
    return head(whole, parseTime(text));
  }
  const parts = { year: Number(year), month: Number(month) - 1, rest: [day, hour, minute, second], fraction };
  return head(whole, fromParts(parts, options));
}

function readSyslog(match: RegExpExecArray, options: TimeOptions): TimeHead {
  const [whole, monthName, day, hour, minute, second, fraction] = match;
  const month = MONTHS.indexOf(monthName ?? '');
  const near = new Date(options.nearMs).getUTCFullYear();
  const candidates = [near - 1, near, near + 1].map((year) =>
    fromParts({ year, month, rest: [day, hour, minute, second], fraction }, options),
  );
  const nearest = candidates.find(
    (time) => time !== undefined && Math.abs(Date.parse(time) - options.nearMs) <= HALF_YEAR_MS,
  );
  return head(whole, nearest ?? candidates[1]);
}

function fromParts(parts: Parts, options: TimeOptions): string | undefined {
  const { year, month, fraction } = parts;
  const [day = 0, hour = 0, minute = 0, second = 0] = parts.rest.map(Number);
  if (month < 0 || month > 11 || day < 1 || day > 31) return undefined;
  const ms = options.utc
    ? Date.UTC(year, month, day, hour, minute, second)
    : new Date(year, month, day, hour, minute, second).getTime();
  if (Number.isNaN(ms)) return undefined;
  return parseTime(`${new Date(ms).toISOString().slice(0, 19)}.${(fraction ?? '').padEnd(9, '0')}Z`);
}

function head(whole: string, time: string | undefined): TimeHead {
  return time === undefined ? { length: whole.length } : { time, length: whole.length };
}
