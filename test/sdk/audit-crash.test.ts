/**
 * A process dies at a point around an audited transaction on a real PostgreSQL. Afterwards each commit has exactly one record
 * that says so, each rollback keeps its intent, and nothing stays unknown. 2 rounds of each point here; `SILLOK_KILLS=200` is
 * the long form.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOutcomes, pgTransactions } from '@sillok/node/audit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { generatePrisma, prismaMissing } from '../lib/prisma.js';
import { readBoots } from './spools.js';

const rounds = Number(process.env['SILLOK_KILLS'] ?? 2);
const POINTS = [
  'before-begin',
  'after-mark',
  'before-commit',
  'during-commit',
  'after-commit',
  'after-outcome',
];
const program = join(import.meta.dirname, 'fixtures', 'audited-orders.mjs');

interface Entry {
  readonly id: string;
  readonly outcome: string;
  readonly order: string;
}

function entriesIn(spool: string): Entry[] {
  return readBoots(spool)
    .flatMap(({ records }) => records)
    .filter(({ kind }) => kind === 'audit')
    .map(({ attributes = {} }) => ({
      id: String(attributes['audit.id']),
      outcome: String(attributes['audit.outcome']),
      order: String(attributes['audit.entity.id']),
    }));
}

const LIBRARIES = [
  { library: 'pg', missing: postgresMissing },
  { library: 'Prisma', missing: postgresMissing ?? prismaMissing },
];

for (const { library, missing } of LIBRARIES) {
  describe.skipIf(missing !== undefined)(`an audited transaction of ${library}`, () =>
    describeDeaths(library),
  );
}

function describeDeaths(library: string): void {
  const env = { ...process.env };
  let dispose = (): void => undefined;
  let postgres: Postgres;
  let pool: pg.Pool;
  let spool = '';

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
    // Its end at the stop of the server is none of this test's business.
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE orders (id text PRIMARY KEY, audit_id text, state text, member_id int)');
    await createOutcomes(pgTransactions(pool));
    if (library === 'Prisma') {
      const generated = await generatePrisma();
      env['SILLOK_TEST_PRISMA'] = generated.folder;
      dispose = generated.dispose;
    }
    spool = mkdtempSync(join(tmpdir(), 'sillok-audit-crash-'));
  });
  afterAll(async () => {
    await pool.end();
    await postgres.stop();
    dispose();
    rmSync(spool, { recursive: true, force: true });
  });

  function run(args: readonly string[]): NodeJS.Signals | null {
    const { signal, status, stderr } = spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      env,
    });
    if (signal === null && status !== 0) throw new Error(stderr);
    return signal;
  }

  test.each(POINTS)(
    'killed %s has one end, and it is the true one',
    { timeout: 3_600_000 },
    async (point) => {
      for (let round = 0; round < rounds; round += 1) {
        const order = `${point}-${round}`;
        expect(run(['run', postgres.url, spool, point, order])).toBe('SIGKILL');
        expect(run(['settle', postgres.url, spool])).toBeNull();
        const own = entriesIn(spool).filter((entry) => entry.order === order);
        const ends = own.filter(({ outcome }) => outcome !== 'intent' && outcome !== 'unknown');
        const { rows } = await pool.query('SELECT id FROM orders WHERE id = $1', [order]);
        const truth = rows.length === 1 ? 'committed' : 'rolled_back';
        expect(ends.map(({ outcome }) => outcome)).toEqual([truth]);
        expect(own.filter(({ outcome }) => outcome === 'intent')).toHaveLength(1);
        expect(new Set(own.map(({ id }) => id)).size).toBe(1);
      }
    },
  );

  test('that is rolled back keeps its intent', async () => {
    expect(run(['run', postgres.url, spool, 'rollback', 'declined'])).toBeNull();
    const own = entriesIn(spool).filter((entry) => entry.order === 'declined');
    expect(own.map(({ outcome }) => outcome)).toEqual(['intent', 'rolled_back']);
    expect((await pool.query("SELECT id FROM orders WHERE id = 'declined'")).rows).toEqual([]);
  });
}
