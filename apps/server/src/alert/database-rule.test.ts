/**
 * Rules over a number of a real PostgreSQL, in a whole server whose clock the test sets, up to the message that the webhook got:
 * told, told apart, ended; and what cannot be evaluated says so and ends nothing.
 */
import type { AlertRuleBody, AlertRuleShape, AlertShape, PreviewShape } from '@sillok/api';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { postgresMissing, startPostgres, type Postgres } from '../../../../test/lib/postgres.js';
import { ClockedServer, minute, second } from './clocked.fixture.js';

let postgres: Postgres;
let admin: pg.Client;
let clocked: ClockedServer;

const SETUP = `
  CREATE TABLE orders (id serial PRIMARY KEY, state text, placed_at timestamptz);
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC;
  CREATE ROLE reader LOGIN;
  GRANT SELECT ON orders TO reader;`;

beforeAll(async () => {
  if (postgresMissing !== undefined) return;
  postgres = await startPostgres();
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(SETUP);
  const url = `postgres://reader:s3cret-word@127.0.0.1:${postgres.port}/postgres`;
  clocked = new ClockedServer({
    shop: { url },
    chiefs: { url, role: 'admin' },
    other: { url, project: 'other' },
  });
  await clocked.start();
});
afterAll(async () => {
  if (postgresMissing !== undefined) return;
  await clocked.dispose();
  await admin.end();
  await postgres.stop();
});
beforeEach(async () => {
  if (postgresMissing !== undefined) return;
  await admin.query('TRUNCATE orders');
  for (const { id, built_in: isBuiltIn } of await rules())
    if (!isBuiltIn) await clocked.ask('DELETE', `/api/alert-rules/${id}`);
  clocked.nowMs += 20 * minute;
});

const stuck: AlertRuleBody = {
  name: 'orders get stuck',
  database: 'shop',
  q: "SELECT count(*) FROM orders WHERE state = 'stuck'",
  kind: 'threshold',
  value: 3,
};

async function rules(): Promise<AlertRuleShape[]> {
  // The answer of GET /api/alert-rules.
  return (await clocked.ask('GET', '/api/alert-rules')).body['rules'] as AlertRuleShape[];
}

async function makeRule(part: Partial<AlertRuleBody> = {}): Promise<string> {
  const made = await clocked.ask('POST', '/api/alert-rules', { ...stuck, ...part });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return String(made.body['id']);
}

async function errorOf(id: string): Promise<string | null | undefined> {
  return (await rules()).find((rule) => rule.id === id)?.status.error;
}

async function alerts(rule: string): Promise<AlertShape[]> {
  // The answer of GET /api/alerts.
  const all = (await clocked.ask('GET', '/api/alerts?limit=500')).body['alerts'] as AlertShape[];
  return all.filter((alert) => alert.rule === rule);
}

const place = (count: number, { state = 'new', ageMs = 0 } = {}): Promise<unknown> =>
  admin.query('INSERT INTO orders (state, placed_at) SELECT $1, $2 FROM generate_series(1, $3)', [
    ...[state, new Date(clocked.nowMs - ageMs), count],
  ]);

/** A minute later, which is when databases are asked again. */
async function next(): Promise<void> {
  clocked.nowMs += minute;
  await clocked.evaluate();
}

const isMissing = postgresMissing !== undefined;
describe.skipIf(isMissing)(
  `a number of the business database${isMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    test('is told once it reaches its value, with a link that holds no statement, and ends with it', async () => {
      const id = await makeRule({ severity: 'critical' });
      await place(2, { state: 'stuck' });
      await next();
      expect(await clocked.told('orders get stuck')).toEqual([]);
      await place(2, { state: 'stuck' });
      await next();
      const [text = ''] = await clocked.told('orders get stuck');
      const [alert] = await alerts(id);
      expect(text.split('\n')).toEqual([
        '🔴 *New · threshold · orders get stuck*',
        '`4 ≥ 3 in the database shop`',
        `since ${new Date(clocked.nowMs).toISOString().slice(0, 19)}Z`,
        `<https://sillok.shop.example/alerts/${alert?.id}?project=default|Open this alert>`,
      ]);
      expect(alert).toMatchObject({ database: 'shop', q: stuck.q, state: 'open' });
      await admin.query('DELETE FROM orders');
      await next();
      await next();
      clocked.nowMs += second;
      const texts = await clocked.told('orders get stuck');
      expect(texts).toHaveLength(2);
      expect(texts[1]).toMatch(/^✅ \*Resolved · threshold · orders get stuck\*/);
    });

    test('is told when it is too small within the window that the statement binds', async () => {
      await makeRule({
        name: 'orders come in',
        q: 'SELECT count(*) FROM orders WHERE placed_at >= {from:timestamptz} AND placed_at < {to:timestamptz}',
        kind: 'absence',
        window_s: 600,
        value: 2,
      });
      await place(2, { ageMs: 8 * minute });
      await next();
      expect(await clocked.told('orders come in')).toEqual([]);
      await next();
      await next();
      const [text = ''] = await clocked.told('orders come in');
      expect(text.split('\n')[1]).toBe('`0 &lt; 2 in the database shop`');
    });

    test('is told apart for each value of a column; none is nothing to tell', async () => {
      const q = 'SELECT count(*) AS value, state FROM orders GROUP BY state ORDER BY state';
      const id = await makeRule({ name: 'by state', q, by: 'state', value: 2 });
      await next();
      expect(await errorOf(id)).toBeNull();
      await place(1, { state: 'new' });
      await place(2, { state: '<!channel> lost' });
      await place(3, { state: 'stuck' });
      await next();
      expect((await alerts(id)).map(({ title }) => title).sort()).toEqual([
        '<!channel> lost: 2 ≥ 2 in the database shop',
        'stuck: 3 ≥ 2 in the database shop',
      ]);
      expect((await clocked.told('by state')).join('\n')).not.toContain('<!channel>');
    });

    test('is in the audit trail, as asked by "alert"', async () => {
      await makeRule();
      await next();
      await clocked.server.visible();
      const found = await clocked.ask(
        'GET',
        `/api/search?${new URLSearchParams({ q: 'audit.action:database.query audit.actor.id:*alert*', limit: '2' })}`,
      );
      expect(found.body['records']).toHaveLength(2);
      expect(JSON.stringify(found.body)).toContain('SELECT count(*) FROM orders WHERE state = ?');
    });
  },
);

describe.skipIf(isMissing)('a rule over a database that cannot be evaluated', () => {
  test('says so after three rounds, ends no alert meanwhile, and recovers by itself', async () => {
    const id = await makeRule({ name: 'stuck or away' });
    await place(3, { state: 'stuck' });
    await next();
    expect(await alerts(id)).toMatchObject([{ state: 'open' }]);
    await admin.query('ALTER ROLE reader NOLOGIN');
    for (let round = 1; round <= 3; round += 1) {
      expect(await clocked.told('“stuck or away” cannot be evaluated')).toEqual([]);
      await next();
    }
    const [text = ''] = await clocked.told('“stuck or away” cannot be evaluated');
    expect(text).toMatch(
      /cannot be evaluated: The database "shop" cannot be reached: .*not permitted to log in/,
    );
    expect(text).not.toContain('s3cret-word');
    // Nobody looks: that is no reason to say that all is well.
    clocked.nowMs += 10 * minute;
    await clocked.evaluate();
    await clocked.told('');
    expect(await alerts(id)).toMatchObject([{ state: 'open' }]);
    await admin.query('ALTER ROLE reader LOGIN');
    await admin.query('DELETE FROM orders');
    await next();
    await clocked.told('');
    expect(await errorOf(id)).toBeNull();
    expect(await alerts(id)).toMatchObject([{ state: 'resolved' }]);
  });

  test.each([
    ['NULL', 'SELECT sum(id) FROM orders', 'the column "sum" is NULL; coalesce(…, 0) says what NULL means'],
    ['a text', "SELECT 'many' AS n", 'the column "n" is no number; coalesce(…, 0) says what NULL means'],
    ['no row', 'SELECT 1 WHERE false', 'its answer has no row; one number is needed'],
    ['several rows', 'SELECT generate_series(1, 2)', 'its answer has several rows; one number is needed'],
    ['a table that is gone', 'SELECT count(*) FROM gone', 'shop: relation "gone" does not exist'],
    [
      'a write',
      'WITH x AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM x',
      /permission denied|read-only/,
    ],
  ])('%s is no number', async (_name, q, error) => {
    const id = await makeRule({ q });
    await next();
    expect(await errorOf(id)).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    expect(await alerts(id)).toEqual([]);
  });

  test(
    'one that takes too long is ended in the database, and holds up no rule over the record',
    { timeout: 40_000 },
    async () => {
      const slow = await makeRule({ q: 'SELECT count(*) FROM (SELECT pg_sleep(29)) AS slept' });
      const search = await makeRule({
        name: 'over the record',
        database: '',
        q: 'service.name:till',
        value: 1_000,
      });
      const round = next();
      await expect.poll(() => statusTime(search), { timeout: 9_000 }).not.toBeNull();
      expect(await errorOf(slow)).toBeNull();
      await round;
      expect(await errorOf(slow)).toBe(
        'shop: the statement took longer than 10 s and was ended by the database.',
      );
      const { rows } = await admin.query(
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(29)%' AND state = 'active' AND pid <> pg_backend_pid()",
      );
      expect(rows).toEqual([]);
    },
  );

  async function statusTime(id: string): Promise<string | null | undefined> {
    return (await rules()).find((rule) => rule.id === id)?.status.evaluated_at;
  }
});

describe.skipIf(isMissing)('before it is saved', () => {
  test.each([
    ['a database of another project', { database: 'other' }, 404, 'database_unknown'],
    ['a statement that writes', { q: 'DELETE FROM orders' }, 400, 'database_statement_refused'],
    ['a value that nobody binds', { q: 'SELECT {secret}' }, 400, 'database_statement_refused'],
    ['an error rate', { kind: 'error_rate' as const }, 400, 'request_invalid'],
  ])('%s is refused', async (...[, part, status, code]) => {
    const rule = { ...stuck, ...part };
    const saved = await clocked.ask('POST', '/api/alert-rules', rule);
    const seen = await clocked.ask('POST', '/api/alert-rules/preview', { rule });
    expect([saved.status, Object(saved.body['error']).code]).toEqual([status, code]);
    expect([seen.status, Object(seen.body['error']).code]).toEqual([status, code]);
  });

  test('whoever may not ask the database can neither preview, keep nor change a rule over it', async () => {
    const { body } = await clocked.ask('POST', '/api/keys', {
      name: 'm',
      scopes: ['write'],
      project: 'default',
    });
    const id = await makeRule({ database: 'chiefs' });
    const rule = { ...stuck, database: 'chiefs' };
    const tries = [
      ['POST', '/api/alert-rules', rule],
      ['PUT', `/api/alert-rules/${id}`, rule],
      ['POST', '/api/alert-rules/preview', { rule }],
    ] as const;
    for (const [method, path, json] of tries) {
      const response = await fetch(clocked.server.running.url + path, {
        method,
        headers: { authorization: `Bearer ${String(body['key'])}`, 'content-type': 'application/json' },
        body: JSON.stringify(json),
      });
      expect(response.status).toBe(403);
    }
  });

  async function preview(part: Partial<AlertRuleBody>): Promise<PreviewShape> {
    const json = { rule: { ...stuck, ...part }, from: '-24h', to: 'now' };
    const { status, body } = await clocked.ask('POST', '/api/alert-rules/preview', json);
    if (status !== 200) throw new Error(JSON.stringify(body));
    // The answer of a preview.
    return body as unknown as PreviewShape;
  }

  test('one that binds a time is shown over the newest windows, another as it is now', async () => {
    const at = new Date();
    await admin.query(
      "INSERT INTO orders (state, placed_at) SELECT $1, $2::timestamptz - interval '90 minutes' FROM generate_series(1, 4)",
      ['stuck', at],
    );
    const now = await preview({});
    expect(now).toMatchObject({ covers: 'now', fired: 1, points: [{ value: 4, fires: true }] });
    const q = 'SELECT count(*) FROM orders WHERE placed_at BETWEEN {from:timestamptz} AND {to:timestamptz}';
    const past = await preview({ q, window_s: 3_600 });
    expect(past).toMatchObject({ covers: 'all', fired: 1 });
    expect(past.points.map(({ value }) => value)).toEqual([...Array<number>(22).fill(0), 4, 0]);
    const fine = await preview({ q, window_s: 300 });
    expect(fine.covers).toBe('newest');
    expect(fine.points).toHaveLength(24);
  });

  test('what gives no number is told in the preview', async () => {
    await expect(preview({ q: 'SELECT sum(id) FROM orders' })).rejects.toThrow(
      /the column \\"sum\\" is NULL/,
    );
  });
});
