/**
 * An undo of 500 changes, 40 of them deletes, is killed in the middle, before and after a write to a real PostgreSQL, and resumed: nothing
 * is put back twice, and the audit trail has each step.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sillok, type Logger } from '@sillok/node';
import { Audit } from '@sillok/node/audit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, type TestServer } from '../lib/server.js';

const ORDERS = 300;
const DELETES = 40;
const CHANGES = 500;
const program = join(import.meta.dirname, 'fixtures', 'undo-orders.mjs');

interface Order {
  readonly id: string;
  readonly state: string;
  readonly total: number;
}

describe.skipIf(postgresMissing !== undefined)('an undo that is killed', { timeout: 240_000 }, () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let server: TestServer;
  let logger: Logger;
  let folder = '';
  let before: readonly Order[] = [];

  beforeAll(async () => {
    [postgres, server] = await Promise.all([startPostgres(), startTestServer()]);
    pool = new pg.Pool({ connectionString: postgres.url, max: 8 });
    pool.on('error', () => undefined);
    await pool.query(
      `CREATE TABLE orders (id text PRIMARY KEY, state text, total int, undone int DEFAULT 0);
       INSERT INTO orders SELECT 'o' || n, 'new', n * 10 FROM generate_series(1, ${ORDERS}) AS n`,
    );
    folder = mkdtempSync(join(tmpdir(), 'sillok-undo-kills-'));
    const { url, key } = server;
    const spoolDirectory = join(folder, 'spool');
    logger = sillok({ service: 'shop', url, key, spoolDirectory, stdout: 'none', captureFatal: false });
    before = await orders();
    await rampage();
    await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });
  });
  afterAll(async () => {
    await server?.dispose();
    await logger?.close();
    await pool?.end();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const orders = async (): Promise<Order[]> =>
    (await pool.query('SELECT id, state, total FROM orders ORDER BY id')).rows;

  async function rampage(): Promise<void> {
    const audit = new Audit({ logger, actor: () => ({ type: 'user', id: 'park@dalbit' }) });
    const now = new Map((await orders()).map((order) => [order.id, order]));
    const change = async (id: string, after: Order | undefined): Promise<void> => {
      const old = now.get(id);
      const action = after === undefined ? 'order.delete' : 'order.update';
      const said = {
        action,
        entity: { type: 'order', id },
        before: old,
        ...(after === undefined ? {} : { after }),
      };
      await audit.operation(said, async () => {
        if (after === undefined) await pool.query('DELETE FROM orders WHERE id = $1', [id]);
        else
          await pool.query('UPDATE orders SET state = $2, total = $3 WHERE id = $1', [
            id,
            after.state,
            after.total,
          ]);
      });
      if (after !== undefined) now.set(id, after);
    };
    for (let n = 1; n <= DELETES; n += 1) await change(`o${n}`, undefined);
    for (let n = 0; n < CHANGES - DELETES; n += 1) {
      const id = `o${DELETES + 1 + (n % (ORDERS - DELETES))}`;
      await change(id, { id, state: n < ORDERS - DELETES ? 'cancelled' : 'gone', total: n });
    }
  }

  async function script(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [program, ...words], {
      env: {
        ...process.env,
        DATABASE_URL: postgres.url,
        SILLOK_URL: server.url,
        SILLOK_KEY: server.key,
        SILLOK_SPOOL_DIR: join(folder, 'undo-spool'),
        SILLOK_SCRIPTS_DIR: join(folder, 'scripts'),
        NODE_ENV: 'test',
        ...env,
      },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
    await once(child, 'close');
    return { end: child.signalCode ?? child.exitCode, text };
  }

  test('goes on where it was, puts nothing back twice, and each step stands in the audit trail', async () => {
    const wrecked = await orders();
    expect(wrecked).toHaveLength(ORDERS - DELETES);
    const what = ['--actor', 'park@dalbit', '--reason', 'park has left'];
    const dry = await script(['run', 'undo', ...what]);
    expect(dry.text).toContain(`(${ORDERS} changes)`);
    expect(await orders()).toEqual(wrecked);
    const plan = /plan {2}([0-9a-f]{16})/.exec(dry.text)?.[1] ?? '';
    const apply = ['run', 'undo', ...what, '--apply', '--plan', plan];
    expect((await script(apply, { KILL_AT: '120' })).end).toBe('SIGKILL');
    const run = /undo +applied +killed .* (\S+)$/m.exec((await script(['status'])).text)?.[1] ?? '';
    expect((await script(['resume', run], { KILL_AT: '70', KILL: 'before' })).end).toBe('SIGKILL');
    const last = await script(['resume', run]);
    expect([last.end, last.text]).toEqual([0, expect.stringContaining('0 failed')]);

    expect(await orders()).toEqual(before);
    // 120 and 69 writes of the killed processes count, and none was made again.
    expect((await pool.query('SELECT id, undone FROM orders WHERE undone <> 1')).rows).toEqual([]);
    const again = await script(['run', 'undo', ...what]);
    expect(again.text).toContain('(0 changes)');
  });

  test('is settled: an intent for each step, and an end that is unknown only where the process died', async () => {
    const q = 'kind:audit audit.actor.type:script audit.action:(order.undo_restore or order.undo_update)';
    const records = await server.waitFor({ q }, ORDERS * 2);
    const outcomes = new Map<string, string[]>();
    for (const { attributes } of records) {
      const { entity, outcome } = Object(attributes['audit']);
      const id = String(Object(entity)['id']);
      outcomes.set(id, [...(outcomes.get(id) ?? []), String(outcome)]);
    }
    expect(outcomes.size).toBe(ORDERS);
    const ends = [...outcomes.values()].map((each) => each.toSorted().join(' '));
    const counted = (end: string): number => ends.filter((each) => each === end).length;
    // Killed after its write: done, and nobody saw its end. Killed before it: done by the resume.
    expect(counted('intent unknown')).toBe(1);
    expect(counted('committed intent intent unknown')).toBe(1);
    expect(counted('committed intent')).toBe(ORDERS - 2);
  });
});
