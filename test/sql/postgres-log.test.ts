/** PostgreSQL's log by the built commands into a real server: followed while it is written, and poured afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withTrace } from '@sillok/node';
import { instrumentPg, instrumentPrisma } from '@sillok/node/sql';
import { createTestLog } from '@sillok/node/test';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { generatePrisma, prismaMissing } from '../lib/prisma.js';
import { cli, runCli, type Program } from '../lib/programs.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

describe.skipIf(postgresMissing !== undefined)('PostgreSQL’s log by the commands', () => {
  const { log } = createTestLog();
  const trace = (index: number): string => index.toString(16).padStart(32, 'd');
  let server: TestServer;
  let postgres: Postgres;
  let state: string;
  let follower: Program | undefined;

  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'sillok-pglog-'));
    [server, postgres] = await Promise.all([
      startTestServer(),
      startPostgres({
        logging_collector: 'on',
        log_destination: 'stderr,jsonlog',
        log_filename: 'postgresql.log',
        log_min_duration_statement: '20ms',
      }),
    ]);
  });
  afterAll(async () => {
    await follower?.stop();
    await postgres?.stop();
    await server?.dispose();
    rmSync(state, { recursive: true, force: true });
  });

  test('every slow statement of the run is found under the trace of its request', async () => {
    const folder = join(postgres.folder, 'data', 'log');
    const args = ['--follow', join(folder, 'postgresql.log'), '--service', 'followed', '--state', state];
    follower = cli(server, ['ship', ...args]);
    const release = instrumentPg(pg, { log, comments: true });
    const pool = new pg.Pool({ connectionString: postgres.url, max: 3 });
    pool.on('error', () => undefined);
    const numbers = Array.from({ length: 30 }, (_, index) => index);
    await Promise.all(
      numbers.map((index) =>
        withTrace({ traceparent: `00-${trace(index)}-${'b'.repeat(16)}-01` }, () =>
          pool.query(`SELECT pg_sleep(0.03), 'kim${index}@example.com'`),
        ),
      ),
    );
    await pool.end();
    release();

    const followed = await server.waitFor({ q: 'service.name:followed pg_sleep', from: '-1h' }, 30);
    expect(new Set(followed.map(({ trace_id: id }) => id))).toEqual(new Set(numbers.map(trace)));
    const [found] = await server.searchAll({ q: `trace_id:${trace(7)}`, from: '-1h' });
    expect(found).toMatchObject({ attributes: { db: { query: { text: 'SELECT pg_sleep(?), ?' } } } });

    const poured = await runCli(server, ['pour', join(folder, 'postgresql.json'), '--service', 'poured']);
    expect(poured.code, poured.output).toBe(0);
    const records = await server.waitFor({ q: 'service.name:poured pg_sleep', from: '-1h' }, 30);
    expect(new Set(records.map(({ trace_id: id }) => id))).toEqual(new Set(numbers.map(trace)));
    await until(
      'all is visible',
      30_000,
      async () => (await server.search({ q: 'x' })).freshness.lag_ms === 0,
    );
    expect(await server.searchAll({ q: '"example.com"', from: '-1h' })).toEqual([]);
  });

  test.skipIf(prismaMissing !== undefined)(
    'slow statements of Prisma rejoin their requests, too',
    async () => {
      const generated = await generatePrisma();
      const prisma = generated.connect({ connectionString: postgres.url, max: 3 });
      await prisma.$executeRawUnsafe(
        `CREATE VIEW members AS SELECT 1 AS id, 'kim@example.com' || pg_sleep(0.03) AS email`,
      );
      const releases = [
        instrumentPg(generated.pg, { log, comments: true }),
        instrumentPrisma(prisma, { log }),
      ];
      const numbers = Array.from({ length: 30 }, (_, index) => 100 + index);
      await Promise.all(
        numbers.map((index) =>
          withTrace({ traceparent: `00-${trace(index)}-${'b'.repeat(16)}-01` }, async () =>
            index % 3 === 0
              ? prisma.$queryRaw`SELECT pg_sleep(${0.03}::float8)::text, ${'kim@example.com'} AS who`
              : index % 3 === 1
                ? prisma.member.findUnique({ where: { id: 1 } })
                : prisma.$transaction((tx) => Promise.resolve(tx.member.findMany())),
          ),
        ),
      );
      for (const release of releases) release();
      await prisma.$disconnect();
      generated.dispose();

      const file = join(postgres.folder, 'data', 'log', 'postgresql.json');
      const poured = await runCli(server, ['pour', file, '--service', 'prisma']);
      expect(poured.code, poured.output).toBe(0);
      const inTraces = `(${numbers.map((index) => `trace_id:${trace(index)}`).join(' OR ')})`;
      const records = await server.waitFor({ q: `service.name:prisma ${inTraces}`, from: '-1h' }, 30);
      expect(new Set(records.map(({ trace_id: id }) => id))).toEqual(new Set(numbers.map(trace)));
      const slow = records.filter(({ message }) => message?.includes('duration') === true);
      expect(slow.length).toBeGreaterThanOrEqual(numbers.length);
      expect(await server.searchAll({ q: '"example.com"', from: '-1h' })).toEqual([]);
    },
  );
});
