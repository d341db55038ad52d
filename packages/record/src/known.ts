/**
 * The attributes that have a column of their own in the store and stand at the top level of a line.
 *
 * Names are those of the OpenTelemetry semantic conventions. The order here is the order in the line. A value
 * that does not fit its type (an empty string, a fraction in an integer) stays under the same name in
 * `attributes`, so nothing is lost and the column stays clean. Adding a key is a schema change: `store/`
 * reads this list too.
 */

export type KnownType = 'keyword' | 'text' | 'uint16' | 'float64';

export interface KnownAttribute {
  readonly name: string;
  /** `keyword`: few distinct values; `text`: many; `uint16`: 1 to 65535; `float64`: any finite number. */
  readonly type: KnownType;
}

export const KNOWN_ATTRIBUTES: readonly KnownAttribute[] = [
  { name: 'duration_ms', type: 'float64' },
  { name: 'http.request.method', type: 'keyword' },
  { name: 'http.route', type: 'keyword' },
  { name: 'http.response.status_code', type: 'uint16' },
  { name: 'url.path', type: 'text' },
  { name: 'client.address', type: 'text' },
  { name: 'user_agent.original', type: 'keyword' },
  { name: 'error.type', type: 'keyword' },
  { name: 'exception.type', type: 'keyword' },
  { name: 'exception.message', type: 'text' },
  { name: 'exception.stacktrace', type: 'text' },
  { name: 'db.query.text', type: 'text' },
  { name: 'event.name', type: 'keyword' },
];

/** Resource keys with a column of their own. The whole resource is kept besides. */
export const KNOWN_RESOURCE: readonly string[] = [
  'service.name',
  'service.version',
  'service.instance.id',
  'host.name',
  'deployment.environment.name',
];

/** Optional string fields of the envelope, in line order. */
export const ENVELOPE_IDS = [
  'trace_id',
  'span_id',
  'parent_span_id',
  'global_trace_id',
  'session_hash',
  'user_hash',
] as const;
