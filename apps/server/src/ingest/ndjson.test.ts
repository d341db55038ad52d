import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { registerNdjson } from './ndjson.js';
import { createRecordingAdmission, serveProtocol } from './recording-admission.case.js';

let app: FastifyInstance;
afterEach(() => app?.close());

async function start() {
  const admission = createRecordingAdmission();
  app = await serveProtocol(registerNdjson, { admission });
  return admission;
}

function post(
  payload: string | Buffer,
  options: { query?: string; headers?: { [name: string]: string } } = {},
) {
  const headers = { 'content-type': 'application/x-ndjson', ...options.headers };
  return app.inject({ method: 'POST', url: `/v1/ndjson${options.query ?? ''}`, payload, headers });
}

const TIMED = '{"time":"2025-11-21T10:00:00Z","msg":"a"}\n';

test('lines become records of the named service', async () => {
  const admission = await start();
  const answer = await post(`${TIMED}\r\n\n{"msg":"b","hostname":"h2"}`, {
    query: '?service.name=shop&other=x',
  });
  expect(answer.json()).toEqual({ accepted: 2, rejected: [], rejected_count: 0, repeated: false });
  expect(admission.batches.map(({ resource }) => resource)).toEqual([
    { 'service.name': 'shop' },
    { 'service.name': 'shop', 'host.name': 'h2' },
  ]);
});

test('a bad line costs itself and is named by its number', async () => {
  const admission = await start();
  const answer = await post(`${TIMED}\nnot json\n{"a":\n[1]\n${TIMED}`);
  expect(answer.json()).toMatchObject({ accepted: 2, rejected_count: 3 });
  expect(
    answer.json().rejected.map(({ line, code }: { line: number; code: string }) => [line, code]),
  ).toEqual([
    [3, 'not_json'],
    [4, 'not_json'],
    [5, 'not_json'],
  ]);
  expect(admission.records()).toHaveLength(2);
});

test('a repeat adds nothing if lines have times or the request has a key, else it is news', async () => {
  const admission = await start();
  const untimed = '{"msg":"tick"}\n';
  const keyed = { headers: { 'idempotency-key': 'k1' } };
  expect((await post(TIMED)).json().repeated).toBe(false);
  expect((await post(TIMED)).json().repeated).toBe(true);
  await post(TIMED, { query: '?service.name=other' });
  await post(untimed);
  await post(untimed);
  await post(untimed, keyed);
  await post(untimed, keyed);
  expect(admission.records()).toHaveLength(5);
});

test('curl without a type is understood, HTML is not, nothing is nothing', async () => {
  const admission = await start();
  const form = await post(TIMED, { headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  const html = await post(TIMED, { headers: { 'content-type': 'text/html' } });
  const nothing = await post('');
  expect([form.statusCode, html.statusCode, nothing.statusCode]).toEqual([200, 415, 200]);
  expect(admission.records()).toHaveLength(1);
});

test('random bytes are lines that are not JSON', async () => {
  const admission = await start();
  const answer = await post(Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x80, 0x0a]));
  expect(answer.json()).toMatchObject({ accepted: 0, rejected_count: 2 });
  expect(admission.batches).toEqual([]);
});
