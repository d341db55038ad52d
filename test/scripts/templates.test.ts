/** Each template runs as it is made, over a real PostgreSQL: a colleague begins with something that works. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { cliPath, root } from '../lib/server.js';

interface Ran {
  readonly code: number;
  readonly out: string;
}

describe.skipIf(postgresMissing !== undefined)('a template', () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let folder = '';

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE orders (id int PRIMARY KEY, state text, amount int, currency text)');
    await pool.query(
      `INSERT INTO orders SELECT n, CASE WHEN n % 3 = 0 THEN 'paid' ELSE 'new' END, n * 100,
       CASE WHEN n > 20 THEN 'USD' END FROM generate_series(1, 30) AS n`,
    );
    folder = mkdtempSync(join(tmpdir(), 'sillok-templates-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(async () => {
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function script(...words: readonly string[]): Promise<Ran> {
    const env = {
      ...process.env,
      DATABASE_URL: postgres.url,
      SILLOK_SPOOL_DIR: join(folder, 'spool'),
      SILLOK_URL: 'http://127.0.0.1:9',
      NODE_ENV: 'test',
    };
    const ran = spawn(process.execPath, [cliPath, 'script', ...words], { cwd: folder, env });
    let out = '';
    for (const stream of [ran.stdout, ran.stderr])
      stream.on('data', (piece: Buffer) => (out += piece.toString('utf8')));
    await once(ran, 'close');
    return { code: ran.exitCode ?? -1, out };
  }

  const run = (name: string, ...words: readonly string[]): Promise<Ran> =>
    script('--module', `./${name}.mjs`, 'run', name, ...words);

  async function make(template: string): Promise<string> {
    const name = `my-${template}`;
    const made = await script('new', name, '--template', template);
    expect([made.code, made.out]).toEqual([0, expect.stringContaining(`run ${name}`)]);
    return name;
  }

  const planOf = (out: string): string => /plan {2}([0-9a-f]{16})/.exec(out)?.[1] ?? '';

  async function orderRows(ids: readonly number[]): Promise<readonly object[]> {
    const sql = 'SELECT id, state, amount FROM orders WHERE id = ANY($1) ORDER BY id';
    return (await pool.query(sql, [ids])).rows;
  }

  function rowsOut(): string {
    const runs = join(folder, '.sillok', 'scripts');
    const outs = readdirSync(runs).flatMap((each) =>
      readdirSync(join(runs, each)).includes('out.csv') ? [each] : [],
    );
    return readFileSync(join(runs, outs.toSorted().at(-1) ?? '', 'out.csv'), 'utf8');
  }

  test('scan counts and lists, and the database is as it was', async () => {
    const { code, out } = await run(await make('scan'), '--above', '2900');
    expect(code, out).toBe(0);
    expect(out).toMatch(/30 done[\s\S]*state new: 20\n {2}amount: 46500|state paid: 10/);
    expect(rowsOut()).toContain('30,paid,3000');
  });

  test('backfill plans what is missing, then fills exactly that', async () => {
    const name = await make('backfill');
    const planned = await run(name);
    expect(planned.out).toMatch(
      /order\.backfill_currency order\/1\n {4}currency: null → "KRW"|currency: null → KRW/,
    );
    expect(planned.out).toContain('(20 changes)');
    const plan = planOf(planned.out);
    expect((await run(name, '--apply', '--plan', plan)).code).toBe(0);
    const { rows } = await pool.query(
      'SELECT currency, count(*)::int AS n FROM orders GROUP BY 1 ORDER BY 1',
    );
    expect(rows).toEqual([
      { currency: 'KRW', n: 20 },
      { currency: 'USD', n: 10 },
    ]);
  });

  test('import names the line that does not fit, and plans the others', async () => {
    writeFileSync(join(folder, 'rows.csv'), 'id,state,amount\r\n1,paid,5\r\n2,,7\r\n99,new,9\r\n');
    const { code, out } = await run(await make('import'), '--file', 'rows.csv');
    expect(code).toBe(5);
    expect(out).toMatch(/✗ line 3: state: [^\n{]+\n/);
    expect(out).toMatch(/order\.import order\/99/);
    expect(out).toContain('(2 changes)');
    expect(await orderRows([1, 2, 99])).toEqual([
      { id: 1, state: 'new', amount: 100 },
      { id: 2, state: 'new', amount: 200 },
    ]);
    // As a user goes on: exactly that plan, then the mended line.
    const plan = planOf(out);
    const applied = await run('my-import', '--file', 'rows.csv', '--apply', '--plan', plan);
    expect([applied.code, applied.out]).toEqual([5, expect.stringContaining('2 done, 1 failed')]);
    const after = [
      { id: 1, state: 'paid', amount: 5 },
      { id: 2, state: 'new', amount: 200 },
      { id: 99, state: 'new', amount: 9 },
    ];
    expect(await orderRows([1, 2, 99])).toEqual(after);
    // The file has been imported: the same plan is not there any more.
    expect((await run('my-import', '--file', 'rows.csv', '--apply', '--plan', plan)).code).not.toBe(0);
    expect(await orderRows([1, 2, 99])).toEqual(after);
    await pool.query(
      "DELETE FROM orders WHERE id = 99; UPDATE orders SET state = 'new', amount = 100 WHERE id = 1",
    );
  });

  test('export writes the columns that are named', async () => {
    expect((await run(await make('export'))).code).toBe(0);
    expect(rowsOut().split('\r\n').slice(0, 2)).toEqual(['id,state,amount', '3,paid,300']);
  });

  test('sync calls the other system for what differs, and not in a dry run', async () => {
    const there = new Map([['/3', '{"state":"paid"}']]);
    let puts = 0;
    const other = createServer((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString('utf8')));
      request.on('end', () => {
        if (request.method === 'PUT') {
          puts += 1;
          there.set(request.url ?? '', body);
        }
        const found = there.get(request.url ?? '');
        response.writeHead(found === undefined ? 404 : 200).end(found ?? '');
      });
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    // Bound to an address, so it is no pipe.
    const target = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const name = await make('sync');
    const planned = await run(name, '--target', target);
    expect([puts, planned.out]).toEqual([0, expect.stringContaining('(29 changes)')]);
    const plan = /plan {2}([0-9a-f]{16})/.exec(planned.out)?.[1] ?? '';
    expect((await run(name, '--target', target, '--apply', '--plan', plan)).code).toBe(0);
    expect([puts, there.size]).toEqual([29, 30]);
    other.close();
  });

  // As a person sees it: `script` of util-linux gives the program a terminal.
  test.skipIf(!existsSync('/usr/bin/script'))(
    'shows its progress on a terminal, and not its records',
    async () => {
      expect((await script('new', 'shown-scan', '--template', 'scan')).code).toBe(0);
      const words = [
        process.execPath,
        cliPath,
        'script',
        '--module',
        './shown-scan.mjs',
        'run',
        'shown-scan',
      ];
      const spool = join(folder, 'spool');
      const env = { ...process.env, NODE_ENV: '', DATABASE_URL: postgres.url, SILLOK_SPOOL_DIR: spool };
      const command = [...words, '--above', '2900', '--per-second', '60'].join(' ');
      const ran = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], { cwd: folder, env });
      let out = '';
      ran.stdout.on('data', (piece: Buffer) => (out += piece.toString('utf8')));
      await once(ran, 'close');
      expect(out).toContain('\r\u001b[2K');
      expect(out).toMatch(/30 done, 0 failed/);
      expect(out).not.toMatch(/script\.started|INFO/);
    },
  );

  test('is never written over a file, and unknown ones are told', async () => {
    expect((await script('new', 'my-scan', '--template', 'scan')).out).toContain('stays as it is');
    expect((await script('new', 'other', '--template', 'nothing')).out).toContain('scan, backfill, import');
    expect((await script('new', '../x', '--template', 'scan')).code).toBe(2);
  });
});
