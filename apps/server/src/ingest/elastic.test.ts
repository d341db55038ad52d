import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { overloaded } from '../errors.js';
import { registerElastic } from './elastic.js';
import { createRecordingAdmission, serveProtocol } from './recording-admission.case.js';

const ndjson = { 'content-type': 'application/x-ndjson' };
const AT = '2025-11-21T10:00:00.000Z';

let app: FastifyInstance;
afterEach(() => app?.close());

async function start() {
  const admission = createRecordingAdmission();
  app = await serveProtocol(registerElastic, { admission });
  return admission;
}

function bulk(
  lines: (object | string)[],
  options: { url?: string; headers?: { [name: string]: string } } = {},
) {
  const payload = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  return app.inject({
    method: 'POST',
    url: options.url ?? '/_bulk',
    payload,
    headers: options.headers ?? ndjson,
  });
}

describe('_bulk', () => {
  test('documents become records, with a result each', async () => {
    const admission = await start();
    const answer = await bulk(
      [
        { create: {} },
        { '@timestamp': AT, message: 'one', service: { name: 'shop' }, host: { name: 'h1' } },
        { index: { _index: 'other', _id: 'x7' } },
        { '@timestamp': AT, message: 'two', 'service.name': 'shop' },
      ],
      { url: '/logs-app/_bulk' },
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['x-elastic-product']).toBe('Elasticsearch');
    expect(answer.json()).toMatchObject({
      errors: false,
      items: [
        { create: { _index: 'logs-app', status: 201, result: 'created' } },
        { index: { _index: 'other', _id: 'x7', status: 201 } },
      ],
    });
    expect(admission.batches.map(({ resource }) => resource)).toEqual([
      { 'service.name': 'shop', 'host.name': 'h1' },
      { 'service.name': 'shop' },
    ]);
    expect(admission.records()[1]).toMatchObject({
      'elasticsearch.index': 'other',
      'elasticsearch.id': 'x7',
    });
  });

  test('a bad document costs its item; what would alter a record is refused', async () => {
    const admission = await start();
    const answer = await bulk([
      { create: {} },
      '{"broken":',
      { delete: { _id: '1' } },
      { update: { _id: '1' } },
      { doc: {} },
      { create: {} },
      { '@timestamp': AT, message: 'kept' },
      { create: {} },
    ]);
    const items: { [action: string]: { status: number; error?: { type: string } } }[] = answer.json().items;
    expect(answer.json().errors).toBe(true);
    expect(
      items.map((item) =>
        Object.entries(item).map(([action, { status, error }]) => [action, status, error?.type]),
      ),
    ).toEqual([
      [['create', 400, 'sillok_not_json']],
      [['delete', 400, 'sillok_not_supported']],
      [['update', 400, 'sillok_not_supported']],
      [['create', 201, undefined]],
      [['create', 400, 'sillok_no_document']],
    ]);
    expect(admission.records()).toHaveLength(1);
  });

  test('a broken action line costs the request, as it does there', async () => {
    const admission = await start();
    const answer = await bulk([{ create: {} }, { message: 'x' }, { upsert: {} }, { message: 'y' }]);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      status: 400,
      error: { code: 'bad_action', type: 'sillok_bad_action', message: expect.stringContaining('[3]') },
    });
    expect(admission.records()).toEqual([]);
  });

  test('the same body sent again adds nothing, unless nothing in it tells it from news', async () => {
    const admission = await start();
    const timed = [{ create: {} }, { '@timestamp': AT, message: 'once' }];
    const named = [{ create: { _id: 'a' } }, { message: 'once' }];
    const untimed = [{ create: {} }, { message: 'tick' }];
    for (const lines of [timed, timed, named, named, untimed, untimed]) {
      expect((await bulk(lines)).json().errors).toBe(false);
    }
    expect(admission.records().map(({ message }) => message)).toEqual(['once', 'once', 'tick', 'tick']);
  });

  test('another index makes it another request', async () => {
    const admission = await start();
    const lines = [{ create: {} }, { '@timestamp': AT, message: 'x' }];
    await bulk(lines, { url: '/a/_bulk' });
    await bulk(lines, { url: '/b/_bulk' });
    expect(admission.records()).toHaveLength(2);
  });

  test('a full queue, another type and an empty body', async () => {
    const admission = await start();
    expect((await bulk([], {})).json()).toMatchObject({ errors: false, items: [] });
    expect((await bulk([{}], { headers: { 'content-type': 'text/html' } })).statusCode).toBe(415);
    admission.failure = overloaded('full', 2);
    const answer = await bulk([{ create: {} }, { message: 'x' }]);
    expect([answer.statusCode, answer.headers['retry-after'], answer.json().error.type]).toEqual([
      429,
      '2',
      'sillok_overloaded',
    ]);
  });
});

describe('what shippers ask first', () => {
  test('the root is Elasticsearch to its clients only', async () => {
    await start();
    const get = (agent: string) => app.inject({ method: 'GET', url: '/', headers: { 'user-agent': agent } });
    for (const agent of [
      'Filebeat/8.11.0 (linux)',
      'Fluent-Bit',
      'elasticsearch-py/8.1',
      'go-elasticsearch/8',
      'Vector/0.4',
    ]) {
      const answer = await get(agent);
      expect([agent, answer.statusCode, answer.headers['x-elastic-product']]).toEqual([
        agent,
        200,
        'Elasticsearch',
      ]);
      expect(answer.json().version.number).toMatch(/^8\./);
    }
    expect((await get('Mozilla/5.0')).statusCode).toBe(404);
    const byType = { accept: 'application/vnd.elasticsearch+json;compatible-with=8' };
    expect((await app.inject({ method: 'HEAD', url: '/', headers: byType })).statusCode).toBe(200);
  });

  test.each([
    ['GET', '/_license'],
    ['GET', '/_xpack'],
    ['GET', '/_cluster/health'],
    ['GET', '/_nodes/http'],
    ['HEAD', '/_index_template/filebeat'],
    ['PUT', '/_index_template/filebeat'],
    ['PUT', '/_template/logstash'],
    ['GET', '/_ilm/policy/filebeat'],
  ] as const)('%s %s is answered', async (method, url) => {
    await start();
    const answer = await app.inject({ method, url, ...(method === 'PUT' ? { payload: '{}' } : {}) });
    expect([answer.statusCode, answer.headers['x-elastic-product']]).toEqual([200, 'Elasticsearch']);
  });
});
