/**
 * A script whose items fail is no alarm of the live service, and its owner gets exactly one notice of it: at a webhook, by a rule, through the
 * real server; also when it was killed in the middle and resumed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOutcomes, pgTransactions } from '@sillok/node/audit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { postBatch, recordLine, timeAt } from '../lib/native.js';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const COUNT = 300;
const POISONED = 37;
const program = join(import.meta.dirname, 'fixtures', 'raise-prices.mjs');

describe.skipIf(postgresMissing !== undefined)('the owner of a script', { timeout: 240_000 }, () => {
  const hook = new HookSink();
  let postgres: Postgres;
  let pool: pg.Pool;
  let server: TestServer;
  let folder = '';

  beforeAll(async () => {
    const url = await hook.start();
    [postgres, server] = await Promise.all([
      startPostgres(),
      startTestServer({ SILLOK_ALLOW_PRIVATE_TARGETS: '1' }),
    ]);
    pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
    pool.on('error', () => undefined);
    await pool.query(
      'CREATE TABLE products (id int PRIMARY KEY, price int, poisoned bool, raised int DEFAULT 0)',
    );
    await pool.query(
      `INSERT INTO products SELECT n, 1000 + n, n <= ${POISONED} FROM generate_series(1, ${COUNT}) AS n`,
    );
    await createOutcomes(pgTransactions(pool));
    folder = mkdtempSync(join(tmpdir(), 'sillok-script-owner-'));
    const { id } = await make<{ id: string }>('/api/alert-targets', {
      kind: 'slack_webhook',
      name: 'kim',
      url,
    });
    await make('/api/alert-rules', {
      kind: 'threshold',
      name: 'scripts of kim',
      q: 'event.name:script.finished script.owner:kim script.mode:apply',
      window_s: 300,
      value: 1,
      severity: 'warning',
      targets: [id],
    });
  });
  afterAll(async () => {
    hook.stop();
    await server?.dispose();
    await pool?.end();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function make<T>(path: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const response = await server.post(path, JSON.stringify(body), headers);
    expect(response.status).toBe(201);
    // Each caller names what this path answers.
    return (await response.json()) as T;
  }

  async function script(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [program, ...words], {
      env: {
        ...process.env,
        DATABASE_URL: postgres.url,
        SILLOK_URL: server.url,
        SILLOK_KEY: server.key,
        SILLOK_SPOOL_DIR: join(folder, 'spool'),
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

  test('hears once of all that failed, and nobody else hears anything', async () => {
    const words = ['run', 'raise-prices', '--percent', '10', '--concurrency', '16'];
    const dry = await script(words);
    const plan = /plan {2}([0-9a-f]{16})/.exec(dry.text)?.[1] ?? '';
    const killed = await script([...words, '--apply', '--plan', plan], { KILL_AT: String(COUNT / 2) });
    expect(killed.end).toBe('SIGKILL');
    const run = /raise-prices +applied +killed .* (\S+)$/m.exec((await script(['status'])).text)?.[1] ?? '';
    expect((await script(['resume', run, '--concurrency', '16'])).end).toBe(5);
    await until('kim was told', 90_000, async () => hook.received.length > 0);

    // A failure of the live service itself is told right after it: what comes later would have come by then.
    const producer = { producer: 'live', boot: 'b1', service: 'pay' };
    await postBatch(server, producer, [
      recordLine(1, timeAt(Date.now(), 1), { level: 'error', message: 'the live service fails' }),
    ]);
    await until('the failure was told', 60_000, async () =>
      texts().some((text) => text.includes('live service')),
    );
    const notices = texts().filter((text) => !text.includes('the live service fails'));
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('scripts of kim');
    expect(notices[0]).toContain(`${POISONED} items failed`);
    const { alerts } = await server.get<{ alerts: { rule_name: string; count: number }[] }>('/api/alerts');
    expect(alerts.filter(({ rule_name: name }) => name === 'scripts of kim')).toMatchObject([{ count: 1 }]);
    expect(alerts).toHaveLength(2);
  });

  const texts = (): string[] => hook.received.map(({ body }) => JSON.stringify(body));
});
