import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createClient, ClickHouseLogLevel, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POOLS } from './pool-sizes.js';
import { startEngine, type EngineHandle } from './start.js';

let directory: string;
let engine: EngineHandle;
let client: ClickHouseClient;

function connect(password: string, response = false): ClickHouseClient {
  const log = { level: ClickHouseLogLevel.OFF };
  return createClient({ url: engine.url, password, compression: { response }, log });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sillok-engine-'));
  engine = await startEngine({ dataDirectory: directory });
  client = connect(engine.secret);
  await client.command({ query: 'CREATE TABLE t (a UInt64, b String) ENGINE MergeTree ORDER BY a' });
});

afterAll(async () => {
  await client.close();
  await engine.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function lines(query: string, settings: Record<string, string> = {}): Promise<string> {
  const result = await client.query({ query, format: 'TabSeparated', clickhouse_settings: settings });
  return result.text();
}

describe('the real client', () => {
  test('pings', async () => {
    expect(await client.ping()).toMatchObject({ success: true });
  });

  test('binds parameters without loss', async () => {
    const value = `a'\\\t\n한\u{1F600}`;
    const result = await client.query({ query: 'SELECT {x:String} AS x', query_params: { x: value } });
    expect((await result.json()).data).toEqual([{ x: value }]);
  });

  test('a parameter of one statement is unknown to the next', async () => {
    await client.query({ query: 'SELECT {left:String}', query_params: { left: 'x' } });
    await expect(lines('SELECT {left:String}')).rejects.toMatchObject({ code: '456' });
  });

  test('inserts rows from a body, also through input()', async () => {
    const values = [{ a: 1, b: 'x;y' }];
    await client.insert({ table: 't', values, format: 'JSONEachRow' });
    const query = `INSERT INTO t SELECT a + 10, b FROM input('a UInt64, b String') FORMAT JSONEachRow`;
    const inserted = await client.exec({
      query,
      values: Readable.from(['{"a":1,"b":"z"}\n'], { objectMode: false }),
    });
    inserted.stream.resume();
    expect(inserted.summary?.written_rows).toBe('1');
    expect(await lines('SELECT a, b FROM t ORDER BY a')).toBe('1\tx;y\n11\tz\n');
  });

  test('streams rows block by block', async () => {
    const result = await client.query({ query: 'SELECT number FROM numbers(200000)', format: 'JSONEachRow' });
    let count = 0;
    for await (const rows of result.stream()) count += rows.length;
    expect(count).toBe(200_000);
  });

  test.each([false, true])(
    'an exception in the middle of a stream reaches the reader (gzip %s)',
    async (gzip) => {
      const query = 'SELECT throwIf(number = 90000) FROM numbers(100000) SETTINGS max_block_size = 10000';
      const other = connect(engine.secret, gzip);
      const result = await other.query({ query, format: 'JSONEachRow' });
      const read = async (): Promise<void> => {
        for await (const rows of result.stream()) void rows;
      };
      await expect(read()).rejects.toMatchObject({ code: '395' });
      await other.close();
    },
  );
});

describe('what is refused', () => {
  test('a wrong secret', async () => {
    const stranger = connect('wrong');
    await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' });
    await stranger.close();
  });

  test.each(['SELECT 1; SELECT 2', 'SELECT 1; DROP TABLE t', `SELECT '$$;'; SELECT 1`])(
    'two statements: %s',
    async (sql) => {
      await expect(lines(sql)).rejects.toMatchObject({ code: '62' });
    },
  );

  test('a semicolon in a string or at the end is one statement', async () => {
    expect(await lines(`SELECT ';'`)).toBe(';\n');
    const exec = await client.exec({ query: `SELECT 1;` });
    exec.stream.resume();
  });

  test('sessions and roles, loudly', async () => {
    await expect(client.query({ query: 'SELECT 1', session_id: 's' })).rejects.toMatchObject({ code: '48' });
    await expect(client.query({ query: 'SELECT 1', role: 'r' })).rejects.toMatchObject({ code: '48' });
  });

  test.each([
    `SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')`,
    `SELECT * FROM remote('127.0.0.1', system.one)`,
    `SELECT * FROM sqlite('/tmp/x.db', 't')`,
    `SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')`,
    `INSERT INTO FUNCTION file('x.csv', 'CSV', 'a UInt8') SELECT 1`,
    `BACKUP TABLE t TO File('x')`,
    `CREATE TABLE f (a UInt8) ENGINE File(CSV)`,
    `CREATE TABLE f (a UInt8) ENGINE URL('http://127.0.0.1:1/', CSV)`,
    `CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(NULL()) LAYOUT(FLAT()) LIFETIME(0)`,
    `CREATE FUNCTION f AS x -> x`,
    `CREATE USER u`,
  ])('by grants: %s', async (sql) => {
    await expect(client.command({ query: sql })).rejects.toMatchObject({ code: '497' });
  });

  test('more rows, time or memory than the request allows', async () => {
    const many = 'SELECT sum(number) FROM numbers(100000000000)';
    await expect(lines(many, { max_rows_to_read: '1000' })).rejects.toMatchObject({ code: '158' });
    await expect(lines(many, { max_execution_time: '1' })).rejects.toMatchObject({ code: '159' });
    const wide = 'SELECT groupArray(number) FROM numbers(10000000)';
    await expect(lines(wide, { max_memory_usage: '10000000' })).rejects.toMatchObject({ code: '241' });
  });
});

describe('memory', () => {
  test('a request cannot raise its limit above its pool', async () => {
    const sql = `SELECT getSetting('max_memory_usage')`;
    expect(Number(await lines(sql, { max_memory_usage: '0' }))).toBe(POOLS.user.memoryBytes);
    expect(Number(await lines(sql, { max_memory_usage: '100000000000' }))).toBe(POOLS.user.memoryBytes);
    expect(Number(await lines(sql, { max_memory_usage: '1000000' }))).toBe(1_000_000);
  });

  test('grouping and sorting that do not fit go to disk', async () => {
    const grouped = 'SELECT count() FROM (SELECT number FROM numbers(3000000) GROUP BY number)';
    expect(await lines(grouped, { max_memory_usage: '100000000' })).toBe('3000000\n');
    const sorted =
      'SELECT max(n) FROM (SELECT sipHash64(number) AS n FROM numbers(9000000) ORDER BY n LIMIT 8000000)';
    expect(await lines(sorted, { max_memory_usage: '100000000' })).toMatch(/^\d+\n$/);
  });
});

describe('the end of a statement', () => {
  const endless = 'SELECT sum(sipHash64(number)) FROM numbers(100000000000)';

  async function untilIdle(): Promise<void> {
    for (;;) {
      const others = await lines(
        `SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number)%' AND query NOT LIKE '%system.%'`,
      );
      if (others === '0\n') return;
    }
  }

  test('a client that goes away takes its statement with it', async () => {
    const gone = new AbortController();
    const query = client.query({ query: endless, abort_signal: gone.signal, query_id: 'gone' });
    gone.abort();
    await expect(query).rejects.toThrow();
    await untilIdle();
  });

  test.each([false, true])('a reader that leaves in the middle of a stream (gzip %s)', async (gzip) => {
    const other = connect(engine.secret, gzip);
    for (let round = 0; round < 5; round++) {
      const gone = new AbortController();
      const query = 'SELECT number, sipHash64(number) FROM numbers(100000000000)';
      const result = await other.query({ query, format: 'JSONEachRow', abort_signal: gone.signal });
      const stream = result.stream();
      await new Promise((resolve) => stream.once('data', resolve));
      stream.on('error', () => undefined);
      gone.abort();
      result.close();
    }
    await other.close();
    await untilIdle();
    expect(await lines('SELECT 1')).toBe('1\n');
  });

  test('KILL by id ends a running statement', async () => {
    const victim = client.query({ query: endless, query_id: 'victim' });
    const killed = expect(victim).rejects.toMatchObject({ code: '394' });
    const kill = 'KILL QUERY WHERE query_id = {id:String} ASYNC';
    for (let found = ''; found === '';) {
      const answer = await client.query({
        query: kill,
        query_params: { id: 'victim' },
        format: 'TabSeparated',
      });
      found = await answer.text();
    }
    await killed;
    await untilIdle();
  });

  test('an id that is running cannot be taken twice', async () => {
    const gone = new AbortController();
    const first = client.query({ query: endless, query_id: 'twice', abort_signal: gone.signal });
    first.catch(() => undefined);
    const second = client.query({ query: endless, query_id: 'twice', abort_signal: gone.signal });
    await expect(Promise.race([first, second])).rejects.toMatchObject({ code: '216' });
    gone.abort();
    await untilIdle();
  });
});
