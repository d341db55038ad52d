import { KNOWN_ATTRIBUTES, toStoredText, type FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testChunk, testRecord, type TestChunk } from './chunk.fixture.js';
import { startTestEngine, type TestEngine } from './engine.fixture.js';
import type { Chunk } from './chunk.js';
import { createStore, type Store } from './store.js';

let engine: TestEngine;

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

/** By file, as beside the embedded engine, and by body, as to any other. */
const WAYS = [
  { way: 'by file', filesShared: true },
  { way: 'by body', filesShared: false },
];

describe.each(WAYS)('a chunk inserted $way', ({ way, filesShared }) => {
  let store: Store;

  beforeAll(async () => {
    const database = `store_test_${way.replace(' ', '_')}_${process.pid}`;
    const shared = filesShared && engine.isShared;
    store = createStore({ url: engine.url, password: engine.password, database, filesShared: shared });
    await store.migrate();
  });
  afterAll(() => store.close());

  const chunkOf = (chunk: TestChunk): Chunk => testChunk({ inbox: engine.inbox, ...chunk });

  async function rows(sql: string): Promise<unknown[][]> {
    const result = await store.select({ sql: sql.replaceAll('records', store.table), pool: 'system' });
    return result.rows;
  }

  test('migrating again changes nothing', async () => {
    await store.migrate();
  });

  test('each record gets the fields of its own batch', async () => {
    const other = {
      project: 'p2',
      class: 'audit',
      producer: 'pay-1',
      boot: 'boot-2',
      resource: { 'service.name': 'pay', 'service.version': '1.4', 'k8s.pod': "it's \\ 한" },
      observed_time: '2026-11-21T10:00:02.123456789Z',
    };
    const batches = [
      { records: [testRecord(1), testRecord(2)] },
      { header: other, records: [testRecord(1)] },
      { records: [testRecord(3)] },
    ];
    expect(await store.insertChunk(chunkOf({ id: 1n, batches }))).toEqual({ inserted: 4, present: 4 });
    const found =
      await rows(`SELECT project, class, producer, boot, seq, \`service.name\`, \`service.version\`,
      resource, toString(observed_time) FROM records WHERE batch = 1 ORDER BY producer, seq`);
    const mine = (seq: number): unknown[] => [
      'default',
      'log',
      'orders-1',
      'boot-1',
      seq,
      'orders',
      '',
      '{"service.name":"orders","host.name":"h1"}',
      '2026-11-21 10:00:01.000000005',
    ];
    const theirs = ['p2', 'audit', 'pay-1', 'boot-2', 1, 'pay', '1.4', JSON.stringify(other.resource)];
    expect(found).toEqual([mine(1), mine(2), mine(3), [...theirs, '2026-11-21 10:00:02.123456789']]);
  });

  test('every field arrives as it was written', async () => {
    const attributes = {
      'order.id': 7,
      ok: true,
      no: false,
      nothing: null,
      text: 'x',
      seven: '7',
      yes: 'true',
      none: 'null',
      list: ['a', 1, null],
      empty: {},
      bracket: '[x',
      quote: '"',
      brace: '{',
      'a\\.b': '한\n\t\u{1F600}\\',
      float: 1.5e300,
      small: -0.1,
      big: 9007199254740991,
      '': 'empty key',
      __proto__x: 'p',
    };
    const record: FlatRecord = testRecord(1, {
      time: '2261-12-31T23:59:59.999999999Z',
      kind: 'span',
      level: 'fatal',
      message: `it's \\ "quoted" 로그인실패\n\u{1F600}`,
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
      duration_ms: 0.1,
      'http.route': '/orders/:id',
      'http.response.status_code': 65535,
      'url.path': '/orders/7',
      'exception.stacktrace': 'Error\n  at x',
      attributes,
    });
    const old = testRecord(2, { time: '1970-01-01T00:00:00.000000001Z', duration_ms: 0 });
    await store.insertChunk(chunkOf({ id: 2n, batches: [{ records: [record, old] }] }));
    const names = KNOWN_ATTRIBUTES.map(({ name }) => `\`${name}\``).join(', ');
    const found = await rows(`SELECT toString(time), kind, level, message, trace_id, span_id, parent_span_id,
      ${names}, attributes FROM records WHERE batch = 2 ORDER BY seq`);
    const known = KNOWN_ATTRIBUTES.map(
      ({ name, type }) => record[name] ?? (type === 'float64' ? null : type === 'uint16' ? 0 : ''),
    );
    const stored = Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, toStoredText(value)]),
    );
    expect(found[0]).toEqual([
      '2261-12-31 23:59:59.999999999',
      'span',
      'fatal',
      record.message,
      record.trace_id,
      record.span_id,
      '',
      ...known,
      stored,
    ]);
    expect(found[1]?.[0]).toBe('1970-01-01 00:00:00.000000001');
    expect(found[1]?.[7]).toBe(0);
  });

  test('a retry of a whole chunk adds nothing', async () => {
    const batches = [{ records: [testRecord(1), testRecord(2)] }];
    await store.insertChunk(chunkOf({ id: 3n, batches }));
    expect(await store.insertChunk(chunkOf({ id: 3n, batches, retry: true }))).toEqual({
      inserted: 0,
      present: 2,
    });
  });

  test('a retry after half a chunk adds the other half', async () => {
    const batches = [{ records: [testRecord(1), testRecord(2), testRecord(3)] }];
    await store.insertChunk(chunkOf({ id: 4n, batches: [{ records: [testRecord(2)] }] }));
    expect(await store.insertChunk(chunkOf({ id: 4n, batches, retry: true }))).toEqual({
      inserted: 2,
      present: 3,
    });
    expect(await rows('SELECT seq FROM records WHERE batch = 4 ORDER BY seq')).toEqual([[1], [2], [3]]);
  });

  test('a chunk over 250 days is split, and is exact', async () => {
    const day = (index: number): string =>
      new Date(Date.UTC(2025, 0, 1 + index)).toISOString().replace('Z', '000000Z');
    const records = Array.from({ length: 250 }, (_, index) => testRecord(index + 1, { time: day(index) }));
    const chunk = chunkOf({ id: 5n, batches: [{ records }] });
    expect(await store.insertChunk(chunk)).toEqual({ inserted: 250, present: 250 });
    expect(await rows('SELECT uniqExact(toDate(time)), count() FROM records WHERE batch = 5')).toEqual([
      [250, 250],
    ]);
  });

  test('rows that are missing after an insert are an error, not a success', async () => {
    const chunk = { ...chunkOf({ id: 6n, batches: [{ records: [testRecord(1)] }] }), records: 2 };
    await expect(store.insertChunk(chunk)).rejects.toMatchObject({ code: 'rows_missing' });
  });

  test('a record that cannot be stored fails the chunk with its own code', async () => {
    const raw = [JSON.stringify(testRecord(1)), '{"seq":2,"time":"nonsense"}'];
    const batches = [{ records: [testRecord(1), testRecord(2)], raw }];
    await expect(store.insertChunk(chunkOf({ id: 7n, batches }))).rejects.toMatchObject({
      code: 'bad_record',
    });
  });

  test('ten thousand batches in one chunk', async () => {
    const batches = Array.from({ length: 10_000 }, (_, index) => ({
      header: {
        producer: `p${index % 7}`,
        boot: `b${index}`,
        observed_time: `2026-11-21T11:00:00.${String(index).padStart(9, '0')}Z`,
      },
      records: [testRecord(1)],
    }));
    expect(await store.insertChunk(chunkOf({ id: 8n, batches }))).toEqual({
      inserted: 10_000,
      present: 10_000,
    });
    const wrong = await rows(`SELECT countIf(toUnixTimestamp64Nano(observed_time) % 1000000000
      != toUInt64(substring(boot, 2)))
      FROM records WHERE batch = 8`);
    expect(wrong).toEqual([[0]]);
  });
});
