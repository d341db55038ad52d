/**
 * Reads one HTTP request of the ClickHouse protocol into a `Statement`. Pure but for the body it is given.
 *
 * The protocol: the query stands in `?query=`, in the body, or half in each (then the body is data of an INSERT, or
 * the rest of the query); every other URL parameter that is not reserved is a setting; `param_<name>` binds
 * `{name:Type}`. Sessions and roles are refused loudly: each statement gets a connection of its own, and silently
 * ignoring them would make a temporary table or a right vanish.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { refusal } from '../errors.js';
import { QUERY_BYTES_MAX } from '../limits.js';
import { isPool, type PoolName } from './pools.js';

export interface Statement {
  readonly sql: string;
  /** Rows for an INSERT, inflated; empty otherwise. */
  readonly body: Buffer;
  readonly format: string;
  readonly queryId: string;
  readonly pool: PoolName;
  readonly settings: readonly (readonly [string, string])[];
  readonly params: readonly (readonly [string, string])[];
  readonly database: string | undefined;
  readonly readOnly: boolean;
}

/** Parameters of the protocol itself. */
const RESERVED = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'stacktrace',
  'buffer_size',
  'wait_end_of_query',
  'compress',
  'decompress',
  'client_protocol_version',
  'close_session',
]);
const REFUSED = new Set(['session_id', 'session_timeout', 'session_check', 'role']);
const SETTING = /^[a-z][a-z0-9_]*$/;
const PARAM = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface RawRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** For requests without `query_id`. */
  readonly freshId: () => string;
}

export function readStatement(request: RawRequest): Statement {
  const { url, headers } = request;
  const { settings, params } = sortParameters(url.searchParams);
  const { sql, body, fields } = splitBody(request);
  const pool = headers['x-sillok-pool'] ?? 'user';
  if (typeof pool !== 'string' || !isPool(pool)) throw refusal('badArguments', 'Unknown pool');
  if (sql.trim() === '') throw refusal('syntaxError', 'Empty query');
  if (sql.length > QUERY_BYTES_MAX) throw refusal('tooManyBytes', `Query is longer than ${QUERY_BYTES_MAX}`);
  const format = headers['x-clickhouse-format'];
  return {
    sql,
    body,
    format: url.searchParams.get('default_format') ?? (typeof format === 'string' ? format : 'TabSeparated'),
    queryId: url.searchParams.get('query_id') || request.freshId(),
    pool,
    settings,
    params: [...params, ...fields],
    database: url.searchParams.get('database') ?? singleHeader(headers['x-clickhouse-database']),
    readOnly: request.method === 'GET',
  };
}

function singleHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function sortParameters(search: URLSearchParams): Pick<Statement, 'settings' | 'params'> {
  const settings: [string, string][] = [];
  const params: [string, string][] = [];
  for (const [name, value] of search) {
    if (REFUSED.has(name)) {
      throw refusal('unsupported', `${name} is not supported: each statement has a session of its own`);
    }
    if (RESERVED.has(name)) continue;
    if (name.startsWith('param_')) params.push([paramName(name), value]);
    else if (SETTING.test(name)) settings.push([name, value]);
    else throw refusal('badArguments', `${JSON.stringify(name)} is not the name of a setting`);
  }
  return { settings, params };
}

function paramName(urlName: string): string {
  const name = urlName.slice('param_'.length);
  if (!PARAM.test(name)) throw refusal('badArguments', `${JSON.stringify(name)} cannot name a parameter`);
  return name;
}

interface Split {
  readonly sql: string;
  readonly body: Buffer;
  readonly fields: readonly (readonly [string, string])[];
}

function splitBody({ url, headers, body }: RawRequest): Split {
  const inUrl = url.searchParams.get('query') ?? '';
  const contentType = headers['content-type'] ?? '';
  if (contentType.startsWith('multipart/form-data')) return multipart(body, contentType, inUrl);
  if (inUrl === '') return { sql: body.toString('utf8'), body: Buffer.alloc(0), fields: [] };
  if (isInsert(inUrl)) return { sql: inUrl, body, fields: [] };
  return { sql: inUrl + body.toString('utf8'), body: Buffer.alloc(0), fields: [] };
}

const INSERT = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*INSERT\b/i;

export function isInsert(sql: string): boolean {
  return INSERT.test(sql);
}

/** Long parameters come as form fields `param_<name>`; the query may too. Values are short texts, not files. */
function multipart(body: Buffer, contentType: string, inUrl: string): Split {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) throw refusal('badArguments', 'multipart body without a boundary');
  let sql = inUrl;
  const fields: [string, string][] = [];
  const parts = `\r\n${body.toString('utf8')}`.split(`\r\n--${boundary}`);
  for (const part of parts.slice(1, -1)) {
    const match = /^\r\n([^]*?)\r\n\r\n([^]*)$/.exec(part);
    const name = /name="([^"]*)"/.exec(match?.[1] ?? '')?.[1];
    const value = match?.[2];
    if (name === undefined || value === undefined) throw refusal('badArguments', 'malformed multipart body');
    if (name === 'query') sql += value;
    else if (name.startsWith('param_')) fields.push([paramName(name), value]);
    else throw refusal('badArguments', `unexpected form field ${JSON.stringify(name)}`);
  }
  return { sql, body: Buffer.alloc(0), fields };
}
