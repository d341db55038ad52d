/** The reading side through HTTP, on a whole server with a real engine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testRecord } from './engine.fixture.js';
import { startTestServer, type TestServer } from './server.fixture.js';

let test1: TestServer;
const COUNT = 250;
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

beforeAll(async () => {
  test1 = await startTestServer();
  const records = Array.from({ length: COUNT }, (_, index) => {
    const seq = index + 1;
    const isError = seq % 10 === 0;
    return testRecord(seq, {
      level: isError ? 'error' : 'info',
      message: isError ? `결제 실패 ${seq}` : `paid order ${seq}`,
      'http.route': seq % 2 === 0 ? '/pay' : '/cart',
      duration_ms: seq / 2,
      trace_id: seq.toString(16).padStart(32, '0'),
      attributes: { 'order.id': seq, 'user.name': `=cmd|${seq}` },
    });
  });
  await test1.send({ records: records.filter(({ seq }) => seq !== 77 && seq !== 78) });
  await test1.client.search({ after: test1.token('orders-1', 76), limit: 1 });
});
afterAll(() => test1.stop());

describe('search', () => {
  test('says how fresh it is, what is missing and what it cost', async () => {
    const page = await test1.client.search({ q: 'level:error', limit: 5 });
    expect(page.records.map(({ seq }) => seq)).toEqual([250, 240, 230, 220, 210]);
    expect(page.gaps).toEqual([{ producer: 'orders-1', boot: 'boot-1', from: 77, to: 78 }]);
    expect(page.freshness.lag_ms).toBe(0);
    expect(page.cost.rows_read).toBeGreaterThan(0);
    expect(page.records[0]).toMatchObject({
      project: 'default',
      message: '결제 실패 250',
      resource: { 'service.name': 'orders' },
      attributes: { http: { route: '/pay' }, order: { id: 250 }, duration_ms: 125 },
    });
  });

  test('pages go forward and back without a repeat or a hole, and ascending is descending reversed', async () => {
    const forward: number[] = [];
    for await (const record of test1.client.records({ limit: 33, order: 'asc' })) forward.push(record.seq);
    const backward: number[] = [];
    for await (const record of test1.client.records({ limit: 47, order: 'desc' })) backward.push(record.seq);
    expect(forward).toEqual(backward.toReversed());
    expect(forward.length).toBe(COUNT - 2);

    const first = await test1.client.search({ limit: 20, order: 'asc' });
    const second = await test1.client.search({ limit: 20, order: 'asc', cursor: first.next ?? '' });
    const again = await test1.client.search({ limit: 20, order: 'asc', cursor: second.previous ?? '' });
    expect(again.records).toEqual(first.records);
    const empty = await test1.client.search({ limit: 20, order: 'asc', cursor: first.previous ?? '' });
    expect(empty.records).toEqual([]);
  });

  test('pages that are turned while records arrive neither repeat nor lose one', async () => {
    const at = (seq: number): string => `2026-11-21T11:00:00.${String(seq).padStart(9, '0')}Z`;
    const early = Array.from({ length: 100 }, (_, index) => testRecord(index + 1, { time: at(index * 10) }));
    await test1.send({ producer: 'turned', records: early });
    await test1.client.search({ after: test1.token('turned', 100), limit: 1 });
    for (const order of ['asc', 'desc'] as const) {
      const seen: number[] = [];
      let seq = order === 'asc' ? 100 : 200;
      for await (const page of test1.client.pages({ q: 'producer:turned', limit: 10, order })) {
        seen.push(...page.records.map((record) => record.seq));
        seq += 1;
        await test1.send({ producer: 'turned', records: [testRecord(seq, { time: at(seq) })] });
        await test1.client.search({ after: test1.token('turned', seq), limit: 1 });
      }
      const once = seen.filter((each) => each <= 100);
      expect(new Set(seen).size).toBe(seen.length);
      expect(once).toEqual(order === 'asc' ? range(1, 100) : range(1, 100).reverse());
    }
  });

  test('the largest page and more than that end in a cursor, and empty parameters are none', async () => {
    const page = await test1.client.search({ limit: 99_999, q: 'has:order.id' });
    expect(page.records.length).toBe(COUNT - 2);
    expect(page.next).toBeNull();
    const same = await test1.client.http.json({
      path: '/api/search?q=&from=&to=&limit=5&order=&cursor=&after=',
    });
    expect(same).toMatchObject({ records: { length: 5 } });
  });

  test('a cursor that was changed, or belongs to another search, is refused', async () => {
    const { next } = await test1.client.search({ limit: 3 });
    const cursor = next ?? '';
    const changed = `${cursor[0] === 'A' ? 'B' : 'A'}${cursor.slice(1)}`;
    for (const text of [changed, 'nonsense', `${cursor}x`, `.${cursor}`]) {
      await expect(test1.client.search({ limit: 3, cursor: text })).rejects.toMatchObject({
        code: 'cursor_invalid',
      });
    }
    await expect(test1.client.search({ q: 'paid', cursor })).rejects.toMatchObject({
      code: 'cursor_mismatch',
    });
    await expect(test1.client.search({ order: 'asc', cursor })).rejects.toMatchObject({
      code: 'cursor_mismatch',
    });
    const other = await test1.clientOf('elsewhere');
    await expect(other.search({ cursor })).rejects.toMatchObject({ code: 'cursor_mismatch' });
  });

  test('an error in the search points at the character', async () => {
    const error = test1.client.search({ q: 'level:error (a or' });
    await expect(error).rejects.toMatchObject({
      status: 400,
      code: 'query_invalid',
      body: { error: { from: expect.any(Number) } },
    });
  });

  test('a field that no record has gets a hint', async () => {
    const page = await test1.client.search({ q: 'ordr.id:7' });
    expect(page.records).toEqual([]);
    expect(page.hints?.[0]).toMatchObject({ suggestion: 'order.id', from: 0 });
    expect((await test1.client.search({ q: 'order.id:7' })).hints).toBeUndefined();
  });

  test('pipes give columns and rows beside freshness, gaps and cost', async () => {
    const table = await test1.client.table({
      q: 'has:order.id | stats count(), p95(duration_ms) by http.route',
    });
    expect(table.columns.map(({ name }) => name)).toEqual(['http.route', 'count()', 'p95(duration_ms)']);
    expect(table.rows.map((row) => [row[0], row[1]])).toEqual([
      ['/cart', 124],
      ['/pay', 124],
    ]);
    expect(table).toMatchObject({
      freshness: { lag_ms: expect.any(Number) },
      gaps: expect.arrayContaining([{ producer: 'orders-1', boot: 'boot-1', from: 77, to: 78 }]),
    });
    const picked = await test1.client.table({
      q: 'order.id:7 | fields seq, order.id, service.name, nothing',
    });
    expect(picked.rows).toEqual([[7, 7, 'orders', null]]);
    const limited: number[] = [];
    for await (const { seq } of test1.client.records({ q: '| sort time | limit 7', limit: 3 }))
      limited.push(seq);
    expect(limited).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('with Accept: application/x-ndjson each line is a record and the rest is in headers', async () => {
    const response = await test1.client.http.send({
      path: '/api/search',
      query: { q: 'level:error', limit: 3 },
      headers: { accept: 'application/x-ndjson' },
    });
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual([250, 240, 230]);
    expect(response.headers.get('sillok-next')).toBeTruthy();
    expect(response.headers.get('sillok-lag-ms')).toBe('0');
  });

  test('times can be relative, and a bad one is named', async () => {
    expect((await test1.client.search({ from: '-1h' })).records).toEqual([]);
    expect(
      (await test1.client.search({ from: '2026-11-21T10:00:01Z', to: '2026-11-21T10:00:03Z' })).records
        .length,
    ).toBe(2);
    await expect(test1.client.search({ from: 'yesterday' })).rejects.toMatchObject({ code: 'time_invalid' });
    await expect(test1.client.http.json({ path: '/api/search?nonsense=1' })).rejects.toMatchObject({
      code: 'request_invalid',
    });
  });

  test('without a key, with another project, with a key that may not read: nothing', async () => {
    const other = await test1.clientOf('shop');
    // What it has of its own: the making of its key, asked for and done.
    const { records } = await other.search({});
    expect(records.map(({ project, kind }) => [project, kind])).toEqual([
      ['shop', 'audit'],
      ['shop', 'audit'],
    ]);
    const { key } = await test1.client.keys.create({ name: 'i', scopes: ['ingest'] });
    const get = (authorization: string | undefined) =>
      fetch(
        `${test1.server.url}/api/search`,
        authorization === undefined ? {} : { headers: { authorization } },
      );
    expect((await get(undefined)).status).toBe(401);
    expect((await get('Bearer nothing')).status).toBe(401);
    expect((await get(`Bearer ${key}`)).status).toBe(403);
  });
});

describe('after=TOKEN', () => {
  test('answers once the records are visible', async () => {
    const records = [testRecord(1, { message: 'just written' })];
    await test1.send({ producer: 'flusher', records });
    const page = await test1.client.search({ q: '"just written"', after: test1.token('flusher', 1) });
    expect(page.records.length).toBe(1);
  });

  test('what has not arrived is a typed error that says so', async () => {
    const error = test1.client.search({ after: test1.token('flusher', 99), wait_ms: 50 });
    await expect(error).rejects.toMatchObject({
      status: 504,
      code: 'not_visible_yet',
      body: { error: { safe: 'unknown' } },
    });
  });

  test('a token of another project and a text that is none are refused', async () => {
    const other = await test1.clientOf('third');
    await expect(other.search({ after: test1.token('flusher', 1) })).rejects.toMatchObject({
      code: 'token_project_mismatch',
    });
    await expect(test1.client.search({ after: 'hello' })).rejects.toMatchObject({ code: 'token_invalid' });
  });
});

describe('around a search', () => {
  test('context gives the neighbours of a record in order', async () => {
    const context = await test1.client.context({
      producer: 'orders-1',
      boot: 'boot-1',
      seq: 100,
      before: 3,
      after: 2,
    });
    expect(context.before.map(({ seq }) => seq)).toEqual([97, 98, 99]);
    expect(context.record.seq).toBe(100);
    expect(context.after.map(({ seq }) => seq)).toEqual([101, 102]);
    const timed = await test1.client.context({
      producer: 'orders-1',
      boot: 'boot-1',
      seq: 1,
      time: '2026-11-21T10:00:01Z',
    });
    expect(timed.before.filter(({ producer }) => producer === 'orders-1')).toEqual([]);
    const missing = test1.client.context({ producer: 'orders-1', boot: 'boot-1', seq: 77 });
    await expect(missing).rejects.toMatchObject({ status: 404, code: 'record_not_found' });
  });

  test('fields and their values have counts', async () => {
    const { fields, sampled } = await test1.client.fields({ q: 'service.name:orders message:*' });
    expect(sampled).toBeGreaterThanOrEqual(COUNT - 2);
    const types = { number: COUNT - 2 };
    expect(fields).toContainEqual({ name: 'order.id', source: 'attribute', count: COUNT - 2, types });
    expect(fields).toContainEqual({ name: 'http.route', source: 'attribute', count: COUNT - 2 });
    expect(fields.find(({ name }) => name === 'service.name')?.source).toBe('resource');
    const { values } = await test1.client.fieldValues('http.route', { q: 'level:error' });
    expect(values).toEqual([{ value: '/pay', count: 25 }]);
  });

  test('the histogram has all its bars and counts every record once', async () => {
    const range = { from: '2026-11-21T10:00:00Z', to: '2026-11-21T10:10:00Z' };
    const histogram = await test1.client.histogram({ q: 'has:order.id', ...range, buckets: 10, by: 'level' });
    expect(histogram.bucket_ms).toBe(60_000);
    expect(histogram.buckets.length).toBe(10);
    expect(histogram.buckets[0]).toEqual({
      time: '2026-11-21T10:00:00.000000000Z',
      count: 59,
      by: { error: 5, info: 54 },
    });
    expect(histogram.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(COUNT - 2);
    const open = await test1.client.histogram({ q: 'has:order.id', buckets: 7 });
    expect(open.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(COUNT - 2);
  });

  test('an export gives every record, as lines and as CSV that no spreadsheet runs', async () => {
    const ndjson = await new Response(await test1.client.export({ q: 'has:order.id' })).text();
    expect(
      ndjson
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).seq).length,
    ).toBe(COUNT - 2);
    const csv = await new Response(
      await test1.client.export({
        q: 'order.id:7',
        format: 'csv',
        fields: 'seq,user.name,message,duration_ms',
      }),
    ).text();
    expect(csv).toBe("seq,user.name,message,duration_ms\r\n7,'=cmd|7,paid order 7,3.5\r\n");
    const few = await new Response(await test1.client.export({ limit: 5, order: 'desc' })).text();
    expect(few.trimEnd().split('\n').length).toBe(5);
  });
});

describe('SQL', () => {
  test('answers columns, rows and cost over the own project', async () => {
    const answer = await test1.client.sql({
      query:
        "SELECT attributes['http.route'] AS route, count() AS n FROM records WHERE seq <= {n:UInt64} AND has(mapKeys(attributes), 'order.id') GROUP BY route ORDER BY route",
      params: { n: 50 },
    });
    expect(answer.columns).toEqual([
      { name: 'route', type: 'LowCardinality(String)' },
      { name: 'n', type: 'UInt64' },
    ]);
    expect(answer.rows).toEqual([
      ['/cart', 25],
      ['/pay', 25],
    ]);
    expect(answer).toMatchObject({ truncated: false, freshness: { lag_ms: 0 }, cost: {} });
    const other = await test1.clientOf('fourth');
    // Of its own it has the making of its key, and nothing else.
    const kinds = 'SELECT kind, count() FROM records GROUP BY kind';
    expect((await other.sql({ query: kinds })).rows).toEqual([['audit', 2]]);
  });

  test('a bound number that JSON has rounded is refused, its text is taken whole', async () => {
    const query = 'SELECT toString({n:UInt64})';
    await expect(test1.client.sql({ query, params: { n: 2 ** 60 } })).rejects.toMatchObject({
      code: 'sql_param_invalid',
    });
    const exact = await test1.client.sql({ query, params: { n: '1152921504606846977' } });
    expect(exact.rows).toEqual([['1152921504606846977']]);
  });

  test.each([
    ['sql_refused', "SELECT file('/etc/passwd')"],
    ['sql_refused', 'SELECT 1; SELECT 2'],
    ['sql_refused', 'INSERT INTO records SELECT 1'],
    ['sql_invalid', 'SELECT nothing_like_it FROM records'],
    ['sql_invalid', 'SELEC 1'],
    ['sql_param_invalid', 'SELECT {x:String}'],
    ['sql_too_expensive', "SELECT groupArray(repeat('a', 1000)) FROM numbers(100000000)"],
  ])('%s: %s', async (code, query) => {
    await expect(test1.client.sql({ query })).rejects.toMatchObject({ code });
  });

  test('an answer of too many rows is cut and says so', async () => {
    const answer = await test1.client.sql({ query: 'SELECT number FROM numbers(50000)' });
    expect(answer.rows.length).toBe(10_000);
    expect(answer.truncated).toBe(true);
  });

  const endless = 'SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1';

  test('a query that is cancelled by its id ends, and the engine confirms it', async () => {
    const running = test1.client.sql({ query: endless, query_id: 'long' }).catch((error: unknown) => error);
    await expect
      .poll(() =>
        test1.client.cancelSql('long').then(
          () => 'ended',
          () => 'not yet',
        ),
      )
      .toBe('ended');
    expect(await running).toMatchObject({ code: 'query_cancelled' });
    await expectNothingRuns();
    await expect(test1.client.cancelSql('long')).rejects.toMatchObject({ status: 404 });
  });

  test('a query whose caller goes away ends', async () => {
    const abort = new AbortController();
    const running = test1.client.sql({ query: endless }, abort.signal).catch((error: unknown) => error);
    await expect.poll(() => userQueries()).toBe(1);
    abort.abort();
    await running;
    await expectNothingRuns();
  });

  test('the estimate of a query comes without running it', async () => {
    const search = await test1.client.estimate({ q: 'level:error' });
    const page = await test1.client.search({ q: 'level:error' });
    // Within the factor of two that an estimate promises; equal bytes were once 0.2 % apart.
    expect(search.bytes / page.cost.bytes_read).toBeGreaterThan(0.5);
    expect(search.bytes / page.cost.bytes_read).toBeLessThan(2);
    const sql = await test1.client.estimateSql({ query: 'SELECT sum(number) FROM numbers(100000000000)' });
    expect(sql.exact).toBe(false);
    // Minutes of computing over few rows: what was read when the time was over is not what it reads.
    const all = ['a', 'b', 'c', 'd', 'e', 'f'];
    const joined = all.map((name) => `records AS ${name}`).join(' CROSS JOIN ');
    const heavy = `SELECT sum(sipHash64(${all.map((name) => `${name}.message`).join(', ')})) FROM ${joined}`;
    const long = await test1.client.estimateSql({ query: heavy });
    expect(long.exact).toBe(false);
    // Not ten seconds and below, or a panel would run it unasked.
    expect(long.ms ?? Number.POSITIVE_INFINITY).toBeGreaterThan(10_000);
    expect(search.ms).toBeGreaterThan(0);
    await expect(test1.client.estimateSql({ query: "SELECT file('/etc/passwd')" })).rejects.toMatchObject({
      code: 'sql_refused',
    });
  });

  async function userQueries(): Promise<number> {
    const { rows } = await test1.server.deps.store().select({
      sql:
        "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' " +
        "AND query NOT LIKE '%system.processes%'",
      pool: 'system',
    });
    return Number(rows[0]?.[0]);
  }

  async function expectNothingRuns(): Promise<void> {
    await expect.poll(() => userQueries(), { timeout: 10_000 }).toBe(0);
  }
});
