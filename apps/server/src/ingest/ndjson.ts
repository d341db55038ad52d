/**
 * Plain lines: `POST /v1/ndjson`, one JSON object per line, as `curl --data-binary @app.log` sends them.
 *
 * `?service.name=orders&host.name=h1` says who wrote, where the lines do not. A line that is not a JSON object is listed
 * in the answer and costs nothing else. A repeat is recognised by an `Idempotency-Key`, or by its content if every
 * line carries its own time; lines without a time may be meant twice.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KNOWN_RESOURCE } from '@sillok/record';
import type { Resource } from '@sillok/record';
import type { IngestDeps } from '../seams.js';
import { authenticateFirst, bodyOf, mediaType, projectOf, wrongContentType } from './body.js';
import type { Body } from './body.js';
import { admitRequest, createRequestRecords } from './groups.js';
import type { RequestRecords } from './groups.js';
import { IDEMPOTENCY_KEY_LENGTH_MAX, REJECTED_NAMED_MAX } from './limits.js';
import { linesOf, resourceOfFields, tryJsonObject } from './lines.js';

const TYPES = ['application/x-ndjson', 'application/jsonl', 'application/json', 'text/plain'];
/** What curl sends when nothing was said. */
const CURL_TYPE = 'application/x-www-form-urlencoded';

const TIME_FIELDS = ['time', 'timestamp', '@timestamp', 'ts', '@t'];

export function registerNdjson(app: FastifyInstance, deps: IngestDeps): void {
  void app.register(async (scope) => {
    authenticateFirst(scope, deps);
    scope.post('/v1/ndjson', (request) => takeLines(deps, request));
  });
}

async function takeLines(deps: IngestDeps, request: FastifyRequest): Promise<object> {
  const type = mediaType(request);
  if (type !== '' && type !== CURL_TYPE && !TYPES.includes(type))
    throw wrongContentType(type, TYPES.join(' or '));
  const body = bodyOf(request);
  const resource = resourceOfQuery(request.query);
  const { records, timed, lineNumbers } = readLines(body, resource);
  const content = contentOf(request.headers['idempotency-key'], body, { resource, timed });
  const project = projectOf(request);
  const verdict = await admitRequest(deps.admission, records, { project, protocol: 'ndjson', content });
  const rejected = verdict.rejected.slice(0, REJECTED_NAMED_MAX);
  return {
    accepted: verdict.accepted,
    rejected: rejected.map(({ index, code, reason }) => ({ line: lineNumbers[index], code, reason })),
    rejected_count: verdict.rejected.length,
    repeated: verdict.repeated,
  };
}

interface Lines {
  readonly records: RequestRecords;
  /** Whether each line says when it happened. */
  readonly timed: boolean;
  /** Of each record, from 1: blank lines count as lines and are no records. */
  readonly lineNumbers: readonly number[];
}

function readLines(body: Body, resource: Resource): Lines {
  const records = createRequestRecords();
  const lineNumbers: number[] = [];
  let timed = true;
  let lineNumber = 0;
  for (const line of linesOf(body.bytes)) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    lineNumbers.push(lineNumber);
    const object = tryJsonObject(line);
    if (!object) {
      records.reject('not_json', 'the line is not a JSON object');
      continue;
    }
    timed &&= TIME_FIELDS.some((field) => object[field] !== undefined);
    records.add(resourceOfFields(object, resource), object);
  }
  return { records, timed, lineNumbers };
}

function resourceOfQuery(query: unknown): Resource {
  const resource: { [key: string]: string } = {};
  if (typeof query !== 'object' || query === null) return resource;
  for (const [key, value] of Object.entries(query)) {
    if (KNOWN_RESOURCE.includes(key) && typeof value === 'string' && value !== '') resource[key] = value;
  }
  return resource;
}

function contentOf(
  key: string | string[] | undefined,
  body: Body,
  found: { readonly resource: Resource; readonly timed: boolean },
): string | undefined {
  if (typeof key === 'string' && key !== '') return `key:${key.slice(0, IDEMPOTENCY_KEY_LENGTH_MAX)}`;
  return found.timed ? `${body.hash}:${JSON.stringify(found.resource)}` : undefined;
}
