/**
 * What an audit trail has to say to people at once, from the service to the webhook: somebody deletes a lot, and a second
 * database differs. PostgreSQL, the service's own audit, the server and the webhook are real; the hours between two looks are not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineReplay, postgresSink, runReplays, type Replay } from '@sillok/admin';
import { sillok, type Logger } from '@sillok/node';
import { Audit, createOutcomes, pgTransactions } from '@sillok/node/audit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const COUNT = 60;
const DELETED = 25;
const MINUTE_MS = 60_000;

describe.skipIf(postgresMissing !== undefined)('at the webhook (needs PostgreSQL)', () => {
  const hook = new HookSink();
  let postgres: Postgres;
  let pool: pg.Pool;
  let folder = '';
  let logger: Logger;
  let server: TestServer;
  let audit: Audit;
  let copy: Replay;

  beforeAll(async () => {
    const sink = await hook.start();
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 8 });
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE orders (id int PRIMARY KEY, state text)');
    await pool.query('CREATE TABLE copies (id int PRIMARY KEY, state text)');
    server = await startTestServer({ SILLOK_ALLOW_PRIVATE_TARGETS: '1' });
    const target = { kind: 'slack_webhook', name: 'ops', url: `${sink}/ops`, language: 'ko' };
    const json = { 'content-type': 'application/json' };
    expect((await server.post('/api/alert-targets', JSON.stringify(target), json)).status).toBe(201);
    folder = mkdtempSync(join(tmpdir(), 'sillok-told-'));
    const { url, key } = server;
    const quiet = { stdout: 'none', captureFatal: false } as const;
    logger = sillok({ service: 'orders', version: '7.0.0', url, key, spoolDirectory: folder, ...quiet });
    const transactions = pgTransactions(pool);
    await createOutcomes(transactions);
    audit = new Audit({ logger, transactions: [transactions] });
    copy = defineReplay({
      name: 'search-copy',
      description: 'The table that the search page reads.',
      entity: 'order',
      fields: ['state'],
      document: ({ state }) => ({ state }),
      sink: postgresSink({
        query: (sql, values) => pool.query(sql, [...values]),
        table: 'copies',
        key: 'id',
        columns: ['state'],
      }),
    });
    for (let id = 1; id <= COUNT; id += 1) await save(id, 'new', 'kim');
    await visible();
  });
  afterAll(async () => {
    await server.dispose();
    await logger.close();
    await pool.end();
    await postgres.stop();
    hook.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const visible = async (): Promise<unknown> =>
    server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });

  async function save(id: number, state: string, who: string): Promise<void> {
    const what = { action: 'order.save', entity: { type: 'order', id: String(id) }, actor: actorOf(who) };
    await audit.transaction(what, pgTransactions(pool), async (client, entry) => {
      const values = [id, state];
      for (const table of ['orders', 'copies'])
        await client.query(
          `INSERT INTO ${table} VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET state = $2`,
          values,
        );
      entry.after({ id, state });
    });
  }

  async function remove(id: number, who: string): Promise<void> {
    const what = { action: 'order.delete', entity: { type: 'order', id: String(id) }, actor: actorOf(who) };
    await audit.transaction(what, pgTransactions(pool), async (client, entry) => {
      entry.before({ id, state: 'new' });
      for (const table of ['orders', 'copies'])
        await client.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
    });
  }

  test('one colleague who deletes a lot is told once, by name, with a link to exactly these deletions', async () => {
    for (let id = 1; id <= DELETED; id += 1) await remove(id, 'park');
    for (const who of ['lee', 'choi']) await remove(who === 'lee' ? 31 : 32, who);
    await visible();
    const told = (): string[] => hook.texts('/ops').filter((text) => text.includes('park 대량 삭제'));
    await until('it is told', 30_000, async () => told().length > 0);
    const [text = ''] = told();
    expect(text.split('\n')[0]).toMatch(/^🔴 \*발생 · 대량 삭제/);
    expect(text.split('\n')[1]).toBe('`user park 대량 삭제: order.delete`');
    const link = new URL(/<(http[^|]+)\|/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '');
    const q = link.searchParams.get('q') ?? '';
    const found = await server.searchAll({ q, from: '-1h' });
    expect(found).toHaveLength(DELETED);
    expect(told()).toHaveLength(1);
    expect(hook.texts('/ops').join()).not.toMatch(/lee|choi/);
  });

  test('a second database that differs is told at the next look, within the hour, and once however long it differs', async () => {
    const stop = new AbortController();
    let minutes = 0;
    let foundAfter = 0;
    const looks: string[] = [];
    const out = { write: (piece: string) => looks.push(`${minutes}: ${piece.trim()}`) };
    const told = (): string[] => hook.texts('/ops').filter((text) => text.includes('search-copy'));
    // Between two looks, without waiting for it.
    const waits = async (ms: number): Promise<boolean> => {
      if (minutes === 0) {
        expect(told()).toEqual([]);
        await pool.query(`UPDATE copies SET state = 'by hand' WHERE id = 40`);
        await pool.query('DELETE FROM copies WHERE id = 41');
      } else {
        await visible();
        await until('it is told', 30_000, async () => told().length > 0);
        foundAfter ||= minutes;
      }
      minutes += ms / MINUTE_MS;
      return minutes > 200;
    };
    const env = { SILLOK_URL: server.url, SILLOK_KEY: server.key };
    const code = await runReplays([copy], ['check', 'search-copy'], { out, env, signal: stop.signal, waits });
    expect(code).toBe(130);
    expect(looks.length).toBeGreaterThan(3);
    expect(foundAfter).toBeLessThanOrEqual(60);
    await visible();
    const [text = '', ...others] = told();
    expect(others).toEqual([]);
    expect(text.split('\n')[0]).toMatch(/^🟠 \*발생 · 새 오류/);
    expect(text.split('\n')[1]).toBe('`postgres copies disagrees with the audit trail (search-copy)`');
    expect(text).toContain('7.0.0');
    const [said] = await server.waitFor({ q: 'event.name:replay.drift', from: '-1h' }, looks.length - 1);
    expect(said?.attributes).toMatchObject({ replay: { stale: 1, missing: 1 } });
  });
});

function actorOf(id: string) {
  return { type: 'user', id } as const;
}
