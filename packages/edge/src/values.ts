/** The small words of access logs: what stands for nothing, numbers, times, requests, and lists of attempts. */
import { nsToTime, parseTime, timeToNs } from '@sillok/record';
import { WORDS_MAX } from './limits.js';
import { cleanQuery } from './secrets.js';

export type Fields = { [field: string]: unknown };

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const NUMBER = /^-?\d{1,15}(?:\.\d{1,9})?$/;
const NS_PER_MILLISECOND = 1_000_000;

/** Every edge writes `-` where there is nothing. */
export function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === '-' ? undefined : text;
}

export function present(field: string, value: unknown): Fields {
  return value === undefined ? {} : { [field]: value };
}

/** Edges write -1 for what they could not measure: nothing, as `-` is. */
export function tryNumber(text: string | undefined): number | undefined {
  if (text === undefined || !NUMBER.test(text)) return undefined;
  const value = Number(text);
  return value < 0 ? undefined : value;
}

/** Seconds with a fraction → milliseconds, without the noise of binary fractions. */
export function tryMsOfSeconds(text: string | undefined): number | undefined {
  const seconds = tryNumber(text);
  return seconds === undefined ? undefined : Math.round(seconds * 1_000_000) / 1000;
}

export function addMs(time: string, ms: number): string {
  return nsToTime(timeToNs(time) + BigInt(Math.round(ms * NS_PER_MILLISECOND)));
}

/** `21/Nov/2025:19:00:00.123 +0900`, as Apache, nginx and HAProxy write it. Without a zone: UTC, or this machine's. */
export function parseClf(text: string, isUtc: boolean): string | undefined {
  const match =
    /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?: ([+-]\d{4}))?$/.exec(text);
  if (!match) return undefined;
  const [, day, name, year, hour, minute, second, fraction = '', zone] = match;
  const month = MONTHS.indexOf(name ?? '');
  if (month < 0) return undefined;
  const date = `${year}-${String(month + 1).padStart(2, '0')}-${day}`;
  const clock = `${hour}:${minute}:${second}`;
  if (zone !== undefined || isUtc) return parseTime(`${date}T${clock}${fraction}${zone ?? 'Z'}`);
  if (parseTime(`${date}T${clock}Z`) === undefined) return undefined;
  const local = new Date(`${date}T${clock}`).getTime();
  return parseTime(`${new Date(local).toISOString().slice(0, 19)}${fraction}Z`);
}

/** `GET /orders?id=7 HTTP/1.1`; also with a whole URL, as load balancers write it. */
export function readRequest(request: string): Fields {
  const match = /^([A-Za-z-]{1,32}) (\S+)(?: HTTP\/(\d(?:\.\d)?))?$/.exec(request);
  if (!match) return {};
  const [, method, target = '', version] = match;
  return {
    'http.request.method': method,
    ...readTarget(target),
    ...present('network.protocol.version', version),
  };
}

/** A path with its query, or a whole URL. Secrets in the query are covered: sign-in codes travel there. */
export function readTarget(target: string): Fields {
  const url = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/i.exec(target);
  const rest = url ? (url[3] ?? '') : target;
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const query = mark < 0 ? undefined : given(rest.slice(mark + 1));
  return {
    ...(url ? readAuthority(url[2] ?? '') : {}),
    ...present('url.scheme', url?.[1]?.toLowerCase()),
    'url.path': path === '' ? '/' : path,
    ...present('url.query', query === undefined ? undefined : cleanQuery(query)),
  };
}

function readAuthority(authority: string): Fields {
  const { host, port } = splitPort(authority.replace(/^.*@/, ''));
  return { ...present('server.address', given(host)), ...present('server.port', port) };
}

/** `203.0.113.7:443`, `[2001:db8::1]:443`, `2001:db8::1:443` as HAProxy writes it, or without a port. */
export function splitPort(text: string): { readonly host: string; readonly port?: number } {
  const match = /^(.*):(\d{1,5})$/.exec(text);
  if (!match) return { host: text.replace(/^\[(.*)\]$/, '$1') };
  return { host: (match[1] ?? '').replace(/^\[(.*)\]$/, '$1'), port: Number(match[2]) };
}

/** Words between blanks; those in quotes without them, escapes (`\"`) resolved. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  const word = /"((?:[^"\\]|\\.)*)"(?=\s|$)|(\S+)/g;
  for (let match = word.exec(line); match && words.length < WORDS_MAX; match = word.exec(line)) {
    words.push(match[1] === undefined ? (match[2] ?? '') : match[1].replace(/\\(["\\])/g, '$1'));
  }
  return words;
}
