/** A real PostgreSQL with a shop's tables, roles that may more or less, and a server that asks it under each of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';

import { AskingServer } from './database.fixture.js';

/** One that was just started: `startPostgres` of test/lib. */
interface Started {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

export interface ShopPostgres {
  readonly port: number;
  /** As the superuser. */
  readonly admin: pg.Client;
  readonly asking: AskingServer;
  stop(): Promise<void>;
}

const SETUP = `
  CREATE TABLE orders (id int PRIMARY KEY, member_id int, total numeric, trace_id text, note jsonb,
    created_at timestamptz);
  CREATE TABLE coupons (code text, owner int);
  CREATE SEQUENCE numbers;
  INSERT INTO orders SELECT n, n % 10, n * 100.5, lpad(to_hex(n), 32, '0'), '{"a":1}', '2026-11-01'
    FROM generate_series(1, 20000) n;
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC;
  CREATE ROLE reader LOGIN;
  GRANT SELECT ON orders, coupons TO reader;

  CREATE ROLE writer LOGIN;
  GRANT USAGE ON SEQUENCE numbers TO writer;
  GRANT SELECT, UPDATE (note) ON orders TO writer;
  CREATE ROLE locked LOGIN PASSWORD 'another one';
  CREATE ROLE maker LOGIN;
  GRANT SELECT ON orders TO maker;
  GRANT CREATE ON SCHEMA public TO maker;
  CREATE ROLE keeper LOGIN;
  GRANT EXECUTE ON FUNCTION pg_reload_conf() TO keeper;
  CREATE ROLE ender LOGIN;
  GRANT pg_signal_backend TO ender;
  CREATE ROLE loader LOGIN;
  GRANT pg_write_all_data TO loader;
  CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN UPDATE orders SET total = 0; RETURN 1; END $$;`;

export async function startShopPostgres(postgres: Started): Promise<ShopPostgres> {
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(SETUP);
  // Everybody else is trusted: this one must show a password.
  const rules = join(postgres.folder, 'data', 'pg_hba.conf');
  writeFileSync(rules, `host all locked 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`);
  await admin.query('SELECT pg_reload_conf()');
  const url = (user: string) => `postgres://${user}:s3cret-word@127.0.0.1:${postgres.port}/postgres`;
  const asking = new AskingServer({
    shop: { url: url('reader'), entities: { id: 'order' }, timeout_s: 20 },
    quick: { url: url('reader'), timeout_s: 0.3 },
    brief: { url: url('reader'), timeout_s: 4 },
    root: { url: url('postgres') },
    writer: { url: url('writer') },
    maker: { url: url('maker') },
    keeper: { url: url('keeper') },
    ender: { url: url('ender') },
    loader: { url: url('loader') },
    known: { url: url('writer'), accept_writable_role: 'I know that this role can write' },
    away: { url: 'postgres://reader:s3cret-word@127.0.0.1:1/postgres' },
    other: { url: url('reader'), project: 'other' },
    wrong: { url: url('locked') },
    nowhere: { url: `${url('reader').slice(0, -'postgres'.length)}nowhere` },
    unresolved: { url: 'postgres://reader:s3cret-word@no-such-host.invalid/postgres' },
    chiefs: { url: url('reader'), role: 'admin' },
  });
  await asking.start();
  return {
    port: postgres.port,
    admin,
    asking,
    async stop() {
      await asking.server.dispose();
      await admin.end();
      await postgres.stop();
    },
  };
}
