/**
 * What other programs call the fields of the envelope. First name that is present and fits wins. Dotted names
 * are looked up both as written and nested (`"log.level"` and `{"log":{"level":…}}`).
 *
 * pino, bunyan: level, time, msg · winston: level, message, timestamp · ECS: @timestamp, log.level, trace.id
 * · slog: time, level, msg · zap: ts, level, msg · structlog: event, level, timestamp · logback's JSON:
 * @timestamp, level, message · Serilog: @t, @l, @m · Google Cloud: severity, textPayload · Docker: log, time.
 */

export const TIME_NAMES: readonly string[] = [
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

export const LEVEL_NAMES: readonly string[] = [
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

export const MESSAGE_NAMES: readonly string[] = [
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

export const ID_NAMES: { readonly [id: string]: readonly string[] } = {
  trace_id: ['trace_id', 'traceId', 'traceID', 'trace.id', 'TraceId', 'otelTraceID', 'dd.trace_id', '@tr'],
  span_id: ['span_id', 'spanId', 'spanID', 'span.id', 'SpanId', 'otelSpanID', 'dd.span_id', '@sp'],
  parent_span_id: ['parent_span_id', 'parentSpanId', 'parent.id', 'ParentSpanId'],
  global_trace_id: ['global_trace_id'],
  session_hash: ['session_hash'],
  user_hash: ['user_hash'],
};

/** Where programs put an exception → its names in the semantic conventions. */
export const EXCEPTION_NAMES: readonly (readonly [from: string, to: string])[] = [
  ['err.type', 'exception.type'],
  ['err.name', 'exception.type'],
  ['err.message', 'exception.message'],
  ['err.stack', 'exception.stacktrace'],
  ['error.type', 'exception.type'],
  ['error.name', 'exception.type'],
  ['error.message', 'exception.message'],
  ['error.stack', 'exception.stacktrace'],
  ['error.stack_trace', 'exception.stacktrace'],
  ['stack_trace', 'exception.stacktrace'],
  ['exc_info', 'exception.stacktrace'],
  ['stack', 'exception.stacktrace'],
];
