/** One OTLP span as a foreign record of kind `span`: see docs/reference/protocols.md for the table of fields. */
import type { ForeignRecord } from '../seams.js';
import { addScope, ids } from './otlp-log.js';
import { attributesOf, bigintOf, countOf, fieldsOf, idOf, listOf, textOf, timeOf } from './otlp-value.js';
import type { Fields } from './otlp-value.js';

const SPAN_KINDS: { readonly [number: string]: string } = {
  1: 'internal',
  2: 'server',
  3: 'client',
  4: 'producer',
  5: 'consumer',
  SPAN_KIND_INTERNAL: 'internal',
  SPAN_KIND_SERVER: 'server',
  SPAN_KIND_CLIENT: 'client',
  SPAN_KIND_PRODUCER: 'producer',
  SPAN_KIND_CONSUMER: 'consumer',
};

const STATUS_CODES: { readonly [number: string]: string } = {
  1: 'OK',
  2: 'ERROR',
  STATUS_CODE_OK: 'OK',
  STATUS_CODE_ERROR: 'ERROR',
};

const EXCEPTION_KEYS = ['exception.type', 'exception.message', 'exception.stacktrace'] as const;

export function spanToRecord(span: unknown, scope: Fields): ForeignRecord {
  const fields = fieldsOf(span);
  const attributes = attributesOf(fields['attributes']);
  addScope(attributes, scope);
  addKindAndStatus(attributes, fields);
  addEvents(attributes, fields);
  addLinks(attributes, fields);
  const parent = idOf(fields['parentSpanId']);
  const start = timeOf(fields['startTimeUnixNano']);
  const duration = durationMs(fields);
  return {
    ...ids(fields),
    ...(parent === undefined ? {} : { parent_span_id: parent }),
    ...(start === undefined ? {} : { time: start }),
    ...(duration === undefined ? {} : { duration_ms: duration }),
    kind: 'span',
    level: attributes['otel.status_code'] === 'ERROR' ? 'error' : 'info',
    message: textOf(fields['name']),
    attributes,
  };
}

/** Milliseconds with nanoseconds behind the point; nothing for a span without an end. */
function durationMs(fields: Fields): number | undefined {
  const start = bigintOf(fields['startTimeUnixNano']) ?? 0n;
  const end = bigintOf(fields['endTimeUnixNano']) ?? 0n;
  return start > 0n && end >= start ? Number(end - start) / 1e6 : undefined;
}

function addKindAndStatus(attributes: { [key: string]: unknown }, fields: Fields): void {
  const kind = SPAN_KINDS[String(fields['kind'])];
  if (kind !== undefined) attributes['span.kind'] = kind;
  const status = fieldsOf(fields['status']);
  const code = STATUS_CODES[String(status['code'])];
  if (code !== undefined) attributes['otel.status_code'] = code;
  const description = textOf(status['message']);
  if (description !== '') attributes['otel.status_description'] = description;
  const state = textOf(fields['traceState']);
  if (state !== '') attributes['w3c.tracestate'] = state;
  for (const what of ['Attributes', 'Events', 'Links'] as const) {
    const count = countOf(fields[`dropped${what}Count`]);
    if (count > 0) attributes[`otel.dropped_${what.toLowerCase()}_count`] = count;
  }
}

/** Events stay a list. The first exception's three fields move up, where logs have them too. */
function addEvents(attributes: { [key: string]: unknown }, fields: Fields): void {
  const events: { [field: string]: unknown }[] = [];
  let lifted = EXCEPTION_KEYS.some((key) => key in attributes);
  for (const item of listOf(fields['events'])) {
    const event = fieldsOf(item);
    const own = attributesOf(event['attributes']);
    if (!lifted && textOf(event['name']) === 'exception') {
      lifted = true;
      liftException(own, attributes);
    }
    events.push(withRest({ name: textOf(event['name']), time: timeOf(event['timeUnixNano']) }, event, own));
  }
  if (events.length > 0) attributes['span.events'] = events;
}

function liftException(own: { [key: string]: unknown }, attributes: { [key: string]: unknown }): void {
  for (const key of EXCEPTION_KEYS) {
    if (own[key] === undefined) continue;
    attributes[key] = own[key];
    delete own[key];
  }
}

function addLinks(attributes: { [key: string]: unknown }, fields: Fields): void {
  const links = listOf(fields['links']).map((item) => {
    const link = fieldsOf(item);
    const state = textOf(link['traceState']);
    const head = { ...ids(link), ...(state === '' ? {} : { tracestate: state }) };
    return withRest(head, link, attributesOf(link['attributes']));
  });
  if (links.length > 0) attributes['span.links'] = links;
}

function withRest(
  head: { [field: string]: unknown },
  source: Fields,
  attributes: { [key: string]: unknown },
): { [field: string]: unknown } {
  const result: { [field: string]: unknown } = {};
  for (const [key, value] of Object.entries(head)) if (value !== undefined) result[key] = value;
  if (Object.keys(attributes).length > 0) result['attributes'] = attributes;
  const dropped = countOf(source['droppedAttributesCount']);
  if (dropped > 0) result['dropped_attributes_count'] = dropped;
  return result;
}
