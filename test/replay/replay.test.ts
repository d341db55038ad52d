/**
 * A second database that a bug left behind: 300 asynchronous updates and 20 deletes never arrived. The drift report names exactly these,
 * replay mends them, and a second replay changes nothing. Primary and copy are tables of a real PostgreSQL; the index is a stand-in that
 * speaks Elasticsearch's HTTP.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineReplay, elasticSink, postgresSink, runReplays, type Replay } from '@sillok/admin';
import { sillok, type Logger } from '@sillok/node';
import { Audit, createOutcomes, pgTransactions } from '@sillok/node/audit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';
import { startIndex } from './search-index.fixture.js';

const COUNT = 700;
const UPDATED = 450;
const DELETED = 40;
const LOST_UPDATES = 300;
const LOST_DELETES = 20;

describe.skipIf(postgresMissing !== undefined)('a second database', () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let folder = '';
  let logger: Logger;
  let server: TestServer;
  let audit: Audit;
  let copy: Replay;

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 16 });
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE orders (id int PRIMARY KEY, state text, amount int, items jsonb)');
    await pool.query('CREATE SCHEMA search');
    await pool.query(
      'CREATE TABLE search.orders (id int PRIMARY KEY, state text, amount int, items jsonb, clicks int DEFAULT 7)',
    );
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'sillok-replay-'));
    const { url, key } = server;
    logger = sillok({
      service: 'orders',
      url,
      key,
      spoolDirectory: folder,
      stdout: 'none',
      captureFatal: false,
    });
    const transactions = pgTransactions(pool);
    await createOutcomes(transactions);
    audit = new Audit({ logger, transactions: [transactions] });
    copy = defineReplay({
      name: 'search-copy',
      description: 'The table that the search page reads.',
      owner: 'kim',
      entity: 'order',
      fields: ['state', 'amount', 'items'],
      document: ({ state, amount, items }) => ({ state, amount, items }),
      sink: postgresSink({
        query: (sql, values) => pool.query(sql, [...values]),
        table: 'search.orders',
        key: 'id',
        columns: ['state', 'amount', 'items'],
      }),
    });
    await each(range(1, COUNT), (id) =>
      change(id, { state: 'new', amount: id * 10, items: [{ n: id }] }, true),
    );
    // The bug: of these, some never reach the copy.
    await each(range(1, UPDATED), (id) =>
      change(id, { state: 'paid', amount: id * 10 + 1, items: [{ n: id }] }, id > LOST_UPDATES),
    );
    const from = COUNT - DELETED + 1;
    await each(range(from, COUNT), (id) => change(id, undefined, id >= from + LOST_DELETES));
    await pool.query('UPDATE search.orders SET clicks = 9');
    const token = await logger.flush();
    await server.search({ after: token, wait_ms: '50000', limit: '1' });
  });
  afterAll(async () => {
    await server.dispose();
    await logger.close();
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Order {
    readonly state: string;
    readonly amount: number;
    readonly items: readonly object[];
  }

  /** As the service does it: the transaction, its record, and then, mostly, the copy. */
  async function change(id: number, next: Order | undefined, arrives: boolean): Promise<void> {
    const what = next === undefined ? 'order.delete' : 'order.save';
    const transactions = pgTransactions(pool);
    await audit.transaction(
      { action: what, entity: { type: 'order', id: String(id) } },
      transactions,
      async (client, entry) => {
        const { rows } = await client.query('SELECT * FROM orders WHERE id = $1 FOR UPDATE', [id]);
        if (rows[0] !== undefined) entry.before(rows[0]);
        await write('orders', client, { id, next });
        if (next !== undefined) entry.after({ id, ...next });
      },
    );
    if (arrives) await write('search.orders', pool, { id, next });
  }

  interface Written {
    readonly id: number;
    readonly next: Order | undefined;
  }

  async function write(table: string, db: pg.Pool | pg.PoolClient, { id, next }: Written): Promise<void> {
    await db.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
    if (next === undefined) return;
    const values = [id, next.state, next.amount, JSON.stringify(next.items)];
    await db.query(`INSERT INTO ${table} (id, state, amount, items) VALUES ($1, $2, $3, $4)`, values);
  }

  async function run(
    replays: readonly Replay[],
    words: readonly string[],
    signal = new AbortController().signal,
  ) {
    let text = '';
    const out = { write: (piece: string) => (text += piece) };
    const env = { SILLOK_URL: server.url, SILLOK_KEY: server.key, SILLOK_REPLAY_DIR: join(folder, 'replay') };
    const code = await runReplays(replays, words, { out, env, signal });
    return { code, text };
  }

  const differing = async (): Promise<number> =>
    Number(
      (
        await pool.query(
          `SELECT count(*) AS n FROM orders o FULL JOIN search.orders s ON o.id = s.id
           WHERE (o.state, o.amount, o.items) IS DISTINCT FROM (s.state, s.amount, s.items)`,
        )
      ).rows[0].n,
    );

  test('is compared first: exactly the lost updates and deletes are named, and nothing is changed', async () => {
    expect(await differing()).toBe(LOST_UPDATES + LOST_DELETES);
    const { code, text } = await run([copy], ['drift', 'search-copy', '--json']);
    expect(code).toBe(5);
    const report: { compared: number; drifts: { id: string; kind: string }[] } = JSON.parse(text);
    expect(report.compared).toBe(COUNT);
    const idsOf = (kind: string): number[] =>
      report.drifts
        .flatMap((each) => (each.kind === kind ? [Number(each.id)] : []))
        .toSorted((a, b) => a - b);
    expect(idsOf('stale')).toEqual(range(1, LOST_UPDATES));
    const from = COUNT - DELETED + 1;
    expect(idsOf('not_deleted')).toEqual(range(from, from + LOST_DELETES - 1));
    expect(idsOf('missing')).toEqual([]);
    expect(await differing()).toBe(LOST_UPDATES + LOST_DELETES);
    const one = await run([copy], ['drift', 'search-copy', '--id', '5']);
    expect(one.text).toMatch(
      /stale +order\/5 +since .* order\.save\n {4}amount: 50 → 51\n {4}state: "new" → "paid"/,
    );
  });

  test('speaks up through the log of the service, where alerts see it', async () => {
    expect((await run([copy], ['check', 'search-copy', '--once'])).code).toBe(5);
    const [said] = await server.waitFor({ q: 'event.name:replay.drift' }, 1);
    expect(said).toMatchObject({
      level: 'error',
      attributes: { replay: { stale: 300, not_deleted: 20, owner: 'kim' } },
    });
  });

  test('a run that was killed is run again, mends the rest, and a second one changes nothing', async () => {
    // Killed after the first batch: what it had written stays, and is not counted again.
    let batches = 0;
    const dying: Replay = {
      ...copy,
      sink: {
        ...copy.sink,
        async write(writes) {
          batches += 1;
          if (batches > 1) throw new Error('killed');
          await copy.sink.write(writes);
        },
      },
    };
    await expect(run([dying], ['run', 'search-copy', '--apply'])).rejects.toThrow('killed');
    const left = await differing();
    expect(left).toBeLessThan(LOST_UPDATES + LOST_DELETES);
    const mended = await run([copy], ['run', 'search-copy', '--apply']);
    expect([mended.code, await differing()]).toEqual([0, 0]);
    expect(mended.text).toContain(`${left - LOST_DELETES} written, ${LOST_DELETES} deleted; they agree now`);
    const before = (await pool.query('SELECT xmin, * FROM search.orders ORDER BY id')).rows;
    const second = await run([copy], ['run', 'search-copy', '--apply']);
    expect([second.code, second.text]).toEqual([
      0,
      expect.stringContaining('0 written, 0 deleted; they agree now'),
    ]);
    expect((await pool.query('SELECT xmin, * FROM search.orders ORDER BY id')).rows).toEqual(before);
    // Columns of the copy's own stay.
    expect(before.every(({ clicks }) => clicks === 9 || clicks === 7)).toBe(true);
  });

  test('an old range brings back no old state', async () => {
    const to = new Date().toISOString();
    await change(1, { state: 'sent', amount: 5, items: [] }, true);
    await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });
    const { code, text } = await run([copy], ['run', 'search-copy', '--to', to, '--apply']);
    expect([code, text]).toEqual([0, expect.stringContaining('0 written')]);
    expect((await pool.query('SELECT state FROM search.orders WHERE id = 1')).rows[0].state).toBe('sent');
  });

  test('fields that records lack or hide are listed and left alone', async () => {
    const hiding = new Audit({ logger, hide: { secret: ['amount'] } });
    await hiding.record({
      action: 'a',
      entity: { type: 'secret', id: '1' },
      after: { state: 'x', amount: 1, items: [] },
    });
    await hiding.record({ action: 'a', entity: { type: 'secret', id: '2' }, after: { state: 'x' } });
    await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });
    const { text } = await run([{ ...copy, entity: 'secret' }], ['drift', 'search-copy', '--json']);
    expect(JSON.parse(text)).toMatchObject({
      drifts: [],
      incomplete: [
        { id: '1', fields: ['amount'] },
        { id: '2', fields: ['amount', 'items'] },
      ],
    });
  });

  test('followed, it gets each change within seconds, also one that was recorded before and arrived late', async () => {
    const stop = new AbortController();
    const following = run([copy], ['follow', 'search-copy'], stop.signal);
    await change(2, { state: 'sent', amount: 3, items: [] }, false);
    await change(3, undefined, false);
    await until('the copy agrees', 30_000, async () => (await differing()) === 0);
    stop.abort();
    expect((await following).code).toBe(130);
    // It goes on from its position: what happened while nobody followed is brought over.
    await change(4, { state: 'sent', amount: 4, items: [] }, false);
    await audit.record({
      action: 'order.save',
      entity: { type: 'order', id: '5' },
      after: { id: 5, state: 'late', amount: 5, items: [] },
    });
    const again = new AbortController();
    const resumed = run([copy], ['follow', 'search-copy'], again.signal);
    const late = async (): Promise<unknown> =>
      (await pool.query('SELECT state FROM search.orders WHERE id IN (4, 5) ORDER BY id')).rows;
    await until('both are there', 30_000, async () =>
      JSON.stringify(await late()).includes('"sent"},{"state":"late"'),
    );
    again.abort();
    await resumed;
  });

  test('followed, one that does not keep what is written is told, and does not hold up the rest', async () => {
    const stop = new AbortController();
    const deaf: Replay = { ...copy, name: 'deaf', sink: { ...copy.sink, write: async () => undefined } };
    const following = run([deaf], ['follow', 'deaf'], stop.signal);
    await change(6, { state: 'sent', amount: 6, items: [] }, false);
    const [said] = await server.waitFor({ q: 'event.name:replay.drift replay.name:deaf' }, 1);
    expect(said).toMatchObject({ level: 'error', attributes: { replay: { ids: ['6'] } } });
    stop.abort();
    expect((await following).code).toBe(5);
  });

  test('rows that only the second table has are listed, also beyond one page of keys', async () => {
    await pool.query('INSERT INTO search.orders (id) SELECT generate_series(10001, 16001)');
    const { text } = await run([copy], ['drift', 'search-copy', '--json']);
    const { onlyThere } = JSON.parse(text);
    expect([onlyThere.count, onlyThere.ids.length, onlyThere.ids[0]]).toEqual([6_001, 1_000, '10001']);
    await pool.query('DELETE FROM search.orders WHERE id > 10000');
  });

  test('a gap names the entities of its records and no others', async () => {
    await change(20, { state: 'sent', amount: 20, items: [] }, false);
    await change(21, { state: 'sent', amount: 21, items: [] }, false);
    await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });
    const q = 'kind:audit audit.entity.id:20 audit.outcome:committed';
    const { records } = await server.search({ q, order: 'desc', limit: '1' });
    const { producer, boot, seq } = Object(records[0]);
    const gap = `${producer}/${boot}/${seq}-${seq}`;
    const { code, text } = await run([copy], ['run', 'search-copy', '--gap', gap, '--apply']);
    expect([code, text]).toEqual([0, expect.stringContaining('1 written, 0 deleted; they agree now')]);
    const { rows } = await pool.query('SELECT id, state FROM search.orders WHERE id IN (20, 21) ORDER BY id');
    expect(rows).toEqual([
      { id: 20, state: 'sent' },
      { id: 21, state: 'paid' },
    ]);
    expect((await run([copy], ['run', 'search-copy', '--id', '21', '--apply'])).code).toBe(0);
  });

  test('the primary is brought forward after it was restored to an earlier point in time', async () => {
    const table = { table: 'orders', key: 'id', columns: ['state', 'amount', 'items'] };
    const query = (sql: string, values: readonly unknown[]) => pool.query(sql, [...values]);
    const primary: Replay = { ...copy, name: 'primary', sink: postgresSink({ query, ...table }) };
    const all = async () => (await pool.query('SELECT * FROM orders ORDER BY id')).rows;
    await pool.query('CREATE TABLE restored AS SELECT * FROM orders');
    const from = new Date().toISOString();
    await change(30, { state: 'sent', amount: 30, items: [] }, true);
    await change(31, undefined, true);
    await change(COUNT + 1, { state: 'new', amount: 1, items: [] }, true);
    await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });
    const before = await all();
    await pool.query('TRUNCATE orders; INSERT INTO orders SELECT * FROM restored');
    expect(await all()).not.toEqual(before);
    const { code, text } = await run([primary], ['run', 'primary', '--from', from, '--apply']);
    expect([code, text]).toEqual([0, expect.stringContaining('2 written, 1 deleted; they agree now')]);
    expect(await all()).toEqual(before);
  });

  test('may be an index that speaks Elasticsearch’s HTTP, also when it refuses a document', async () => {
    const index = await startIndex();
    const replay: Replay = { ...copy, name: 'index', sink: elasticSink({ url: index.url, index: 'orders' }) };
    const ids = ['--id', '10', '--id', '11', '--id', String(COUNT)];
    index.documents.set(String(COUNT), { state: 'ghost' });
    expect((await run([replay], ['run', 'index', ...ids, '--apply'])).text).toContain('2 written, 1 deleted');
    expect(index.documents.get('10')).toEqual({ state: 'paid', amount: 101, items: [{ n: 10 }] });
    expect((await run([replay], ['run', 'index', ...ids, '--apply'])).text).toContain('0 written, 0 deleted');
    index.refuses = '12';
    const refused = await run([replay], ['run', 'index', '--id', '12', '--apply']);
    expect([refused.code, refused.text]).toEqual([5, expect.stringContaining('not taken    12: ')]);
    // All ids, by the scroll interface, which is closed again.
    index.documents.set('ghost', { state: 'ghost' });
    const only = JSON.parse((await run([replay], ['drift', 'index', '--json'])).text);
    expect(only.onlyThere).toEqual({ count: 1, ids: ['ghost'] });
    expect([index.misunderstood, index.scrolls.size]).toEqual([[], 0]);
    index.server.close();
  });

  test('jobs that were enqueued and never consumed are listed, younger ones are not', async () => {
    const span = (seq: number, type: string, more: object) => ({
      seq,
      time: new Date(Date.now() - 3_600_000 + seq).toISOString(),
      kind: 'span',
      level: 'info',
      message: type,
      attributes: { messaging: { operation: { type }, destination: { name: 'orders' }, message: more } },
    });
    const lines = [
      { sillok: 1, producer: 'jobs-1', boot: 'b', resource: { 'service.name': 'orders' } },
      span(1, 'send', { id: 'm-1' }),
      span(2, 'send', { id: 'm-2' }),
      span(3, 'process', { id: 'm-1' }),
      { ...span(4, 'send', { id: 'm-3' }), time: new Date().toISOString() },
    ];
    await server.post('/v1/records', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`, {
      'content-type': 'application/x-ndjson',
    });
    await server.waitFor({ q: 'producer:jobs-1' }, 4);
    const { code, text } = await run([], ['jobs']);
    expect([code, text]).toEqual([5, expect.stringMatching(/orders {2}m-2 {2}orders/)]);
    expect(text).toContain('1 enqueued and never consumed');
    expect(text).not.toMatch(/m-1|m-3/);
  });

  test('a server that does not answer, and a name that is none, are told', async () => {
    const env = { SILLOK_URL: 'http://127.0.0.1:9' };
    let text = '';
    const out = { write: (piece: string) => (text += piece) };
    const io = { out, env, signal: new AbortController().signal };
    expect(await runReplays([copy], ['drift', 'search-copy'], io)).toBe(1);
    expect(text).toContain('The audit trail could not be read');
    expect((await run([copy], ['drift', 'nothing'])).code).toBe(2);
    expect((await run([copy], ['drift', 'search-copy', '--gap', 'x'])).code).toBe(2);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Sixteen at a time. */
async function each(ids: readonly number[], work: (id: number) => Promise<void>): Promise<void> {
  const waiting = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await work(id);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
