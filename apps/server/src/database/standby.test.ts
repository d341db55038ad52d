/** A real standby, and statements that dashboards and reports keep. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  postgresMissing,
  startPostgres,
  startReplicaOf,
  type Postgres,
} from '../../../../test/lib/postgres.js';
import { until } from '../server.fixture.js';
import { AskingServer } from './database.fixture.js';

let postgres: Postgres;
let replica: Postgres;
let admin: pg.Client;
let asking: AskingServer;

const SETUP = `
  CREATE TABLE orders (id int PRIMARY KEY, created_at timestamptz);
  CREATE TABLE coupons (code text, owner int);
  INSERT INTO orders SELECT n, '2026-11-01' FROM generate_series(1, 20000) n;
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  CREATE ROLE reader LOGIN;
  GRANT SELECT ON orders, coupons TO reader;`;

beforeAll(async () => {
  if (postgresMissing !== undefined) return;
  postgres = await startPostgres();
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(SETUP);
  replica = await startReplicaOf(postgres);
  const url = ({ port }: Postgres): string => `postgres://reader@127.0.0.1:${port}/postgres`;
  asking = new AskingServer({
    shop: { url: url(postgres) },
    standby: { url: url(replica) },
    chiefs: { url: url(postgres), role: 'admin' },
  });
  await asking.start();
});
afterAll(async () => {
  if (postgresMissing !== undefined) return;
  await asking.server.dispose();
  await admin.end();
  await replica.stop();
  await postgres.stop();
});

const name = (text: string): string =>
  postgresMissing === undefined ? text : `${text} (${postgresMissing})`;

describe.skipIf(postgresMissing !== undefined)(name('on a real standby'), () => {
  test('an answer says that it is of a replica, and how far that one is behind', async () => {
    await admin.query("INSERT INTO coupons VALUES ('later', 99)");
    await until(async () => {
      const { rows } = await asking.ask('standby', "SELECT owner FROM coupons WHERE code = 'later'");
      return rows.length === 1;
    });
    const { proof } = await asking.ask('standby', 'SELECT 1');
    expect(proof).toMatchObject({ is_replica: true, lag_ms: 0 });
    expect(proof.checks.every(({ ok }) => ok)).toBe(true);
    const pause = new pg.Client({ connectionString: replica.url });
    await pause.connect();
    await pause.query('SELECT pg_wal_replay_pause()');
    await admin.query("INSERT INTO coupons VALUES ('unseen', 99)");
    await until(async () => ((await asking.ask('standby', 'SELECT 1')).proof.lag_ms ?? 0) > 0);
    const { rows } = await asking.ask('standby', "SELECT owner FROM coupons WHERE code = 'unseen'");
    expect(rows).toEqual([]);
    await pause.query('SELECT pg_wal_replay_resume()');
    await pause.end();
  });

  test('a statement on it is cancelled for sure, too', async () => {
    const asked = asking.codeOf('standby', 'SELECT pg_sleep(19)', { query_id: 'there' });
    // Before it is in the list, a cancel says that it is gone: it is then never sent.
    const list = `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(19)'`;
    const onReplica = new pg.Client({ connectionString: replica.url });
    await onReplica.connect();
    const running = async (): Promise<number> => (await onReplica.query(list)).rows.length;
    await until(async () => (await running()) === 1);
    const { body } = await asking.call('DELETE', '/api/databases/standby/query/there');
    expect(body).toEqual({ query_id: 'there', ended: true, how: 'cancelled' });
    expect(await running()).toBe(0);
    await onReplica.end();
    expect(await asked).toBe('database_cancelled');
  });
});

describe.skipIf(postgresMissing !== undefined)(name('what is kept in dashboards and reports'), () => {
  const panel = {
    id: 'p1',
    kind: 'number',
    language: 'sql',
    database: 'shop',
    q: 'SELECT count(*) AS n FROM orders WHERE created_at BETWEEN {from:timestamptz} AND {to:timestamptz}',
    range: '',
  };
  const ask = (path: string, json: object) => asking.call('POST', path, json);

  test('a panel shows a number of the database in the range of its dashboard, on a wall too', async () => {
    const at = { from: '2026-10-31T00:00:00Z', to: '2026-11-02T00:00:00Z' };
    const run = await ask('/api/panels/run', { panel, ...at });
    expect(run.body).toMatchObject({ columns: [{ name: 'n', type: 'int8' }], rows: [[20_000]] });
    const later = await ask('/api/panels/run', { panel, ...at, from: '2026-11-01T12:00:00Z' });
    expect(later.body).toMatchObject({ rows: [[0]] });
    const made = await ask('/api/dashboards', { name: 'orders', range: '-365d', panels: [panel] });
    expect(made.status).toBe(201);
    const wall = await ask(`/api/dashboards/${String(made.body['id'])}/walls`, {});
    const secret = /#(.+)$/.exec(String(wall.body['link']))?.[1] ?? '';
    const shown = await fetch(`${asking.server.running.url}/api/wall/run`, {
      method: 'POST',
      headers: { 'x-sillok-wall': secret, 'content-type': 'application/json' },
      body: JSON.stringify({ panel: 'p1' }),
    });
    expect(await shown.json()).toMatchObject({ rows: [[20_000]] });
  });

  test('nobody keeps or runs what they may not ask', async () => {
    const chiefs = { ...panel, database: 'chiefs' };
    const made = await ask('/api/keys', { name: 'm', scopes: ['write'] });
    const key = String(made.body['key']);
    const report = { name: 'r', cards: [{ title: 'n', measure: 'sum', database: 'chiefs', q: 'SELECT 1' }] };
    for (const [path, json] of [
      ['/api/panels/run', { panel: chiefs }],
      ['/api/dashboards', { name: 'x', panels: [chiefs] }],
      ['/api/reports', report],
      ['/api/reports/preview', { report }],
    ] as const) {
      expect({ path, status: (await asking.callAs(key, { method: 'POST', path, json })).status }).toEqual({
        path,
        status: 403,
      });
    }
  });

  test('a report has a number of the business database, in comparable windows', async () => {
    await admin.query(`
      CREATE TABLE sales (at timestamptz, won int);
      GRANT SELECT ON sales TO reader;
      INSERT INTO sales SELECT now() - make_interval(days => d), 100 FROM generate_series(1, 35) d;
      UPDATE sales SET won = 300 WHERE at > now() - interval '7 days';`);
    const q = 'SELECT sum(won) FROM sales WHERE at BETWEEN {from:timestamptz} AND {to:timestamptz}';
    const card = { title: '매출', database: 'shop', q, measure: 'sum', better: 'up' };
    const { body } = await ask('/api/reports/preview', { report: { name: 'weekly', cards: [card] } });
    // Six sales of 300 against a quarter of 28 sales of 100.
    expect(body['cards']).toMatchObject([{ now: 1_800, before: 2_800, before_comparable: 700 }]);
  });
});
