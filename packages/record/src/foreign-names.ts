/**
 * What other programs call the fields of the envelope. First name that is present and fits wins. Dotted names
 * are looked up both as written and nested (`"log.level"` and `{"log":{"level":…}}`).
 *
 * pino, bunyan: level, time, msg · winston: level, message, timestamp · ECS: @timestamp, log.level, trace.id
 * · slog: time, level, msg · zap: ts, level, msg · structlog: event, level, timestamp · logback's JSON:
 * @timestamp, level, message · Serilog: @t, @l, @m · Google Cloud: severity, textPayload · Docker: log, time.
 */

const TIME: readonly string[] = [
  'time',
  'timestamp',
  '@timestamp',
  'ts',
  '@t',
  'datetime',
  'date',
  'eventTime',
  'asctime',
  'Timestamp',
];

const LEVEL: readonly string[] = [
  'level',
  'severity',
  'log.level',
  'levelname',
  'lvl',
  'loglevel',
  'log_level',
  '@l',
  'severityText',
  'severity_text',
  'Level',
];

const MESSAGE: readonly string[] = [
  'message',
  'msg',
  '@m',
  '@mt',
  'textPayload',
  'log',
  'event',
  'body',
  'text',
  'Message',
];

const IDS: { readonly [id: string]: readonly string[] } = {
  trace_id: ['trace_id', 'traceId', 'traceID', 'trace.id', 'TraceId', 'otelTraceID', 'dd.trace_id', '@tr'],
  span_id: ['span_id', 'spanId', 'spanID', 'span.id', 'SpanId', 'otelSpanID', 'dd.span_id', '@sp'],
  parent_span_id: ['parent_span_id', 'parentSpanId', 'parent.id', 'ParentSpanId'],
  global_trace_id: ['global_trace_id'],
  session_hash: ['session_hash'],
  user_hash: ['user_hash'],
};

/** Where programs put an exception, by its name in the semantic conventions. */
export const EXCEPTIONS: { readonly [name: string]: readonly string[] } = {
  'exception.type': ['exception.type', 'err.type', 'err.name', 'error.type', 'error.name'],
  'exception.message': ['exception.message', 'err.message', 'error.message'],
  'exception.stacktrace': [
    'exception.stacktrace',
    'err.stack',
    'error.stack',
    'error.stack_trace',
    'stack_trace',
    'stacktrace',
    'exc_info',
    'exception',
    'stack',
  ],
};

/** What a path may stand for, and how early its name comes among those of the same field. */
export interface Role {
  readonly field: string;
  readonly rank: number;
}

/** A dotted name as a path, and as one key with dots in it. */
function spellings(name: string): readonly string[] {
  return name.includes('.') ? [name, name.replaceAll('.', '\\.')] : [name];
}

function rolesOf(field: string, names: readonly string[]): [string, Role][] {
  return names.flatMap((name, rank) =>
    spellings(name).map((path): [string, Role] => [path, { field, rank }]),
  );
}

/** Path → field of the envelope, or known attribute. A record is asked once for each of its own paths. */
export const ROLES: ReadonlyMap<string, Role> = new Map([
  ...rolesOf('time', TIME),
  ...rolesOf('level', LEVEL),
  ...rolesOf('message', MESSAGE),
  ...rolesOf('kind', ['kind']),
  ...Object.entries(IDS).flatMap(([id, names]) => rolesOf(id, names)),
  ...Object.entries(EXCEPTIONS).flatMap(([name, names]) => rolesOf(name, names)),
]);
