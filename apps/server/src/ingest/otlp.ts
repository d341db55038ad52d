/**
 * OTLP/HTTP: `POST /v1/logs` and `POST /v1/traces`, protobuf and JSON.
 *
 * Answers are in the encoding of the request, refusals too: google.rpc.Status. A record that cannot be read is counted
 * in `partial_success` and costs nothing else. The same body sent again adds nothing.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Resource } from '@sillok/record';
import { bodyNotReadable } from '../errors.js';
import type { ServerError } from '../errors.js';
import { toServerError } from '../http/framework-errors.js';
import type { ForeignRecord, IngestDeps } from '../seams.js';
import { authenticateFirst, bodyOf, mediaType, projectOf, wrongContentType } from './body.js';
import type { Body } from './body.js';
import { admitRequest, createRequestRecords, describeRejections } from './groups.js';
import type { RequestRecords, RequestVerdict } from './groups.js';
import { REJECTED_IN_MESSAGE_MAX } from './limits.js';
import { logToRecord } from './otlp-log.js';
import { decodeOtlp, encodeOtlp } from './otlp-schema.js';
import type { OtlpType } from './otlp-schema.js';
import { spanToRecord } from './otlp-span.js';
import { fieldsOf, listOf, resourceOf } from './otlp-value.js';
import type { Fields } from './otlp-value.js';

/** What differs between the two signals. */
interface Signal {
  readonly path: string;
  readonly request: OtlpType;
  readonly record: OtlpType;
  readonly resources: string;
  readonly scopes: string;
  readonly records: string;
  readonly rejectedField: string;
  readonly toRecord: (record: unknown, scope: Fields) => ForeignRecord;
}

const LOGS: Signal = {
  path: '/v1/logs',
  request: 'LogsRequest',
  record: 'LogRecord',
  resources: 'resourceLogs',
  scopes: 'scopeLogs',
  records: 'logRecords',
  rejectedField: 'rejectedLogRecords',
  toRecord: logToRecord,
};

const TRACES: Signal = {
  path: '/v1/traces',
  request: 'TracesRequest',
  record: 'Span',
  resources: 'resourceSpans',
  scopes: 'scopeSpans',
  records: 'spans',
  rejectedField: 'rejectedSpans',
  toRecord: spanToRecord,
};

type Encoding = 'protobuf' | 'json';

/** google.rpc codes for the statuses that can happen here; others are 2, "unknown". */
const RPC_CODES: { readonly [status: number]: number } = {
  400: 3,
  401: 16,
  403: 7,
  413: 8,
  415: 3,
  429: 8,
  500: 13,
  503: 14,
  507: 8,
};

export function registerOtlp(app: FastifyInstance, deps: IngestDeps): void {
  void app.register(async (scope) => {
    authenticateFirst(scope, deps);
    scope.setErrorHandler((error, request, reply) => refuse(toServerError(error), request, reply));
    for (const signal of [LOGS, TRACES]) {
      scope.post(signal.path, async (request, reply) => {
        const project = projectOf(request);
        const encoding = encodingOf(request);
        const body = bodyOf(request);
        const records = readRequest(signal, encoding, body);
        const content = `${signal.path}:${body.hash}`;
        const verdict = await admitRequest(deps.admission, records, { project, protocol: 'otlp', content });
        return answer(reply, encoding, partialSuccess(signal, verdict));
      });
    }
  });
}

function encodingOf(request: FastifyRequest): Encoding {
  const type = mediaType(request);
  if (type === 'application/json') return 'json';
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  throw wrongContentType(type, 'application/x-protobuf or application/json');
}

function readRequest(signal: Signal, encoding: Encoding, body: Body): RequestRecords {
  const records = createRequestRecords();
  const request = fieldsOf(decodeRequest(signal, encoding, body.bytes));
  const take = (record: ForeignRecord | undefined, resource: Resource): void => {
    if (record) records.add(resource, record);
    else records.reject('undecodable', `not a readable ${signal.record}`);
  };
  for (const item of listOf(request[signal.resources])) {
    const group = fieldsOf(item);
    const resource = resourceOf(group['resource']);
    for (const scopeItem of listOf(group[signal.scopes])) {
      const scopeFields = fieldsOf(scopeItem);
      const scope = fieldsOf(scopeFields['scope']);
      for (const one of listOf(scopeFields[signal.records])) {
        take(tryRecord(signal, one, scope), resource);
      }
    }
  }
  return records;
}

function decodeRequest(signal: Signal, encoding: Encoding, bytes: Buffer): unknown {
  try {
    return encoding === 'protobuf' ? decodeOtlp(signal.request, bytes) : parseJsonObject(bytes);
  } catch (error) {
    const form = encoding === 'protobuf' ? 'protobuf' : 'a JSON object';
    throw bodyNotReadable(`${form} of an OTLP request to ${signal.path}`, error);
  }
}

function parseJsonObject(bytes: Buffer): unknown {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('not a JSON object');
  return value;
}

/** In protobuf a record is still bytes here: see otlp-schema.ts. */
function tryRecord(signal: Signal, one: unknown, scope: Fields): ForeignRecord | undefined {
  try {
    const decoded = one instanceof Uint8Array ? decodeOtlp(signal.record, one) : one;
    if (typeof decoded !== 'object' || decoded === null || Array.isArray(decoded)) return undefined;
    return signal.toRecord(decoded, scope);
  } catch {
    return undefined;
  }
}

function partialSuccess(signal: Signal, verdict: RequestVerdict): { [encoding in Encoding]: Fields } {
  if (verdict.rejected.length === 0) return { protobuf: {}, json: {} };
  const rejected = verdict.rejected.length;
  const errorMessage = describeRejections(verdict, REJECTED_IN_MESSAGE_MAX);
  return {
    protobuf: { partialSuccess: { rejected, errorMessage } },
    json: { partialSuccess: { [signal.rejectedField]: String(rejected), errorMessage } },
  };
}

function answer(
  reply: FastifyReply,
  encoding: Encoding,
  body: { [encoding in Encoding]: Fields },
): FastifyReply {
  if (encoding === 'json') return reply.type('application/json').send(JSON.stringify(body.json));
  return reply.type('application/x-protobuf').send(Buffer.from(encodeOtlp('ExportResponse', body.protobuf)));
}

function refuse(error: ServerError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.code(error.status);
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', error.retryAfterSeconds);
  const status = { code: RPC_CODES[error.status] ?? 2, message: `${error.message} ${error.help}` };
  if (mediaType(request).endsWith('protobuf')) {
    return reply.type('application/x-protobuf').send(Buffer.from(encodeOtlp('RpcStatus', status)));
  }
  return reply.type('application/json').send(JSON.stringify({ ...status, ...error.body() }));
}
