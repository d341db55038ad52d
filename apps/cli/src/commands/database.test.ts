/** `sillok sql --db` and `sillok doctor --db` against a real PostgreSQL: what a person reads, and how they end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { postgresMissing, startPostgres, type Postgres } from '../../../../test/lib/postgres.js';
import { EXIT } from '../exit-codes.js';
import { startTestServer, type TestServer } from '../running-server.case.js';

let postgres: Postgres;
let admin: pg.Client;
let cli: TestServer;
const directory = mkdtempSync(join(tmpdir(), 'sillok-cli-db-'));

const SETUP = `
  CREATE TABLE orders (id int PRIMARY KEY, state text, total numeric, created_at timestamptz,
    updated_at timestamptz, version int);
  CREATE TABLE coupons (code text PRIMARY KEY, percent int);
  INSERT INTO orders VALUES (7, 'paid', 31000, '2026-11-01', '2026-11-01', 1),
    (8, 'lost', 12000, '2026-11-02', '2026-11-02', 1);
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  CREATE ROLE reader LOGIN;
  GRANT SELECT ON orders, coupons TO reader;`;

beforeAll(async () => {
  if (postgresMissing !== undefined) return;
  postgres = await startPostgres();
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(SETUP);
  const databasesFile = join(directory, 'databases.json');
  const url = (user: string): string => `postgres://${user}@127.0.0.1:${postgres.port}/postgres`;
  writeFileSync(
    databasesFile,
    JSON.stringify({ shop: { url: url('reader') }, root: { url: url('postgres') } }),
  );
  cli = await startTestServer({ databasesFile });
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  if (postgresMissing !== undefined) return;
  await cli.close();
  await admin.end();
  await postgres.stop();
});

const isMissing = postgresMissing !== undefined;

describe.skipIf(isMissing)(`with a real database${isMissing ? ` (${postgresMissing})` : ''}`, () => {
  test('sql --db shows rows, where they come from, and that it could not write', async () => {
    const query = 'SELECT id, state, total FROM orders WHERE state = {state} ORDER BY id';
    const ran = await cli.run([
      'sql',
      '--db',
      'shop',
      query,
      '--param',
      'state=paid',
      '--reason',
      'ticket 7',
    ]);
    expect(ran.exitCode).toBe(0);
    expect(ran.out).toMatch(/^id +state +total\n +7 +paid +31000\n$/);
    expect(ran.err).toMatch(/^1 row in .* · PostgreSQL 1\d\.\d+.* as reader, read-only\n$/);
    const json = (await cli.run(['sql', '--db', 'shop', 'SELECT 1 AS one', '--json'])).json();
    expect(json).toMatchObject({ database: 'shop', rows: [[1]], proof: { user: 'reader' } });
  });

  test('what is refused says why, and the exit code too', async () => {
    const write = await cli.run(['sql', '--db', 'shop', 'DELETE FROM orders']);
    expect(write.exitCode).not.toBe(0);
    expect(write.err).toMatch(/The statement was not run: it begins with "DELETE"/);
    const root = await cli.run(['sql', '--db', 'root', 'SELECT 1']);
    expect(root.err).toMatch(/can do more than read, so nothing was run: superuser: the role is a superuser/);
    const none = await cli.run(['sql', '--db', 'nowhere', 'SELECT 1']);
    expect(none.err).toMatch(/There is no database "nowhere" in this project/);
  });

  test('Ctrl-C ends the statement in the database', async () => {
    const stop = new AbortController();
    const running = async (): Promise<number> => {
      const text = `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE state = 'active' AND query LIKE '%4713%' AND pid <> pg_backend_pid()`;
      return (await admin.query<{ n: number }>(text)).rows[0]?.n ?? 0;
    };
    const asked = cli.run(['sql', '--db', 'shop', 'SELECT pg_sleep(25), 4713'], { signal: stop.signal });
    await expect.poll(running, { timeout: 20_000 }).toBe(1);
    stop.abort();
    expect((await asked).exitCode).not.toBe(0);
    await expect.poll(running, { timeout: 20_000 }).toBe(0);
  });

  test('doctor --db lists what the role may, and the tables that cannot tell', async () => {
    const ran = await cli.run(['doctor', '--db', 'shop']);
    expect(ran.out).toMatch(/✓ superuser: no\n✓ role_rights: none\n✓ may_write: none\n✓ may_create: none\n/);
    expect(ran.out).toMatch(/✓ read_only_transaction: refused a write \(25006\)/);
    expect(ran.out).toMatch(
      /which change was first: 1 of 2\ntable +lacks\npublic\.coupons +created, updated, version\n/,
    );
    expect(ran.out).toMatch(/again and again: none in the log/);
    expect(ran.exitCode).toBe(EXIT.partly);
  });
});
