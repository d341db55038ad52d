import type { FastifyInstance } from 'fastify';
import { compress } from 'snappyjs';
import { afterEach, describe, expect, test } from 'vitest';
import { overloaded } from '../errors.js';
import { parseLabels } from './loki-labels.js';
import { encodeLoki } from './loki-schema.js';
import { registerLoki } from './loki.js';
import { createRecordingAdmission, serveProtocol } from './recording-admission.case.js';

const NS = '1763719200000000001';
const TIME = '2025-11-21T10:00:00.000000001Z';
const json = { 'content-type': 'application/json' };
const proto = { 'content-type': 'application/x-protobuf' };

let app: FastifyInstance;
afterEach(() => app?.close());

async function start() {
  const admission = createRecordingAdmission();
  app = await serveProtocol(registerLoki, { admission });
  return admission;
}

function push(payload: object | string | Buffer, headers: { [name: string]: string } = json) {
  return app.inject({ method: 'POST', url: '/loki/api/v1/push', payload, headers });
}

function snappy(streams: { labels: string; entries: { [field: string]: unknown }[] }[]): Buffer {
  const encoded = streams.map(({ labels, entries }) => ({
    labels,
    entries: entries.map((entry) => Buffer.from(encodeLoki('Entry', entry))),
  }));
  const inner = encoded.map((stream) => Buffer.from(encodeLoki('Stream', stream)));
  return Buffer.from(compress(encodeLoki('PushRequest', { streams: inner })));
}

describe('JSON', () => {
  test('labels, metadata and lines have their places', async () => {
    const admission = await start();
    const answer = await push({
      streams: [
        {
          stream: { job: 'shop', host: 'h1', namespace: 'prod' },
          values: [
            [NS, 'plain line', { user: '7' }],
            [NS, '{"level":"error","msg":"boom","order":{"id":7},"time":"1999-01-01T00:00:00Z"}'],
          ],
        },
      ],
    });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(admission.batches[0]?.resource).toEqual({ 'service.name': 'shop', 'host.name': 'h1' });
    expect(admission.records()).toEqual([
      { namespace: 'prod', user: '7', message: 'plain line', time: TIME },
      { namespace: 'prod', level: 'error', msg: 'boom', order: { id: 7 }, time: TIME },
    ]);
  });

  test('bad entries are named, the others are stored, and the retry adds nothing', async () => {
    const admission = await start();
    const values = [[NS, 'good'], ['tomorrow', 'x'], [NS], 'no', [NS, 'good too']];
    for (const attempt of [1, 2]) {
      const answer = await push({ streams: [{ stream: {}, values }] });
      expect([attempt, answer.statusCode]).toEqual([attempt, 400]);
      expect(answer.json().error.message).toMatch(
        /^3 of 5 records were not taken, all others are stored\. #1 bad_time/,
      );
    }
    expect(admission.records()).toHaveLength(2);
  });

  test('the same push sent again adds nothing', async () => {
    const admission = await start();
    const body = { streams: [{ stream: { a: 'b' }, values: [[NS, 'once']] }] };
    expect([(await push(body)).statusCode, (await push(body)).statusCode]).toEqual([204, 204]);
    expect(admission.records()).toHaveLength(1);
  });
});

describe('snappy protobuf', () => {
  const entry = (line: string) => ({ timestamp: { seconds: 1763719200, nanos: 1 }, line });

  test('says the same as JSON', async () => {
    const admission = await start();
    const metadata = [{ name: 'trace', value: 'x' }];
    const body = snappy([
      {
        labels: '{job="shop", note="a \\"b\\", c"}',
        entries: [{ ...entry('로그'), structuredMetadata: metadata }],
      },
    ]);
    const answer = await push(body, { ...proto, 'content-encoding': 'snappy' });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(admission.batches[0]?.resource).toEqual({ 'service.name': 'shop' });
    expect(admission.records()).toEqual([{ note: 'a "b", c', trace: 'x', message: '로그', time: TIME }]);
  });

  test('a stream with broken labels costs itself', async () => {
    const admission = await start();
    const body = snappy([
      { labels: 'not labels', entries: [entry('lost')] },
      { labels: '{}', entries: [entry('kept')] },
    ]);
    const answer = await push(body, proto);
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'entries_rejected']);
    expect(admission.records()).toHaveLength(1);
  });

  test('a bomb is refused by the size that it declares', async () => {
    await start();
    const bomb = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0xfe, 0x01, 0x00]);
    const answer = await push(bomb, proto);
    expect([answer.statusCode, answer.json().error.code]).toEqual([413, 'body_too_large']);
  });
});

describe('refusals', () => {
  test.each([
    { name: 'garbage in JSON', body: Buffer.from('{"streams"'), headers: json, status: 400 },
    { name: 'no streams', body: Buffer.from('{}'), headers: json, status: 400 },
    { name: 'no snappy', body: Buffer.from([1, 2, 3, 4]), headers: proto, status: 400 },
    {
      name: 'snappy of garbage',
      body: Buffer.from(compress(Buffer.from('garbage'))),
      headers: proto,
      status: 400,
    },
    { name: 'another type', body: Buffer.from('x'), headers: { 'content-type': 'text/html' }, status: 415 },
  ])('$name', async ({ body, headers, status }) => {
    const admission = await start();
    const answer = await push(body, headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error.help).toBeTypeOf('string');
    expect(admission.records()).toEqual([]);
  });

  test('a full queue is passed on', async () => {
    const admission = await start();
    admission.failure = overloaded('full', 2);
    const answer = await push({ streams: [{ stream: {}, values: [[NS, 'x']] }] });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '2']);
  });
});

test('labels are read as Loki writes them', () => {
  expect(parseLabels('{}')).toEqual({});
  expect(parseLabels(' {a="1",b_c="x\\ny",  __proto__="p" } ')).toEqual(
    JSON.parse('{"a":"1","b_c":"x\\ny","__proto__":"p"}'),
  );
  for (const wrong of ['', '{', '{a}', '{a=1}', '{a="1}', '{a="1" b="2"}', 'a="1"']) {
    expect([wrong, parseLabels(wrong)]).toEqual([wrong, undefined]);
  }
});
