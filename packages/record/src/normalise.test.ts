import { expect, test } from 'vitest';
import { normaliseInput } from './normalise.js';

const DEFAULT_TIME = '2026-11-21T12:00:00.000000000Z';

function normal(input: { [key: string]: unknown }, dots: 'escape' | 'namespace' = 'namespace') {
  const parsed = normaliseInput(input, { seq: 4, dots, defaultTime: DEFAULT_TIME });
  if (!parsed.ok) throw new Error(parsed.reason);
  const { seq, time, kind, level, message, attributes, ...rest } = parsed.record;
  expect(seq).toBe(4);
  return { time, kind, level, message, attributes: { ...attributes }, rest, quarantined: parsed.quarantined };
}

const AT = '2026-11-21T10:00:00.123000000Z';

test.each([
  [
    'pino',
    {
      level: 50,
      time: 1795255200123,
      pid: 1,
      hostname: 'h',
      msg: 'boom',
      err: { type: 'E', message: 'm', stack: 's' },
    },
    {
      time: AT,
      level: 'error',
      message: 'boom',
      attributes: { pid: 1, hostname: 'h' },
      rest: { 'exception.type': 'E', 'exception.message': 'm', 'exception.stacktrace': 's' },
    },
  ],
  [
    'bunyan',
    { name: 'app', v: 0, level: 40, time: '2026-11-21T10:00:00.123Z', msg: 'hi' },
    { time: AT, level: 'warn', message: 'hi', attributes: { name: 'app', v: 0 } },
  ],
  [
    'winston',
    { level: 'verbose', message: 'hi', timestamp: '2026-11-21T10:00:00.123Z' },
    { time: AT, level: 'trace', message: 'hi', attributes: { 'sillok.original.level': 'verbose' } },
  ],
  [
    'ECS',
    {
      '@timestamp': '2026-11-21T10:00:00.123Z',
      'log.level': 'INFO',
      message: 'hi',
      trace: { id: 'abc' },
      error: { stack_trace: 's' },
    },
    {
      time: AT,
      level: 'info',
      message: 'hi',
      attributes: {},
      rest: { trace_id: 'abc', 'exception.stacktrace': 's' },
    },
  ],
  [
    'slog',
    { time: '2026-11-21T19:00:00.123+09:00', level: 'WARN', msg: 'hi', order: { id: 7 } },
    { time: AT, level: 'warn', message: 'hi', attributes: { 'order.id': 7 } },
  ],
  ['zap', { ts: 1795255200.123, level: 'dpanic', msg: 'hi' }, { time: AT, level: 'fatal', message: 'hi' }],
  [
    'structlog',
    { event: 'hi', level: 'critical', timestamp: '2026-11-21T10:00:00.123Z' },
    { time: AT, level: 'fatal', message: 'hi' },
  ],
  [
    'Serilog',
    { '@t': '2026-11-21T10:00:00.123Z', '@l': 'Warning', '@m': 'hi' },
    { time: AT, level: 'warn', message: 'hi' },
  ],
  [
    'Google Cloud',
    { severity: 'NOTICE', textPayload: 'hi', timestamp: '2026-11-21T10:00:00.123Z' },
    { level: 'info', message: 'hi', attributes: { 'sillok.original.level': 'NOTICE' } },
  ],
  [
    'our own shape',
    { kind: 'access', time: AT, level: 'info', message: 'hi', attributes: { a: { b: 1 } } },
    { kind: 'access', time: AT, attributes: { 'a.b': 1 } },
  ],
])('%s is understood', (_name, input, expected) => {
  expect(normal(input)).toMatchObject({ ...expected, quarantined: [] });
});

test('what is not understood stays under its own name', () => {
  expect(
    normal({ level: 'loud', kind: 'pod', message: { a: 1 }, n: Number.NaN, 'a.b': 1 }, 'escape'),
  ).toMatchObject({
    time: DEFAULT_TIME,
    kind: 'log',
    level: 'info',
    message: '',
    attributes: { level: 'loud', kind: 'pod', 'message.a': 1, n: 'NaN', 'a\\.b': 1 },
  });
});

test('a time that cannot be read is noted, and the time of arrival stands in', () => {
  expect(normal({ time: '2299-01-01T00:00:00Z', msg: 'x' })).toMatchObject({
    time: DEFAULT_TIME,
    attributes: { 'sillok.quarantine.time': '2299-01-01T00:00:00Z' },
    quarantined: [{ field: 'time', reason: 'bad_time' }],
  });
});

test('getters that throw, cycles, lone surrogates and __proto__ cost nothing else', () => {
  const input: { [key: string]: unknown } = JSON.parse(
    '{"__proto__":{"x":1},"msg":"\\ud800","attributes":{"msg":"second"}}',
  );
  input['self'] = input;
  Object.defineProperty(input, 'bad', {
    enumerable: true,
    get() {
      throw new Error('no');
    },
  });
  const result = normal(input);
  expect(result.message).toBe('\ufffd');
  expect(result.attributes).toMatchObject({
    bad: '(unreadable: no)',
    'sillok.quarantine.message': '\\ud800',
  });
  expect(result.attributes['msg#']).toBe('second');
});

test('structlog writes a traceback as the text "exception", zap as "stacktrace"', () => {
  expect(normal({ event: 'x', exception: 'Traceback' }).rest).toEqual({
    'exception.stacktrace': 'Traceback',
  });
  expect(normal({ msg: 'x', stacktrace: 'main.go:1' }).rest).toEqual({ 'exception.stacktrace': 'main.go:1' });
});

test("a type alone is no exception: OpenTelemetry's error.type keeps its name", () => {
  expect(normal({ msg: 'x', 'error.type': '500' })).toMatchObject({ rest: { 'error.type': '500' } });
  const thrown = normal({ msg: 'x', 'error.type': 'E', 'exception.type': 'T', 'exception.message': 'm' });
  expect(thrown.rest).toEqual({ 'error.type': 'E', 'exception.type': 'T', 'exception.message': 'm' });
});
