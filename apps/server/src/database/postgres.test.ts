/** Looking into a real PostgreSQL: what is proven, that a cancel is true, and what the record keeps of it. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { postgresMissing, startPostgres } from '../../../../test/lib/postgres.js';
import { until } from '../server.fixture.js';
import type { AskingServer } from './database.fixture.js';
import { startShopPostgres, type ShopPostgres } from './postgres.fixture.js';

let shop: ShopPostgres;
let admin: pg.Client;
let asking: AskingServer;

beforeAll(async () => {
  if (postgresMissing !== undefined) return;
  shop = await startShopPostgres(await startPostgres());
  ({ admin, asking } = shop);
});
afterAll(() => (postgresMissing === undefined ? shop.stop() : undefined));

const name = (text: string): string =>
  postgresMissing === undefined ? text : `${text} (${postgresMissing})`;

describe.skipIf(postgresMissing !== undefined)(name('what is asked'), () => {
  test('values come typed, parameters are bound, columns lead to trace and entity', async () => {
    const query =
      'SELECT id, member_id, total, trace_id, note, created_at::date AS day FROM orders ' +
      'WHERE id = {id:int} OR id = {id}';
    const answer = await asking.ask('shop', query, { params: { id: 7 } });
    expect(answer.rows).toEqual([
      [7, 7, '703.5', '00000000000000000000000000000007', '{"a": 1}', '2026-11-01'],
    ]);
    expect(answer.columns.slice(0, 4)).toEqual([
      { name: 'id', type: 'int4' },
      { name: 'member_id', type: 'int4' },
      { name: 'total', type: 'numeric' },
      { name: 'trace_id', type: 'text' },
    ]);
    expect(answer.links).toEqual([
      { column: 0, kind: 'entity', type: 'order' },
      { column: 3, kind: 'trace' },
    ]);
    expect(answer.warnings).toEqual([]);
    expect(answer.proof).toMatchObject({ user: 'reader', is_replica: false, lag_ms: null });
    expect(answer.proof.checks.every(({ ok }) => ok)).toBe(true);
  });

  test('an answer ends at the limit of rows and says so', async () => {
    const answer = await asking.ask('shop', 'SELECT id FROM orders ORDER BY id');
    expect(answer.rows).toHaveLength(10_000);
    expect(answer).toMatchObject({ truncated: true });
    expect((await asking.ask('shop', 'SELECT id FROM orders WHERE id <= 500 ORDER BY id')).rows).toHaveLength(
      500,
    );
    expect((await asking.ask('shop', 'SELECT id FROM orders WHERE false')).rows).toEqual([]);
  });

  test('braces in texts and comments are no parameters', async () => {
    const columns = `'{id}' AS a, $x$ {id} $x$ AS b, "note"->>'{a}' AS c`;
    const query = `SELECT ${columns} FROM orders -- {id}\n WHERE id = 1`;
    expect((await asking.ask('shop', query)).rows).toEqual([['{id}', ' {id} ', null]]);
  });

  test('its tables are known for completion, without those that the role does not see', async () => {
    const { body } = await asking.call('GET', '/api/databases/shop/schema');
    expect(body['tables']).toMatchObject([
      { schema: 'public', name: 'coupons' },
      {
        schema: 'public',
        name: 'orders',
        columns: expect.arrayContaining([{ name: 'total', type: 'numeric' }]),
      },
    ]);
  });
});

describe.skipIf(postgresMissing !== undefined)(name('how it ends'), () => {
  test('the database ends what takes too long', async () => {
    expect(await asking.codeOf('quick', 'SELECT pg_sleep(5)')).toBe('database_timeout');
  });

  async function runningIn(pattern: string): Promise<number> {
    const text =
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' " +
      'AND query LIKE $1 AND pid <> pg_backend_pid()';
    const { rows } = await admin.query<{ n: number }>(text, [pattern]);
    return rows[0]?.n ?? 0;
  }

  test('a cancel is confirmed by the list of the database itself', async () => {
    const asked = asking.codeOf('shop', 'SELECT pg_sleep(19), 4711', { query_id: 'sleepy' });
    await until(async () => (await runningIn('%4711%')) === 1);
    const { body: seen } = await asking.call('GET', '/api/databases/shop/running');
    expect(seen['running']).toMatchObject([{ query_id: 'sleepy', who: 'local development', warnings: [] }]);
    const { body } = await asking.call('DELETE', '/api/databases/shop/query/sleepy');
    expect(body).toEqual({ query_id: 'sleepy', ended: true, how: 'cancelled' });
    expect(await runningIn('%4711%')).toBe(0);
    expect(await asked).toBe('database_cancelled');
    expect((await asking.call('DELETE', '/api/databases/shop/query/sleepy')).status).toBe(404);
  });

  async function pidOf(pattern: string): Promise<number> {
    let pid: number | undefined;
    await until(async () => {
      const text =
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()";
      pid = (await admin.query<{ pid: number }>(text, [pattern])).rows[0]?.pid;
      return pid !== undefined;
    });
    return pid ?? 0;
  }

  test('a database that ends the connection in the middle is told as gone, and asked again', async () => {
    const asked = asking.codeOf('shop', 'SELECT pg_sleep(19), 4714');
    await admin.query('SELECT pg_terminate_backend($1)', [await pidOf('%4714%')]);
    expect(await asked).toBe('database_gone');
    expect((await asking.ask('shop', 'SELECT 1 AS one')).rows).toEqual([[1]]);
  });

  test(
    'one that hangs is not waited for without end, and takes no place from others',
    { timeout: 30_000 },
    async () => {
      const asked = asking.codeOf('brief', 'SELECT pg_sleep(1), 4715');
      const pid = await pidOf('%4715%');
      process.kill(pid, 'SIGSTOP');
      try {
        expect(await asked).toBe('database_gone');
        const { body } = await asking.call('GET', '/api/databases/brief/running');
        expect(body['running']).toEqual([]);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    },
  );

  test('one that is cancelled while it is still being connected is never run', async () => {
    const asked = asking.codeOf('shop', 'SELECT pg_sleep(3), 4713', { query_id: 'early' });
    const cancel = () => asking.call('DELETE', '/api/databases/shop/query/early');
    let answer = await cancel();
    while (answer.status === 404) answer = await cancel();
    expect(answer.body).toMatchObject({ ended: true });
    expect(await asked).toBe('database_cancelled');
    expect(await runningIn('%4713%')).toBe(0);
  });

  test('whoever goes away leaves nothing running', async () => {
    const gone = new AbortController();
    const { url, devKey } = asking.server.running;
    const asked = fetch(`${url}/api/databases/shop/query`, {
      method: 'POST',
      signal: gone.signal,
      headers: { authorization: `Bearer ${devKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'SELECT pg_sleep(19), 4712' }),
    });
    await until(async () => (await runningIn('%4712%')) === 1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await until(async () => (await runningIn('%4712%')) === 0);
  });

  test('a long snapshot is told while it holds vacuum back', { timeout: 40_000 }, async () => {
    const asked = asking.ask('shop', 'SELECT pg_sleep(15), count(*) FROM orders', { query_id: 'long' });
    await until(async () => (await runningIn('%pg_sleep(15)%')) === 1);
    for (let round = 0; round < 5; round += 1) await admin.query("INSERT INTO coupons VALUES ('x', 1)");
    const { warnings } = await asked;
    expect(warnings).toMatchObject([{ code: 'holds_vacuum' }]);
    expect(warnings[0]?.message).toMatch(
      /^For 1[0-9] s this statement has kept vacuum from cleaning up: [5-9] transactions/,
    );
  });
});

describe.skipIf(postgresMissing !== undefined)(name('who may, and what is kept of it'), () => {
  test('another project sees no database; a reader only sees that it is there', async () => {
    const make = async (scopes: string[], project: string): Promise<string> => {
      const { body } = await asking.call('POST', '/api/keys', { name: project, scopes, project });
      return String(body['key']);
    };
    const stranger = await make(['admin'], 'elsewhere');
    expect((await asking.callAs(stranger, { method: 'GET', path: '/api/databases' })).body).toEqual({
      databases: [],
    });
    const asked = await asking.callAs(stranger, {
      method: 'POST',
      path: '/api/databases/shop/query',
      json: { query: 'SELECT 1' },
    });
    const nowhere = await asking.callAs(stranger, {
      method: 'POST',
      path: '/api/databases/nowhere/query',
      json: { query: 'SELECT 1' },
    });
    expect(asked.status).toBe(404);
    expect(JSON.stringify(asked.body).replace('shop', 'X')).toBe(
      JSON.stringify(nowhere.body).replace('nowhere', 'X'),
    );
    const viewer = await make(['read'], 'default');
    const member = await make(['write'], 'default');
    const { body } = await asking.callAs(viewer, { method: 'GET', path: '/api/databases' });
    expect(body['databases']).toContainEqual({
      name: 'shop',
      dialect: 'postgresql',
      allowed: false,
      timeout_s: 20,
    });
    expect(
      (
        await asking.callAs(viewer, {
          method: 'POST',
          path: '/api/databases/shop/query',
          json: { query: 'SELECT 1' },
        })
      ).status,
    ).toBe(403);
    expect(
      (
        await asking.callAs(member, {
          method: 'POST',
          path: '/api/databases/shop/query',
          json: { query: 'SELECT 1' },
        })
      ).status,
    ).toBe(200);
    expect(
      (
        await asking.callAs(member, {
          method: 'POST',
          path: '/api/databases/chiefs/query',
          json: { query: 'SELECT 1' },
        })
      ).status,
    ).toBe(403);
  });

  test('each statement is audited before and after, without its values; the password is nowhere', async () => {
    const query = "SELECT id FROM orders WHERE trace_id = 'kim@shop.example' AND id = {id:int}";
    const answer = await asking.ask('shop', query, { params: { id: 4 }, reason: 'ticket 12' });
    await asking.codeOf('shop', 'DROP TABLE orders');
    await asking.server.visible();
    const find = async (q: string) =>
      (await asking.call('GET', `/api/search?${new URLSearchParams({ q, limit: '50' })}`)).body['records'];
    const kept = await find(`kind:audit audit.id:"${answer.audit_id}"`);
    const text = JSON.stringify(kept);
    expect(kept).toHaveLength(2);
    expect(text).toContain('ticket 12');
    expect(text).toContain('SELECT id FROM orders WHERE trace_id = ?');
    expect(text).not.toContain('kim@shop.example');
    expect(JSON.stringify(await find('kind:audit audit.outcome:denied'))).toContain('DROP TABLE orders');
    const history = await asking.call('GET', `/api/audit?id=${answer.audit_id}`);
    expect(history.body['changes']).toMatchObject([
      { reason: 'ticket 12', arguments: { query: expect.stringContaining('WHERE trace_id = ?') } },
    ]);
    expect(await asking.codeOf('away', 'SELECT 1')).toBe('database_unreachable');
    const away = await asking.call('GET', '/api/databases/away');
    const all = JSON.stringify([
      away.body,
      (await asking.call('GET', '/api/databases')).body,
      await find('*'),
    ]);
    expect(all).not.toContain('s3cret-word');
  });

  test('tables without the means to tell later are listed', async () => {
    const { body } = await asking.call('GET', '/api/databases/shop/advice');
    expect(body).toMatchObject({
      tables: 2,
      lacking: [
        { table: 'public.coupons', lacks: ['created', 'updated', 'version'] },
        { table: 'public.orders', lacks: ['updated', 'version'] },
      ],
    });
  });

  test('updates that somebody types again and again are candidates, those of a service are not', async () => {
    const record = (seq: number, more: object): string =>
      JSON.stringify({
        ...{ seq, time: new Date(Date.now() - seq * 1000).toISOString().replace('Z', '000000Z') },
        ...{ kind: 'log', level: 'info', message: 'statement', 'db.operation.name': 'UPDATE' },
        ...more,
      });
    const text = 'UPDATE members SET locked = ? WHERE id = ?';
    const psql = { 'db.query.text': text, 'postgresql.application_name': 'psql', 'db.user': 'lee' };
    const service = { 'db.query.text': 'UPDATE carts SET n = ?', 'postgresql.application_name': 'shop-api' };
    const once = { ...psql, 'db.query.text': 'UPDATE rare SET a = ?' };
    const lines = [1, 2, 3, 4].flatMap((n) => [record(n * 2, psql), record(n * 2 + 1, service)]);
    await asking.server.verdict({ producer: 'pg-log', boot: 'b' }, [record(1, once), ...lines]);
    await asking.server.visible();
    const { body } = await asking.call('GET', '/api/databases/shop/advice');
    expect(body['repeated_updates']).toMatchObject([{ statement: text, times: 4, users: ['lee'] }]);
  });
});
