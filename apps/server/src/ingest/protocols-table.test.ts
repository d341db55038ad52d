/**
 * The table of docs/reference/protocols.md, row by row on the real server: the calls and content types that it names, what an
 * identical retry adds and what makes it identical, what is said about one bad record, and the answer. A row without a case
 * fails. (syslog speaks no HTTP and has no types: its rows are in protocols.test.ts.)
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compress } from 'snappyjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { presetConfig } from '../config.js';
import { ServerUnderTest } from '../server.fixture.js';
import { encodeLoki } from './loki-schema.js';
import { encodeOtlp } from './otlp-schema.js';

const NS = '1763719200000000001';
const AT = '2025-11-21T10:00:00.000000001Z';
const PAGE = readFileSync(new URL('../../../../docs/reference/protocols.md', import.meta.url), 'utf8');

interface Row {
  readonly call: string;
  readonly types: string;
  readonly adds: string;
  readonly answer: string;
}

/** The first table of the page by its first column. */
const ROWS: ReadonlyMap<string, Row> = new Map(
  PAGE.split('\n')
    .filter((line) => /^\| [a-zA-Z]/.test(line) && !line.startsWith('| protocol'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 9)
    .map(([, name = '', call = '', types = '', adds = '', , , answer = '']) => [
      name,
      { call, types, adds, answer },
    ]),
);

interface Case {
  readonly row: string;
  readonly says: string;
  readonly path: string;
  readonly type: string;
  readonly more?: Readonly<Record<string, string>>;
  body(word: string): string | Uint8Array;
  readonly adds: 0 | 1;
}

const json = (value: unknown): string => JSON.stringify(value);
const lines = (...values: readonly unknown[]): string => values.map((value) => `${json(value)}\n`).join('');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const otlpLog = (word: string) => ({ timeUnixNano: NS, body: { stringValue: word } });
const otlpSpan = (word: string) => ({ name: word, startTimeUnixNano: NS, endTimeUnixNano: NS });

function native(word: string): string {
  const record = { seq: 1, time: AT, kind: 'log', level: 'info', message: word };
  return lines({ sillok: 1, producer: word, boot: 'b', resource: {} }, record);
}
function logsInProtobuf(word: string): Uint8Array {
  const record = base64(encodeOtlp('LogRecord', otlpLog(word)));
  return encodeOtlp('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
}
function spansInProtobuf(word: string): Uint8Array {
  const span = base64(encodeOtlp('Span', otlpSpan(word)));
  return encodeOtlp('TracesRequest', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
}
function lokiInSnappy(word: string): Uint8Array {
  const entry = Buffer.from(
    encodeLoki('Entry', { timestamp: { seconds: 1763719200, nanos: 1 }, line: word }),
  );
  const stream = Buffer.from(encodeLoki('Stream', { labels: '{job="x"}', entries: [entry] }));
  return compress(encodeLoki('PushRequest', { streams: [stream] }));
}
const bulk = (document: object, action: object = {}): string => lines({ create: action }, document);

const NATIVE = { row: 'native', path: '/v1/records', type: 'application/x-ndjson' } as const;
const BULK = { row: 'Elasticsearch bulk', path: '/_bulk', type: 'application/x-ndjson' } as const;
const LOKI = { row: 'Loki push', path: '/loki/api/v1/push' } as const;
const NDJSON = { row: 'NDJSON lines', path: '/v1/ndjson', type: 'application/x-ndjson' } as const;
const timedLine = (word: string): string => lines({ time: AT, msg: word });
const untimedLine = (word: string): string => lines({ msg: word });
const timedDocument = (word: string): string => bulk({ '@timestamp': AT, message: word });

const CASES: readonly Case[] = [
  { ...NATIVE, says: 'producer, boot, seq', body: native, adds: 0 },
  {
    row: 'OTLP logs',
    says: 'JSON',
    path: '/v1/logs',
    type: 'application/json',
    body: (word) => json({ resourceLogs: [{ scopeLogs: [{ logRecords: [otlpLog(word)] }] }] }),
    adds: 0,
  },
  {
    row: 'OTLP logs',
    says: 'protobuf',
    path: '/v1/logs',
    type: 'application/x-protobuf',
    body: logsInProtobuf,
    adds: 0,
  },
  {
    row: 'OTLP traces',
    says: 'JSON',
    path: '/v1/traces',
    type: 'application/json',
    body: (word) => json({ resourceSpans: [{ scopeSpans: [{ spans: [otlpSpan(word)] }] }] }),
    adds: 0,
  },
  {
    row: 'OTLP traces',
    says: 'protobuf',
    path: '/v1/traces',
    type: 'application/x-protobuf',
    body: spansInProtobuf,
    adds: 0,
  },
  { ...BULK, says: '@timestamp', body: timedDocument, adds: 0 },
  { ...BULK, says: '@timestamp, index in the path', path: '/app/_bulk', body: timedDocument, adds: 0 },
  { ...BULK, says: '@timestamp, as JSON', type: 'application/json', body: timedDocument, adds: 0 },
  { ...BULK, says: '_id alone', body: (word) => bulk({ message: word }, { _id: word }), adds: 0 },
  { ...BULK, says: 'neither', body: (word) => bulk({ message: word }), adds: 1 },
  {
    ...LOKI,
    says: 'JSON',
    type: 'application/json',
    body: (word) => json({ streams: [{ stream: { job: 'x' }, values: [[NS, word]] }] }),
    adds: 0,
  },
  { ...LOKI, says: 'snappy', type: 'application/x-protobuf', body: lokiInSnappy, adds: 0 },
  { ...NDJSON, says: 'timed', body: timedLine, adds: 0 },
  { ...NDJSON, says: 'timed, as text', type: 'text/plain', body: timedLine, adds: 0 },
  { ...NDJSON, says: 'timed, as JSON', type: 'application/json', body: timedLine, adds: 0 },
  { ...NDJSON, says: 'timed, of no type', type: '', body: timedLine, adds: 0 },
  {
    ...NDJSON,
    says: 'Idempotency-Key',
    more: { 'idempotency-key': randomBytes(8).toString('hex') },
    body: untimedLine,
    adds: 0,
  },
  { ...NDJSON, says: 'untimed', body: untimedLine, adds: 1 },
];

let server: ServerUnderTest;
beforeAll(async () => {
  const { retention } = presetConfig();
  // Times here are fixed, and the record's own time decides when it goes: here none does.
  const forever = Object.fromEntries(Object.keys(retention).map((kind) => [kind, { days: 0, diskBytes: 0 }]));
  // The kinds are those of the preset.
  server = new ServerUnderTest({ retention: forever as typeof retention });
  await server.start();
});
afterAll(() => server.dispose());

const newWord = (): string => `w${randomBytes(6).toString('hex')}`;

function send(path: string, type: string, { body, more = {} }: { body: string | Uint8Array; more?: object }) {
  // Bytes are sent without a type of their own, so that none is sent when none is asked for.
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
  return server.post(path, bytes, { ...(type === '' ? {} : { 'content-type': type }), ...more });
}

async function countOf(word: string): Promise<number> {
  const [row] = await server.select(`SELECT count() FROM records WHERE message = '${word}'`);
  return Number(row?.[0]);
}

test('every row but syslog has a case, and every type and call that it names', () => {
  const names = [...ROWS.keys()].filter((name) => !name.startsWith('syslog'));
  expect(new Set(CASES.map(({ row }) => row))).toEqual(new Set(names));
  for (const [name, { types, call }] of ROWS) {
    const own = CASES.filter(({ row }) => row === name);
    const named = types === 'the same' ? (ROWS.get('OTLP logs')?.types ?? '') : types;
    for (const [, type = ''] of name.startsWith('syslog') ? [] : named.matchAll(/`([^`]+)`/g))
      expect(
        own.map((each) => each.type),
        `${name}: ${type}`,
      ).toContain(type);
    if (/\bnone\b/.test(named)) expect(own.map((each) => each.type)).toContain('');
    for (const [, path = ''] of call.matchAll(/`POST ([^`]+)`/g))
      expect(own.map((each) => each.path.replace('/app/', '/INDEX/'))).toContain(path);
  }
});

describe.each(CASES)('$row: $says', ({ row, path, type, more, body, adds }) => {
  test('is answered as the table says, and an identical retry adds what it says', async () => {
    const { adds: told = '', answer = '' } = ROWS.get(row) ?? {};
    expect(told).toMatch(adds === 0 ? /^0/ : /else all/);
    const word = newWord();
    const sent = { body: body(word), ...(more !== undefined && { more }) };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const response = await send(path, type, sent);
      expect(`${response.status}`, await response.text()).toBe(answer.slice(0, 3));
    }
    expect(await countOf(word)).toBe(1 + adds);
  });
});

describe('what makes a request identical', () => {
  test('native: the record’s own name, in whatever body it comes again', async () => {
    const word = newWord();
    const [header = '', record = ''] = native(word).split('\n');
    const second = record.replace('"seq":1', '"seq":2');
    await send('/v1/records', NATIVE.type, { body: `${header}\n${record}\n` });
    const again = await send('/v1/records', NATIVE.type, { body: `${header}\n${record}\n${second}\n` });
    expect(await again.json()).toMatchObject({ accepted_through: 2, known: 1 });
    expect(await countOf(word)).toBe(2);
  });

  test('Elasticsearch: the body and the index', async () => {
    const word = newWord();
    for (const path of ['/one/_bulk', '/two/_bulk', '/one/_bulk'])
      await send(path, BULK.type, { body: timedDocument(word) });
    expect(await countOf(word)).toBe(2);
  });

  test('NDJSON: the body and the service that it is said to be of', async () => {
    const word = newWord();
    for (const service of ['a', 'b', 'a'])
      await send(`/v1/ndjson?service.name=${service}`, NDJSON.type, { body: timedLine(word) });
    expect(await countOf(word)).toBe(2);
  });
});

describe('one bad record', () => {
  test('native: listed in rejected', async () => {
    const word = newWord();
    const bad = '{"seq":2,"time":"never","kind":"log","level":"info","message":"m"}\n';
    const response = await send('/v1/records', NATIVE.type, { body: native(word) + bad });
    expect(await response.json()).toMatchObject({ rejected: [{ seq: 2, code: expect.any(String) }] });
    expect(await countOf(word)).toBe(1);
  });

  test('OTLP: counted in partial_success', async () => {
    const word = newWord();
    const logRecords = [7, otlpLog(word)];
    const body = json({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    const response = await send('/v1/logs', 'application/json', { body });
    expect(Number((await told(response))['partialSuccess']?.['rejectedLogRecords'])).toBe(1);
    const spans = [null, otlpSpan(word)];
    const traces = json({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const second = await send('/v1/traces', 'application/json', { body: traces });
    expect(Number((await told(second))['partialSuccess']?.['rejectedSpans'])).toBe(1);
    expect(await countOf(word)).toBe(2);
  });

  test('Elasticsearch: its item has status 400', async () => {
    const word = newWord();
    const body = `{"create":{}}\n{"broken":\n${timedDocument(word)}`;
    const answer = await (await send('/_bulk', BULK.type, { body })).json();
    expect(answer).toMatchObject({
      errors: true,
      items: [{ create: { status: 400 } }, { create: { status: 201 } }],
    });
    expect(await countOf(word)).toBe(1);
  });

  test('Loki: named in the 400, the others are stored', async () => {
    const word = newWord();
    const values = [
      ['never', 'x'],
      [NS, word],
    ];
    const body = json({ streams: [{ stream: { job: 'x' }, values }] });
    const response = await send(LOKI.path, 'application/json', { body });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('#0 bad_time')]);
    expect(await countOf(word)).toBe(1);
  });

  test('NDJSON: listed in rejected by line', async () => {
    const word = newWord();
    const response = await send('/v1/ndjson', NDJSON.type, { body: `${timedLine(word)}no json\n` });
    expect(await response.json()).toMatchObject({ accepted: 1, rejected: [{ line: 2, code: 'not_json' }] });
    expect(await countOf(word)).toBe(1);
  });
});

async function told(response: Response): Promise<Record<string, Record<string, unknown>>> {
  // The body that OTLP/HTTP prescribes.
  return (await response.json()) as Record<string, Record<string, unknown>>;
}
