/**
 * Elasticsearch's `_bulk`: `POST /_bulk` and `POST /:index/_bulk`, with a result per item as its clients expect.
 *
 * `index` and `create` take records; `update` and `delete` are refused item by item, for a record is never altered.
 * A broken document costs its item; a broken action line costs the request, as it does there, because what follows
 * it cannot be told apart. What shippers ask before their first batch is answered in elastic-handshake.ts.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { badRequest } from '../errors.js';
import { toServerError } from '../http/framework-errors.js';
import type { ForeignRecord, IngestDeps } from '../seams.js';
import { authenticateFirst, bodyOf, mediaType, projectOf, wrongContentType } from './body.js';
import type { Body } from './body.js';
import { registerElasticHandshake } from './elastic-handshake.js';
import { admitRequest, createRequestRecords } from './groups.js';
import type { IndexedRejection, RequestRecords } from './groups.js';
import { linesOf, resourceOfFields, tryJsonObject } from './lines.js';

interface Item {
  readonly action: 'index' | 'create' | 'update' | 'delete';
  readonly index: string;
  readonly id: string | undefined;
}

interface Bulk {
  readonly records: RequestRecords;
  readonly items: readonly Item[];
  /** Whether each document says when it happened or has an id: if so, the same body is the same news. */
  readonly identified: boolean;
}

const ACTIONS = ['index', 'create', 'update', 'delete'] as const;
const TYPES = ['application/x-ndjson', 'application/json', 'application/vnd.elasticsearch+x-ndjson'];
const RESULT_TYPE = 'application/json; charset=utf-8';

export function registerElastic(app: FastifyInstance, deps: IngestDeps): void {
  registerElasticHandshake(app);
  void app.register(async (scope) => {
    authenticateFirst(scope, deps);
    scope.setErrorHandler(refuse);
    for (const url of ['/_bulk', '/:index/_bulk']) {
      for (const method of ['POST', 'PUT'] as const) {
        scope.route({ method, url, handler: (request, reply) => bulk(deps, request, reply) });
      }
    }
  });
}

async function bulk(deps: IngestDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const project = projectOf(request);
  const type = mediaType(request);
  if (!TYPES.includes(type) && type !== 'application/vnd.elasticsearch+json') {
    throw wrongContentType(type, 'application/x-ndjson');
  }
  const index = indexOf(request);
  const body = bodyOf(request);
  const { records, items, identified } = readBulk(body, index);
  const content = identified ? `${index}:${body.hash}` : undefined;
  const verdict = await admitRequest(deps.admission, records, { project, protocol: 'elastic', content });
  const rejected = new Map(verdict.rejected.map((one) => [one.index, one]));
  const results = items.map((item, number) => itemResult(item, rejected.get(number)));
  const answer = { took: Math.round(reply.elapsedTime), errors: rejected.size > 0, items: results };
  // The clients of version 8 refuse to go on without this header.
  return reply.header('x-elastic-product', 'Elasticsearch').type(RESULT_TYPE).send(JSON.stringify(answer));
}

function indexOf(request: FastifyRequest): string {
  const params: unknown = request.params;
  if (typeof params !== 'object' || params === null || !('index' in params)) return '';
  return typeof params.index === 'string' ? params.index : '';
}

function readBulk(body: Body, defaultIndex: string): Bulk {
  const records = createRequestRecords();
  const items: Item[] = [];
  let identified = true;
  let item: Item | undefined;
  let lineNumber = 0;
  for (const line of linesOf(body.bytes)) {
    lineNumber += 1;
    if (!item) {
      if (line.trim() === '') continue;
      item = readAction(line, defaultIndex);
      if (!item) throw badAction(lineNumber);
      items.push(item);
      if (item.action !== 'delete') continue;
      records.reject('not_supported', 'records are never deleted by their writers');
    } else {
      identified &&= addDocument(records, item, line);
    }
    item = undefined;
  }
  if (item) records.reject('no_document', 'the action is the last line; its document is missing');
  return { records, items, identified };
}

function readAction(line: string, defaultIndex: string): Item | undefined {
  const object = tryJsonObject(line);
  const action = ACTIONS.find((name) => object !== undefined && Object.hasOwn(object, name));
  if (!object || !action) return undefined;
  const meta: unknown = object[action];
  if (typeof meta !== 'object' || meta === null) return undefined;
  const { _index, _id } = { _index: undefined, _id: undefined, ...meta };
  return {
    action,
    index: typeof _index === 'string' ? _index : defaultIndex,
    id: typeof _id === 'string' || typeof _id === 'number' ? String(_id) : undefined,
  };
}

/** Whether the document can be recognised when it comes again. */
function addDocument(records: RequestRecords, item: Item, line: string): boolean {
  if (item.action === 'update') {
    records.reject('not_supported', 'a record cannot be changed; send a new one with "create"');
    return true;
  }
  const document = tryJsonObject(line);
  if (!document) {
    records.reject('not_json', 'the document is not a JSON object');
    return true;
  }
  records.add(resourceOfFields(document, {}), toRecord(document, item));
  return item.id !== undefined || document['@timestamp'] !== undefined;
}

function toRecord(document: ForeignRecord, item: Item): ForeignRecord {
  return {
    ...(item.index === '' ? {} : { 'elasticsearch.index': item.index }),
    ...(item.id === undefined ? {} : { 'elasticsearch.id': item.id }),
    ...document,
  };
}

function itemResult(item: Item, rejection: IndexedRejection | undefined): { [action: string]: unknown } {
  const place = { _index: item.index, _id: item.id ?? null };
  if (rejection) {
    const error = { type: `sillok_${rejection.code}`, reason: rejection.reason };
    return { [item.action]: { ...place, status: 400, error } };
  }
  const shards = { total: 1, successful: 1, failed: 0 };
  return { [item.action]: { ...place, _version: 1, result: 'created', _shards: shards, status: 201 } };
}

function badAction(lineNumber: number): Error {
  return badRequest(
    'bad_action',
    `Malformed action/metadata line [${lineNumber}]: not one of index, create, update, delete. Nothing was stored.`,
    'Each document needs an action line before it.',
  );
}

/** Elasticsearch's shape of an error around ours, so that both kinds of client can read it. */
function refuse(thrown: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toServerError(thrown);
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', error.retryAfterSeconds);
  const own = error.body().error;
  const cause = { type: `sillok_${error.code}`, reason: error.message };
  return reply
    .code(error.status)
    .header('x-elastic-product', 'Elasticsearch')
    .type(RESULT_TYPE)
    .send(JSON.stringify({ error: { ...own, ...cause, root_cause: [cause] }, status: error.status }));
}
