/**
 * One syslog message, RFC 5424 or RFC 3164, as a foreign record. Never throws; total on any text.
 *
 * A message that is neither keeps its whole text and says so. RFC 3164 has no year and no zone: the year is the one
 * that puts the time nearest to now, the zone is this machine's. rsyslog's ISO times in the old format are read too.
 */
import { readEdgeLine, textOfUnparsed } from '@sillok/edge';
import { parseTime } from '@sillok/record';
import type { Level, Resource } from '@sillok/record';
import type { ForeignRecord } from '../seams.js';
import { HALF_YEAR_MS } from './limits.js';

export interface SyslogMessage {
  readonly resource: Resource;
  readonly record: ForeignRecord;
}

const FACILITIES = (
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock ' +
  'local0 local1 local2 local3 local4 local5 local6 local7'
).split(' ');
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
const LEVELS: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

const PRIORITY = /^<(\d{1,3})>/;
const RFC5424 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,255}) (\S{1,128}) (\S{1,64}) /;
const RFC3164_TIME = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))? /;
const ISO_TIME = /^(\d{4}-\d{2}-\d{2}T[0-9:.]{8,24}(?:Z|[+-]\d{2}:?\d{2})?) /;
const TAG = /^([^\s:[\]]{1,128})(?:\[([^\]\s]{1,128})\])?: ?/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function parseSyslog(text: string, nowMs: number): SyslogMessage {
  const priority = PRIORITY.exec(text);
  const code = Number(priority?.[1] ?? 'NaN');
  if (!priority || code > 191) return { resource: {}, record: { message: text, 'syslog.unparsed': true } };
  const severity = code % 8;
  const common = {
    level: LEVELS[severity] ?? 'info',
    'syslog.facility': FACILITIES[code >> 3] ?? String(code >> 3),
    'syslog.severity': SEVERITIES[severity] ?? String(severity),
  };
  const rest = text.slice(priority[0].length);
  const { resource, record } = parse5424(rest, common) ?? parse3164(rest, common, nowMs);
  return { resource, record: withEdge(record) };
}

/** HAProxy and nginx send their access logs as syslog messages. What they say of the request is worth more than the envelope. */
function withEdge(record: ForeignRecord): ForeignRecord {
  const { message } = record;
  const reading = typeof message === 'string' ? readEdgeLine(message, { utc: false }) : undefined;
  if (reading === undefined) return record;
  if ('fields' in reading) return { ...record, ...reading.fields };
  return {
    ...record,
    message: textOfUnparsed(String(message), undefined),
    'sillok.unparsed': reading.unparsed,
  };
}

function parse5424(rest: string, common: ForeignRecord): SyslogMessage | undefined {
  const match = RFC5424.exec(rest);
  if (!match) return undefined;
  const [head, timeText = '', host, app, procid, msgid] = match;
  const data = readStructuredData(rest, head.length);
  if (!data) return undefined;
  const time = timeText === '-' ? undefined : parseTime(timeText);
  if (timeText !== '-' && time === undefined) return undefined;
  return {
    resource: resourceOf(host, app),
    record: {
      ...(time === undefined ? {} : { time }),
      ...common,
      ...present('syslog.procid', procid),
      ...present('syslog.msgid', msgid),
      ...(data.elements === undefined ? {} : { 'syslog.structured_data': data.elements }),
      // A byte order mark announces UTF-8 and is not part of the text.
      message: rest.slice(data.end).replace(/^ ?\uFEFF?/, ''),
    },
  };
}

type Elements = { [id: string]: { [name: string]: string } };

const ELEMENT = /\[([^\s\]="]{1,128})/y;
const PARAMETER = / +([^\s\]="]{1,128})="((?:[^"\\\]]|\\[\s\S])*)"/y;

/** Where the structured data ends, and its elements; nothing when it is malformed. */
function readStructuredData(text: string, start: number): { end: number; elements?: Elements } | undefined {
  if (text[start] === '-') return { end: start + 1 };
  const elements: Elements = Object.create(null);
  let end = start;
  while (text[end] === '[') {
    ELEMENT.lastIndex = end;
    const element = ELEMENT.exec(text);
    if (!element) return undefined;
    const parameters: { [name: string]: string } = Object.create(null);
    end = readParameters(text, ELEMENT.lastIndex, parameters);
    if (text[end] !== ']') return undefined;
    elements[element[1] ?? ''] = parameters;
    end += 1;
  }
  return end === start ? undefined : { end, elements };
}

function readParameters(text: string, start: number, into: { [name: string]: string }): number {
  let end = start;
  for (;;) {
    PARAMETER.lastIndex = end;
    const parameter = PARAMETER.exec(text);
    if (!parameter) return end;
    into[parameter[1] ?? ''] = (parameter[2] ?? '').replace(/\\(["\\\]])/g, '$1');
    end = PARAMETER.lastIndex;
  }
}

function parse3164(rest: string, common: ForeignRecord, nowMs: number): SyslogMessage {
  const { time, end } = readOldTime(rest, nowMs);
  let text = rest.slice(end);
  let host: string | undefined;
  if (time !== undefined) {
    // The host is a word without a colon; some programs leave it out, and then the tag follows.
    const word = /^([^\s:[\]]{1,255}) /.exec(text);
    host = word?.[1];
    text = text.slice(word?.[0].length ?? 0);
  }
  const tag = TAG.exec(text);
  return {
    resource: resourceOf(host, tag?.[1]),
    record: {
      ...(time === undefined ? {} : { time }),
      ...common,
      ...present('syslog.procid', tag?.[2]),
      message: text.slice(tag?.[0].length ?? 0),
    },
  };
}

const NO_TIME = { time: undefined, end: 0 } as const;

function readOldTime(rest: string, nowMs: number): { time: string | undefined; end: number } {
  const iso = ISO_TIME.exec(rest);
  const isoTime = iso ? parseTime(iso[1] ?? '') : undefined;
  if (iso && isoTime !== undefined) return { time: isoTime, end: iso[0].length };
  const old = RFC3164_TIME.exec(rest);
  const month = MONTHS.indexOf(old?.[1] ?? '');
  if (!old || month < 0) return NO_TIME;
  const [day = 0, hour = 0, minute = 0, second = 0] = [old[2], old[3], old[4], old[5]].map(Number);
  const year = new Date(nowMs).getFullYear();
  if (hour > 23 || minute > 59 || second > 60) return NO_TIME;
  const candidates = [year, year - 1, year + 1].flatMap((each) => {
    const date = new Date(each, month, day, hour, minute, second);
    // A day that the month has not would roll over into the next one.
    return new Date(each, month, day).getMonth() === month ? [date.getTime()] : [];
  });
  const ms = candidates.find((each) => Math.abs(each - nowMs) <= HALF_YEAR_MS) ?? candidates[0];
  if (ms === undefined) return NO_TIME;
  const seconds = new Date(ms).toISOString().slice(0, 19);
  return { time: parseTime(`${seconds}.${(old[6] ?? '').padEnd(9, '0')}Z`), end: old[0].length };
}

function resourceOf(host: string | undefined, app: string | undefined): Resource {
  return { ...present('host.name', host), ...present('service.name', app) };
}

/** `-` is how RFC 5424 says nothing. */
function present(key: string, value: string | undefined): { [key: string]: string } {
  return value === undefined || value === '-' ? {} : { [key]: value };
}
