/**
 * A replay and its continuous mode are killed in the middle of a write, again and again, on a real PostgreSQL: each start goes on, in the
 * end both agree, and one document that the second database refuses is named and holds up nothing.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sillok, type Logger } from '@sillok/node';
import { Audit } from '@sillok/node/audit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const COUNT = 500;
const REFUSED = 7;
const program = join(import.meta.dirname, 'fixtures', 'copy-orders.mjs');

describe.skipIf(postgresMissing !== undefined)('a replay that is killed', { timeout: 240_000 }, () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let server: TestServer;
  let logger: Logger;
  let audit: Audit;
  let folder = '';

  beforeAll(async () => {
    [postgres, server] = await Promise.all([startPostgres(), startTestServer()]);
    pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    pool.on('error', () => undefined);
    await pool.query('CREATE SCHEMA search');
    // Every order passes but one: its amount is nothing that the search page shows.
    await pool.query(
      'CREATE TABLE search.orders (id int PRIMARY KEY, state text, amount int CHECK (amount <> 70), writes int DEFAULT 1)',
    );
    folder = mkdtempSync(join(tmpdir(), 'sillok-replay-kills-'));
    const { url, key } = server;
    const spoolDirectory = join(folder, 'spool');
    logger = sillok({ service: 'orders', url, key, spoolDirectory, stdout: 'none', captureFatal: false });
    audit = new Audit({ logger });
    await Promise.all(Array.from({ length: COUNT }, (_, index) => save(index + 1, 'new')));
    await visible();
  });
  afterAll(async () => {
    await server?.dispose();
    await logger?.close();
    await pool?.end();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const save = (id: number, state: string): Promise<string> =>
    audit.record({
      action: 'order.save',
      entity: { type: 'order', id: String(id) },
      after: { id, state, amount: id * 10 },
    });

  async function visible(): Promise<void> {
    await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });
  }

  function start(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [program, ...words], {
      env: {
        ...process.env,
        DATABASE_URL: postgres.url,
        SILLOK_URL: server.url,
        SILLOK_KEY: server.key,
        SILLOK_SPOOL_DIR: join(folder, 'copier'),
        SILLOK_REPLAY_DIR: join(folder, 'replay'),
        ...env,
      },
    });
    const said = { text: '' };
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => (said.text += piece.toString('utf8')));
    return { child, said };
  }

  async function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    return child.signalCode ?? child.exitCode;
  }

  const count = async (where: string): Promise<number> =>
    Number((await pool.query(`SELECT count(*) AS n FROM search.orders WHERE ${where}`)).rows[0].n);

  test('goes on with what is left, names the one that is refused, and a last run changes nothing', async () => {
    const kills = [
      { KILL_AT: '1', KILL: 'before' },
      { KILL_AT: '150' },
      { KILL_AT: '200', KILL: 'before' },
      { KILL_AT: '120' },
    ];
    let before = 0;
    for (const env of kills) {
      expect(await ended(start(['run', 'copy', '--apply'], env).child)).toBe('SIGKILL');
      // Nothing of what was written is lost or begun anew.
      const now = await count('true');
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
    expect(before).toBeLessThan(COUNT - 1);
    const last = start(['run', 'copy', '--apply']);
    expect(await ended(last.child)).toBe(5);
    expect(last.said.text).toMatch(/differ still, or again\nnot taken {4}7: .*violates check constraint/);
    expect(await count("state = 'new' AND amount = id * 10")).toBe(COUNT - 1);
    expect(await count(`id = ${REFUSED}`)).toBe(0);
    const rows = async () => (await pool.query('SELECT xmin, * FROM search.orders ORDER BY id')).rows;
    const whole = await rows();
    expect(await ended(start(['run', 'copy', '--apply']).child)).toBe(5);
    expect(await rows()).toEqual(whole);
  });

  test('follows on from its position, whenever it is killed, and says at its end what is refused', async () => {
    const path = join(folder, 'replay', 'copy.json');
    /** Whole, or not there yet. */
    const position = (): { position: string; left: { id: string }[] } | undefined =>
      existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
    const from = new Date().toISOString();
    let seen = '';
    for (const [round, env] of [
      { KILL_AT: '5' },
      { KILL_AT: '9', KILL: 'before' },
      { KILL_AT: '20' },
    ].entries()) {
      const following = start(['follow', 'copy', '--from', from], env);
      for (let id = 1; id <= 40; id += 1) await save(id, `round-${round}`);
      expect(await ended(following.child)).toBe('SIGKILL');
      const now = position()?.position ?? '';
      expect(now >= seen).toBe(true);
      seen = now;
    }
    const last = start(['follow', 'copy', '--from', from]);
    await until('the copy agrees', 60_000, async () => (await count("state = 'round-2'")) === 39);
    await until('the refused one is remembered', 60_000, async () => position()?.left.length === 1);
    // The rest goes on beside it.
    await save(41, 'beside');
    await until('the next one is there', 60_000, async () => (await count("state = 'beside'")) === 1);
    last.child.kill('SIGINT');
    expect(await ended(last.child)).toBe(5);
    expect(last.said.text).toMatch(/not taken {4}7: .*violates check constraint/);
    expect(position()?.left.map(({ id }) => id)).toEqual([String(REFUSED)]);

    // Its cause is mended while nobody follows: it is tried again without a change of its own.
    await pool.query('ALTER TABLE search.orders DROP CONSTRAINT orders_amount_check');
    const again = start(['follow', 'copy']);
    await until('it is there', 60_000, async () => (await count(`id = ${REFUSED}`)) === 1);
    await until('it is not remembered any more', 60_000, async () => position()?.left.length === 0);
    again.child.kill('SIGINT');
    expect(await ended(again.child)).toBe(130);
  });

  test('tells once of what is refused, and not at every look', async () => {
    const said = await server.waitFor({ q: 'event.name:replay.drift service.name:copier' }, 1);
    const ids = said.map(({ attributes }) => Object(attributes['replay'])['ids']);
    expect(ids.length).toBeLessThanOrEqual(4);
    expect(new Set(ids.flat())).toEqual(new Set([String(REFUSED)]));
  });
});
