/**
 * A script over many items on a real PostgreSQL, some of them poisoned, killed in the middle: the dry run changes nothing, a resume
 * applies each good item exactly once, and the failed ones are named. 1,500 items here; `SILLOK_SCRIPT_ITEMS=10000` is the long form.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOutcomes, pgTransactions } from '@sillok/node/audit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBoots } from '../sdk/spools.js';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';

const COUNT = Number(process.env['SILLOK_SCRIPT_ITEMS'] ?? 1500);
const POISONED = 37;
const program = join(import.meta.dirname, 'fixtures', 'raise-prices.mjs');

interface Ran {
  readonly code: number | null;
  readonly out: string;
}

describe.skipIf(postgresMissing !== undefined)('a script', { timeout: 900_000 }, () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let folder = '';
  let plan = '';
  let killed = '';

  beforeAll(async () => {
    postgres = await startPostgres();
    folder = mkdtempSync(join(tmpdir(), 'sillok-scripts-'));
    pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
    pool.on('error', () => undefined);
    await pool.query(
      'CREATE TABLE products (id int PRIMARY KEY, price int, poisoned bool, raised int DEFAULT 0)',
    );
    await pool.query(
      `INSERT INTO products SELECT n, 1000 + n, n % (${COUNT} / ${POISONED}) = 0 AND n / (${COUNT} / ${POISONED}) <= ${POISONED}
       FROM generate_series(1, ${COUNT}) AS n`,
    );
    await createOutcomes(pgTransactions(pool));
  });
  afterAll(async () => {
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      env: environment(env),
    });
    return { code: status, out: stdout + stderr };
  }

  const environment = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
    ...process.env,
    DATABASE_URL: postgres.url,
    SILLOK_SPOOL_DIR: join(folder, 'spool'),
    SILLOK_SCRIPTS_DIR: join(folder, 'scripts'),
    NODE_ENV: 'test',
    ...env,
  });

  async function contents(): Promise<string> {
    const { rows } = await pool.query(
      'SELECT md5(string_agg(p::text, chr(10) ORDER BY id)) AS sum FROM products p',
    );
    return String(rows[0].sum);
  }

  const poisonedIds = async (): Promise<string[]> =>
    (await pool.query('SELECT id FROM products WHERE poisoned ORDER BY id')).rows.map(({ id }) => String(id));

  test('shows in a dry run what it would change, and the database is the same afterwards', async () => {
    const before = await contents();
    const { code, out } = run([
      'run',
      'raise-prices',
      '--percent',
      '10',
      '--concurrency',
      '16',
      '--stop-after',
      '99999',
    ]);
    expect(code).toBe(5);
    expect(out).toMatch(/product\.raise_price product\/\d+\n {4}price: \d+ → \d+/);
    expect(out).toContain(`${COUNT - POISONED} changes`);
    expect(await contents()).toBe(before);
    expect((await pool.query('SELECT * FROM sillok_outcomes')).rows).toEqual([]);
    plan = /plan {2}([0-9a-f]{16})/.exec(out)?.[1] ?? '';
  });

  test('refuses to apply without a plan, an old plan, and on production without a word', async () => {
    const before = await contents();
    const words = [
      'run',
      'raise-prices',
      '--percent',
      '10',
      '--apply',
      '--stop-after',
      '99999',
      '--concurrency',
      '16',
    ];
    expect(run(words).out).toContain('it applies a plan that was seen');
    expect(run([...words, '--plan', 'feedfeedfeedfeed']).out).toContain('The data has moved on');
    const refused = run([...words, '--plan', plan], { SILLOK_ENVIRONMENT: 'production' });
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('--production')]);
    expect(await contents()).toBe(before);
  });

  test('killed in the middle and resumed applies each good item once, and names the failed ones', async () => {
    const plain = ['--percent', '10', '--concurrency', '16', '--stop-after', '99999'];
    const ran = run(['run', 'raise-prices', ...plain, '--apply', '--plan', plan], {
      KILL_AT: String(Math.floor(COUNT / 2)),
    });
    expect(ran.code).toBeNull();
    const raised = async (): Promise<number> =>
      Number((await pool.query('SELECT sum(raised) AS n FROM products')).rows[0].n);
    expect(await raised()).toBeGreaterThanOrEqual(Math.floor(COUNT / 2));
    killed = /^\S+ +raise-prices +applied +killed .* (\S+)$/m.exec(run(['status']).out)?.[1] ?? '';
    const resumed = run(['resume', killed, '--concurrency', '16', '--stop-after', '99999', '--json']);
    expect(resumed.code).toBe(5);
    const failures: { key: string }[] = JSON.parse(resumed.out).failures;
    expect(failures.map(({ key }) => key).sort()).toEqual((await poisonedIds()).sort());
    const wrong = await pool.query(
      'SELECT id FROM products WHERE raised <> CASE WHEN poisoned THEN 0 ELSE 1 END',
    );
    expect(wrong.rows).toEqual([]);
  });

  test('tries only the failed ones again', async () => {
    await pool.query('UPDATE products SET poisoned = false');
    const { code, out } = run(['retry', killed, '--concurrency', '16', '--json']);
    expect([code, JSON.parse(out).failures]).toEqual([0, []]);
    expect((await pool.query('SELECT id FROM products WHERE raised <> 1')).rows).toEqual([]);
  });

  test('is recorded apart from the service: its own kind, one notice per run, each change with its actor', async () => {
    const records = readBoots(join(folder, 'spool')).flatMap((boot) => boot.records);
    expect(records.filter(({ kind, level }) => kind === 'log' && level === 'error')).toEqual([]);
    const notices = records.filter((record) => record['event.name'] === 'script.finished');
    const runs = notices.map(({ attributes }) => attributes?.['script.run']);
    // The killed run ended twice more: when it was resumed, and when its failures were tried again.
    expect(runs.filter((each) => each === killed)).toHaveLength(2);
    const committed = records.filter(({ attributes }) => attributes?.['audit.outcome'] === 'committed');
    const entities = committed.map(({ attributes }) => attributes?.['audit.entity.id']);
    expect(new Set(entities).size).toBe(COUNT);
    expect(committed[0]?.attributes).toMatchObject({ 'audit.actor.type': 'script' });
  });

  test('stopped by Ctrl-C ends what it has begun, and goes on later', async () => {
    await pool.query('UPDATE products SET raised = 0');
    const words = ['run', 'raise-prices', '--percent', '5'];
    const { out } = run([...words, '--concurrency', '16', '--json']);
    const { plan: next } = JSON.parse(out).info;
    const child = spawn(
      process.execPath,
      [program, ...words, '--apply', '--plan', next, '--per-second', '400', '--json'],
      {
        env: environment({}),
      },
    );
    let text = '';
    child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
    const begun = async (): Promise<boolean> =>
      Number((await pool.query('SELECT sum(raised) AS n FROM products')).rows[0].n) > 3;
    while (!(await begun())) if (child.exitCode !== null) throw new Error(text);
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    const { run: stopped } = JSON.parse(text).info;
    expect(run(['resume', stopped, '--concurrency', '16', '--json']).code).toBe(0);
    expect((await pool.query('SELECT id FROM products WHERE raised <> 1')).rows).toEqual([]);
  });

  test('is paused, resumed and stopped from another terminal, and is never run twice at once', async () => {
    await pool.query('UPDATE products SET raised = 0');
    const words = ['run', 'raise-prices', '--percent', '5'];
    const { plan: next } = JSON.parse(run([...words, '--concurrency', '16', '--json']).out).info;
    const slow = [...words, '--apply', '--plan', next, '--per-second', '150'];
    const child = spawn(process.execPath, [program, ...slow], { env: environment({}) });
    let text = '';
    child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
    const raised = async (): Promise<number> =>
      Number((await pool.query('SELECT sum(raised) AS n FROM products')).rows[0].n);
    while ((await raised()) < 3) if (child.exitCode !== null) throw new Error(text);
    const mine = /^\S+ +raise-prices +applied +running .* (\S+)$/m.exec(run(['status']).out)?.[1] ?? '';
    expect(run(['resume', mine])).toMatchObject({
      code: 1,
      out: expect.stringContaining('Nothing was started'),
    });

    expect(run(['pause', mine])).toMatchObject({ code: 0 });
    await told(() => text, /^paused by /m);
    expect(run(['status', mine]).out).toContain('paused');
    // It writes its state down every second: between two of those a run that works would have gone on.
    await savedAgain(mine);
    const before = await raised();
    await savedAgain(mine);
    expect(await raised()).toBe(before);
    expect(run(['retry', mine])).toMatchObject({ code: 1 });

    expect(run(['resume', mine])).toMatchObject({ code: 0 });
    await told(() => text, /^resumed$/m);
    while ((await raised()) <= before) if (child.exitCode !== null) throw new Error(text);
    expect(run(['pause', mine]).code).toBe(0);
    await told(() => text, /resumed[\s\S]*paused by /);
    // Stopped while it is paused.
    const exit = once(child, 'exit');
    expect(run(['stop', mine])).toMatchObject({ code: 0 });
    expect((await exit)[0]).toBe(130);
    expect(text).toContain('stopped by ');
    expect(await raised()).toBeLessThan(COUNT);
    expect(run(['stop', mine])).toMatchObject({
      code: 1,
      out: expect.stringContaining('does not run: stopped'),
    });
    expect(run(['resume', mine, '--concurrency', '16', '--json']).code).toBe(0);
    expect((await pool.query('SELECT id FROM products WHERE raised <> 1')).rows).toEqual([]);
    const records = readBoots(join(folder, 'spool')).flatMap((boot) => boot.records);
    const paused = records.filter((record) => record['event.name'] === 'script.paused');
    expect(paused).toHaveLength(2);
    expect(paused[0]?.attributes).toMatchObject({
      'script.run': mine,
      'script.ordered_by': expect.stringContaining('@'),
    });
  });

  async function told(text: () => string, pattern: RegExp): Promise<void> {
    while (!pattern.test(text())) await pool.query('SELECT 1');
  }

  /** Resolves when a run has written its state down once more. */
  async function savedAgain(of: string): Promise<void> {
    const path = join(folder, 'scripts', of, 'run.json');
    const { mtimeMs } = statSync(path);
    while (statSync(path).mtimeMs === mtimeMs) await pool.query('SELECT 1');
  }

  test('says what it takes, and what is wrong with what it was given', () => {
    expect(run(['list']).out).toMatch(
      /raise-prices {2}\(changes data\)[\s\S]*--percent <number> +how much \(needed\)/,
    );
    expect(run(['run', 'raise-prices', '--percent', '90']).out).toContain('--percent:');
    expect(run(['run', 'raise-prices', '--per-cent', '9'])).toMatchObject({ code: 2 });
    expect(run(['run', 'nothing'])).toMatchObject({ code: 2 });
    expect(run(['resume', 'nothing'])).toMatchObject({ code: 2 });
  });
});
