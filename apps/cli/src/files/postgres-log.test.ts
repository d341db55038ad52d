/**
 * The log of a real PostgreSQL, in its three forms at once: every slow and every failed statement of the run gets back to its
 * request, and no value that was sent stands in any record.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTrace } from '@sillok/node';
import { instrumentPg } from '@sillok/node/sql';
import { createTestLog } from '@sillok/node/test';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../../../../test/lib/postgres.js';
import { until } from '../../../../test/lib/server.js';
import { readEntry, type EntryFields } from './entry-record.js';
import { createFolder } from './fold.js';
import { createLineSplitter } from './lines.js';

const OPTIONS = { utc: true, nearMs: Date.parse('2026-11-24T00:00:00Z') };

function readAll(text: string): EntryFields[] {
  const splitter = createLineSplitter({ offset: 0, number: 1 });
  const folder = createFolder();
  const lines = splitter.push(Buffer.from(text));
  const rest = splitter.rest();
  if (rest !== undefined) lines.push(rest);
  const entries = [...lines.flatMap((line) => folder.push(line)), ...folder.flush()];
  return entries.map((entry) => readEntry(entry, OPTIONS));
}

const TRACE = 'c'.repeat(28);
const traceOf = (index: number): string => TRACE + index.toString(16).padStart(4, '0');

describe.skipIf(postgresMissing !== undefined)('the log of a real run', () => {
  const { log, records } = createTestLog();
  const REQUESTS = 40;
  let postgres: Postgres;
  let logs: ReadonlyMap<string, string>;

  beforeAll(async () => {
    postgres = await startPostgres({
      logging_collector: 'on',
      log_destination: 'stderr,csvlog,jsonlog',
      log_filename: 'postgresql.log',
      log_min_duration_statement: '20ms',
      log_line_prefix: '%m [%p] %q%u@%d ',
      log_timezone: 'Asia/Seoul',
    });
    const release = instrumentPg(pg, { log, comments: true });
    const pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE people (email text PRIMARY KEY)');
    const requests = Array.from({ length: REQUESTS }, (_, index) =>
      withTrace({ traceparent: `00-${traceOf(index)}-${'b'.repeat(16)}-01` }, async () => {
        const email = `kim${index}@example.com`;
        const slow = [
          () => pool.query(`SELECT pg_sleep(0.03), '${email}' AS secret`),
          () => pool.query('SELECT pg_sleep($1), $2::text AS secret', [0.03, email]),
          () => pool.query(`SELECT pg_sleep(0.03),\n\t'${email}'\n\n  AS "a,""b"\n-- the end`),
          () => pool.query(`INSERT INTO people VALUES ('${email}'); INSERT INTO people VALUES ('${email}')`),
        ];
        await slow[index % slow.length]?.().catch(() => undefined);
      }),
    );
    await Promise.all(requests);
    await pool.query('SELECT pg_sleep(0.03) AS the_last_one');
    await pool.end();
    release();
    const folder = join(postgres.folder, 'data', 'log');
    const read = (): Map<string, string> =>
      new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    await until('the collector has written all', 10_000, async () =>
      [...read().values()].every((text) => text.includes('the_last_one')),
    );
    logs = read();
  });
  afterAll(() => postgres?.stop());

  test.each([
    ['stderr', 'postgresql.log'],
    ['csvlog', 'postgresql.csv'],
    ['jsonlog', 'postgresql.json'],
  ])('%s: every slow and every failed statement rejoins its request', (_form, name) => {
    const entries = readAll(logs.get(name) ?? '').filter(({ fields }) => 'db.query.text' in fields);
    expect(entries.every(({ format }) => format === 'postgresql')).toBe(true);
    const spans = new Map(records({ kind: 'span' }).map((span) => [span.span_id, span]));
    const joined = new Set<string>();
    for (const { fields } of entries) {
      // The span that sent it: same trace, same statement.
      const span = spans.get(String(fields['span_id']));
      expect(span?.trace_id).toBe(fields['trace_id']);
      expect(span?.attributes).toMatchObject({ db: { query: { text: fields['db.query.text'] } } });
      joined.add(String(fields['trace_id']));
    }
    for (let index = 0; index < REQUESTS; index += 1) expect(joined).toContain(traceOf(index));
    const slow = entries.filter(({ fields }) => String(fields['message']).includes('pg_sleep'));
    for (const { fields } of slow) expect(fields['duration_ms']).toBeGreaterThan(20);
    const failed = entries.filter(({ fields }) => fields['level'] === 'error');
    expect(failed).toHaveLength(REQUESTS / 4);
    expect(failed[0]?.fields).toMatchObject({
      message: 'duplicate key value violates unique constraint "people_pkey"',
      'postgresql.detail': 'Key (email)=(?) already exists.',
      'db.namespace': 'postgres',
      ...(name.endsWith('.log') ? {} : { 'error.type': '23505', 'client.address': '127.0.0.1' }),
    });
  });

  test('no value that was sent is in any record, and times are those of the server, in UTC', () => {
    const first = Date.parse(String(records({ kind: 'span' })[0]?.time)) - 60_000;
    for (const text of logs.values()) {
      expect(text).toContain('@example.com');
      const entries = readAll(text);
      expect(JSON.stringify(entries)).not.toContain('@example.com');
      for (const { fields } of entries) {
        const at = Date.parse(String(fields['time']));
        expect(at > first && at < first + 600_000).toBe(true);
      }
    }
  });
});

describe('lines that a real server wrote elsewhere', () => {
  const COMMENT = `/*traceparent='00-${traceOf(1)}-${'b'.repeat(16)}-01'*/`;

  test.each([
    ['2026-11-24 10:00:00.123 UTC [77] kim@shop LOG:  ', { 'db.user': 'kim', 'db.namespace': 'shop' }],
    [
      '2026-11-24 10:00:00 UTC [77]: [3-1] user=kim,db=shop,app=api,client=10.0.0.7 LOG:  ',
      {
        'db.user': 'kim',
        'db.namespace': 'shop',
        'postgresql.application_name': 'api',
        'client.address': '10.0.0.7',
      },
    ],
    ['1795514400.123 [77] LOG:  ', {}],
    ['2026-11-24 19:00:00.123 KST [77] LOG:  ', {}],
    ['2026-11-24 12:00:00.123 +02 [77] LOG:  ', {}],
    ['[77] LOG:  ', {}],
  ])('prefix %j', (prefix, expected) => {
    const [entry] = readAll(`${prefix}duration: 1002.310 ms  statement: SELECT 'x' ${COMMENT}\n`);
    expect(entry).toMatchObject({
      format: 'postgresql',
      fields: {
        level: 'info',
        message: 'duration: 1002.310 ms  statement: SELECT ?',
        duration_ms: 1002.31,
        trace_id: traceOf(1),
        span_id: 'b'.repeat(16),
        'db.query.text': 'SELECT ?',
        'process.pid': 77,
        ...expected,
      },
    });
    if (!prefix.startsWith('[')) expect(String(entry?.fields['time'])).toMatch(/^2026-11-24T10:00:00/);
  });

  test('a plan of auto_explain keeps its tree and loses its values', () => {
    const lines = [
      '2026-11-24 10:00:00.123 UTC [77] LOG:  duration: 88.1 ms  plan:',
      `\tQuery Text: SELECT * FROM t WHERE name = 'secret' ${COMMENT}`,
      '\tSeq Scan on t  (cost=0.00..35.50 rows=1 width=4)',
      `\t  Filter: (name = 'secret'::text)`,
    ];
    const [entry] = readAll(`${lines.join('\n')}\n`);
    expect(entry?.fields).toMatchObject({
      trace_id: traceOf(1),
      'db.query.text': 'SELECT * FROM t WHERE name = ?',
      'db.query.plan': 'Seq Scan on t  (cost=0.00..35.50 rows=1 width=4)\n  Filter: (name = ?::text)',
    });
    expect(JSON.stringify(entry)).not.toContain('secret');
  });

  test('processes that write in turn do not take each other’s statements', () => {
    const lines = [
      '2026-11-24 10:00:00.1 UTC [1] ERROR:  one',
      '2026-11-24 10:00:00.1 UTC [2] STATEMENT:  SELECT 2',
      '2026-11-24 10:00:00.1 UTC [2] ERROR:  two',
      '2026-11-24 10:00:00.1 UTC [2] STATEMENT:  SELECT 2',
    ];
    expect(
      readAll(lines.join('\n')).map(({ fields }) => [fields['message'], fields['db.query.text']]),
    ).toEqual([
      ['one', undefined],
      ['statement: SELECT ?', 'SELECT ?'],
      ['two', 'SELECT ?'],
    ]);
  });

  test('a statement inside of a context loses its values, too', () => {
    const lines = [
      '2026-11-24 10:00:00.1 UTC [1] ERROR:  boom',
      `2026-11-24 10:00:00.1 UTC [1] CONTEXT:  SQL statement "INSERT INTO t VALUES ('secret')"`,
      '\tPL/pgSQL function f() line 3 at SQL statement',
    ];
    expect(JSON.stringify(readAll(lines.join('\n')))).not.toContain('secret');
  });

  test('a torn row of csvlog is kept as text with the reason', () => {
    const row =
      '2026-11-24 10:00:00.123 UTC,"kim","shop",77,"127.0.0.1:5",6a.1,1,"SELECT",2026-11-24 10:00:00 UTC,3/1,0,LOG,00000,"duration: 1 ms';
    const [entry] = readAll(row);
    expect(entry?.problem).toMatch(/csvlog/);
    expect(entry?.fields['sillok.unparsed']).toMatch(/csvlog/);
  });

  test('lines of other programs are none of PostgreSQL’s', () => {
    const lines = [
      'ERROR:  x',
      '2026-11-24 10:00:00 INFO app: hello',
      'note LOG:  y',
      '2026-11-24 10:00:00 went wrong: ERROR: z',
    ];
    for (const line of lines) expect(readAll(line)[0]?.format).toBe('text');
  });

  test('any bytes are read, and long lines cost their length', () => {
    for (const unit of ['"', ',', '\t', ' LOG:  ', '[1] LOG:  ', '2026-11-24 10:00:00.123 UTC,"']) {
      readAll(unit.repeat(20_000));
      readAll(`${unit}\n`.repeat(2000));
    }
  });
});
