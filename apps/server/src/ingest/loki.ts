/**
 * Loki's push API: `POST /loki/api/v1/push`, JSON (plain or gzip) and snappy protobuf.
 *
 * Success is 204. Loki has no partial success: when some entries are bad, the good ones are stored and the answer is
 * 400 with the reasons, which clients log and do not retry. A retry would add nothing anyway.
 */
import { jsonTextOf } from '@sillok/record';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { uncompress } from 'snappyjs';
import { badRequest, bodyNotReadable, bodyTooLarge } from '../errors.js';
import { toServerError } from '../http/framework-errors.js';
import type { IngestDeps } from '../seams.js';
import { authenticateFirst, bodyOf, mediaType, projectOf, wrongContentType } from './body.js';
import { admitRequest, createRequestRecords, describeRejections } from './groups.js';
import type { RequestRecords } from './groups.js';
import { REJECTED_IN_MESSAGE_MAX, SNAPPY_BYTES_MAX } from './limits.js';
import { lineToRecord } from './lines.js';
import { parseLabels, splitLabels } from './loki-labels.js';
import type { Labels } from './loki-labels.js';
import { decodeLoki } from './loki-schema.js';
import { bigintOf, fieldsOf, listOf, textOf, timeOf } from './otlp-value.js';

interface Entry {
  readonly time: string | undefined;
  readonly line: string;
  readonly metadata: Labels;
}

export function registerLoki(app: FastifyInstance, deps: IngestDeps): void {
  void app.register(async (scope) => {
    authenticateFirst(scope, deps);
    scope.addHook('onRequest', async (request) => {
      // Some clients name the snappy of the protobuf form as a content encoding; the body is the same.
      if (request.headers['content-encoding'] === 'snappy') delete request.headers['content-encoding'];
    });
    scope.setErrorHandler((thrown, _request, reply) => {
      const error = toServerError(thrown);
      if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', error.retryAfterSeconds);
      return reply.code(error.status).send(error.body());
    });
    scope.post('/loki/api/v1/push', async (request, reply): Promise<FastifyReply> => {
      const project = projectOf(request);
      const body = bodyOf(request);
      const records = readPush(mediaType(request), body.bytes);
      const verdict = await admitRequest(deps.admission, records, {
        project,
        protocol: 'loki',
        content: body.hash,
      });
      if (verdict.rejected.length === 0) return reply.code(204).send();
      throw badRequest(
        'entries_rejected',
        describeRejections(verdict, REJECTED_IN_MESSAGE_MAX),
        'Nothing needs to be sent again.',
      );
    });
  });
}

function readPush(type: string, bytes: Buffer): RequestRecords {
  if (type === 'application/json') return readJson(bytes);
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return readProtobuf(bytes);
  throw wrongContentType(type, 'application/json, or application/x-protobuf with snappy');
}

function readJson(bytes: Buffer): RequestRecords {
  const records = createRequestRecords();
  let push: unknown;
  try {
    push = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw bodyNotReadable('JSON', error);
  }
  const streams = fieldsOf(push)['streams'];
  if (!Array.isArray(streams)) throw bodyNotReadable('a push of Loki: {"streams":[…]}', push);
  for (const item of streams) {
    const stream = fieldsOf(item);
    const labels = textLabels(stream['stream']);
    addEntries(records, labels, listOf(stream['values']).map(jsonEntry));
  }
  return records;
}

/** `["<ns>", "<line>", {metadata}?]` */
function jsonEntry(value: unknown): Entry | undefined {
  if (!Array.isArray(value) || typeof value[1] !== 'string') return undefined;
  return { time: timeOf(value[0]), line: value[1], metadata: textLabels(value[2]) };
}

function textLabels(value: unknown): Labels {
  const labels: { [name: string]: string } = Object.create(null);
  for (const [name, text] of Object.entries(fieldsOf(value))) {
    labels[name] = typeof text === 'string' ? text : jsonTextOf(text);
  }
  return labels;
}

function readProtobuf(bytes: Buffer): RequestRecords {
  const records = createRequestRecords();
  const inflated = inflateSnappy(bytes);
  const push = fieldsOf(attempt(() => decodeLoki('PushRequest', inflated)));
  for (const item of listOf(push['streams'])) {
    const stream = item instanceof Uint8Array ? attempt(() => decodeLoki('Stream', item)) : undefined;
    const labels = parseLabels(textOf(fieldsOf(stream)['labels']));
    if (!labels) records.reject('bad_stream', 'a stream cannot be read, or its labels are not a label set');
    else addEntries(records, labels, listOf(fieldsOf(stream)['entries']).map(protobufEntry));
  }
  if (records.count === 0 && bytes.length > 0 && !Array.isArray(push['streams'])) {
    throw bodyNotReadable('a PushRequest of Loki', push);
  }
  return records;
}

function protobufEntry(value: unknown): Entry | undefined {
  const entry = value instanceof Uint8Array ? attempt(() => decodeLoki('Entry', value)) : undefined;
  if (!entry) return undefined;
  const { timestamp, line, structuredMetadata } = fieldsOf(entry);
  const metadata: { [name: string]: string } = Object.create(null);
  for (const pair of listOf(structuredMetadata)) {
    const { name, value: text } = fieldsOf(pair);
    metadata[textOf(name)] = textOf(text);
  }
  return { time: timestampOf(timestamp), line: textOf(line), metadata };
}

function timestampOf(timestamp: unknown): string | undefined {
  const { seconds, nanos } = fieldsOf(timestamp);
  const ns = (bigintOf(seconds) ?? 0n) * 1_000_000_000n + (bigintOf(nanos) ?? 0n);
  return ns > 0n ? (timeOf(String(ns)) ?? undefined) : undefined;
}

function attempt(decode: () => unknown): unknown {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** The size stands in front: a bomb is refused before a byte is inflated. */
function inflateSnappy(bytes: Buffer): Uint8Array {
  if (snappySize(bytes) > SNAPPY_BYTES_MAX) throw bodyTooLarge(SNAPPY_BYTES_MAX);
  try {
    return uncompress(bytes, SNAPPY_BYTES_MAX);
  } catch (error) {
    throw bodyNotReadable('snappy', error);
  }
}

function snappySize(bytes: Buffer): number {
  let size = 0;
  for (const [index, byte] of bytes.subarray(0, 5).entries()) {
    size += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return size;
  }
  return 0;
}

function addEntries(records: RequestRecords, labels: Labels, entries: readonly (Entry | undefined)[]): void {
  const { resource, attributes } = splitLabels(labels);
  for (const entry of entries) {
    if (!entry) {
      records.reject('bad_entry', 'not [time, line] or [time, line, metadata]');
      continue;
    }
    if (entry.time === undefined) {
      records.reject('bad_time', 'the time is not a count of nanoseconds between 1970 and 2261');
      continue;
    }
    // The entry's own time wins over one inside the line: it is what Loki would have sorted by.
    records.add(resource, {
      ...lineToRecord(entry.line, { ...attributes, ...entry.metadata }),
      time: entry.time,
    });
  }
}
