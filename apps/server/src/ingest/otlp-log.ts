/** One OTLP log record as a foreign record: see docs/reference/protocols.md for the table of fields. */
import type { Level } from '@sillok/record';
import type { ForeignRecord } from '../seams.js';
import { anyValue, attributesOf, bigintOf, countOf, fieldsOf, idOf, textOf, timeOf } from './otlp-value.js';
import type { Fields } from './otlp-value.js';

const LEVEL_OF_BAND: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Severity numbers come in bands of four: 1–4 trace, 5–8 debug, … 21–24 fatal. */
const BAND = 4;

const TEXT_LEVELS: { readonly [text: string]: Level } = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  critical: 'fatal',
  fatal: 'fatal',
};

export function logToRecord(log: unknown, scope: Fields): ForeignRecord {
  const fields = fieldsOf(log);
  const time = timeOf(fields['timeUnixNano']) ?? timeOf(fields['observedTimeUnixNano']);
  const attributes = attributesOf(fields['attributes']);
  addScope(attributes, scope);
  const eventName = textOf(fields['eventName']);
  if (eventName !== '') attributes['event.name'] = eventName;
  const dropped = countOf(fields['droppedAttributesCount']);
  if (dropped > 0) attributes['otel.dropped_attributes_count'] = dropped;
  const level = readLevel(fields, attributes);
  const message = readBody(fields['body'], attributes) ?? eventName;
  return { ...ids(fields), ...(time === undefined ? {} : { time }), kind: 'log', level, message, attributes };
}

export function addScope(attributes: { [key: string]: unknown }, scope: Fields): void {
  for (const field of ['name', 'version'] as const) {
    const text = textOf(scope[field]);
    if (text !== '') attributes[`otel.scope.${field}`] = text;
  }
  for (const [key, value] of Object.entries(attributesOf(scope['attributes']))) {
    attributes[`otel.scope.${key}`] = value;
  }
}

export function ids(fields: Fields): { [id: string]: string } {
  const result: { [id: string]: string } = {};
  const traceId = idOf(fields['traceId']);
  const spanId = idOf(fields['spanId']);
  if (traceId !== undefined) result['trace_id'] = traceId;
  if (spanId !== undefined) result['span_id'] = spanId;
  return result;
}

/** The level, and beside it what the six names cannot say: `NOTICE`, or a severity between two names. */
function readLevel(fields: Fields, attributes: { [key: string]: unknown }): Level {
  const number = Number(bigintOf(fields['severityNumber']) ?? 0n);
  const text = textOf(fields['severityText']);
  const band = Math.floor((number - 1) / BAND);
  const level = LEVEL_OF_BAND[band] ?? TEXT_LEVELS[text.toLowerCase()] ?? 'info';
  if (text !== '' && text.toLowerCase() !== level) attributes['otel.severity_text'] = text;
  if (number > 0 && number !== band * BAND + 1) attributes['otel.severity_number'] = number;
  return level;
}

/** A text is the message; anything else stands under `body`, with its own message in front if it has one. */
function readBody(body: unknown, attributes: { [key: string]: unknown }): string | undefined {
  if (body === undefined || body === null) return undefined;
  const value = anyValue(body);
  if (typeof value === 'string') return value;
  if (value === null) return undefined;
  if (typeof value !== 'object') return String(value);
  attributes['body'] = value;
  const { message, msg } = fieldsOf(value);
  if (typeof message === 'string') return message;
  return typeof msg === 'string' ? msg : undefined;
}
