/**
 * The `access` record of a request. Its known attributes are put down in the line's order without going through an object
 * and the general encoder: a server writes this record more often than any other.
 */
import { quote } from '@sillok/record';
import { type FieldEncoder } from './fields.js';
import type { Fragment } from './fragment.js';
import { makeHead, type Entry, type Head } from './entry.js';
import { ACCESS_TEXT_CHARACTERS_MAX } from './limits.js';
import type { Scope } from './scope.js';
import { numberJson } from './values.js';

export interface Access {
  readonly scope: Scope;
  readonly durationMs: number;
  readonly method: string;
  /** The pattern that matched. */
  readonly route: string | undefined;
  readonly status: number;
  /** Without the query, and without secrets. */
  readonly path: string;
  readonly clientAddress: string | undefined;
  readonly userAgent: string | undefined;
  readonly isAborted: boolean;
  readonly error: unknown;
  /** Fields of this record alone, encoded. */
  readonly extras: Fragment;
}

const SERVER_FAULT = 500;
const CLIENT_FAULT = 400;
const INFO = makeHead('access', 'info');
const WARN = makeHead('access', 'warn');
const ERROR = makeHead('access', 'error');

/** What `accessText` writes by itself. */
export const ACCESS_PATHS: readonly string[] = [
  'duration_ms',
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'url.path',
  'client.address',
  'user_agent.original',
  'error.type',
];

/** The line up to its attributes. Undefined when something about it is unusual. */
export function accessText(access: Access, encoder: FieldEncoder): string | undefined {
  const { scope, durationMs, route, status, path, clientAddress, userAgent } = access;
  const length = path.length + (userAgent?.length ?? 0) + (route?.length ?? 0) + access.method.length;
  const isShort = length <= ACCESS_TEXT_CHARACTERS_MAX;
  if (!isShort || access.method === '' || !isOrdinaryStatus(status)) return undefined;
  const method = encoder.cleanText(access.method);
  const methodJson = quote(method);
  const pathJson = quote(path);
  const statusJson = numberJson(status);
  // What needs no escape alone needs none in the sentence.
  const isPlain = methodJson.length === method.length + 2 && pathJson.length === path.length + 2;
  const message = isPlain
    ? '"' + method + ' ' + path + ' ' + (access.isAborted ? 'aborted' : statusJson) + '"'
    : quote(encoder.cleanText(messageOf(access)));
  let text = headOf(access).json + message + scope.ids.text;
  text += ',"duration_ms":' + numberJson(durationMs) + ',"http.request.method":' + methodJson;
  if (route !== undefined && route !== '') text += ',"http.route":' + quote(encoder.cleanText(route));
  text += ',"http.response.status_code":' + statusJson;
  if (path !== '') text += ',"url.path":' + pathJson;
  if (clientAddress !== undefined && clientAddress !== '') {
    text += ',"client.address":' + quote(clientAddress);
  }
  if (userAgent !== undefined && userAgent !== '') {
    text += `,"user_agent.original":${quote(encoder.cleanText(userAgent))}`;
  }
  const errorType = errorTypeOf(access);
  return errorType === undefined ? text : `${text},"error.type":"${errorType}"`;
}

/** The same record for the general encoder. */
export function accessEntry(access: Access): Entry {
  const { error } = access;
  return {
    head: headOf(access),
    message: messageOf(access),
    fields: {
      duration_ms: access.durationMs,
      'http.request.method': access.method,
      'http.route': filled(access.route),
      'http.response.status_code': access.status,
      'url.path': filled(access.path),
      'client.address': filled(access.clientAddress),
      'user_agent.original': filled(access.userAgent),
      'error.type': errorTypeOf(access),
      ...(error === undefined ? undefined : { err: error }),
    },
    bindings: access.extras,
    scope: access.scope,
    // Whatever span is active where the response ends: this record is that of the request.
    ids: access.scope.ids,
  };
}

/** What is empty is not known. */
function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function headOf({ status, isAborted }: Access): Head {
  if (status >= SERVER_FAULT) return ERROR;
  return isAborted || status >= CLIENT_FAULT ? WARN : INFO;
}

function messageOf({ method, path, status, isAborted }: Access): string {
  return `${method} ${path} ${isAborted ? 'aborted' : status}`;
}

function errorTypeOf({ status, isAborted }: Access): string | undefined {
  if (isAborted) return 'aborted';
  return status >= SERVER_FAULT ? String(status) : undefined;
}

/** Three digits, as node:http insists when it writes one. */
function isOrdinaryStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 100 && status <= 999;
}
