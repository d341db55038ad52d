/**
 * A process dies at a point around an audited transaction on a real PostgreSQL. Afterwards each commit has exactly one record
 * that says so, each rollback keeps its intent, and nothing stays unknown. 2 rounds of each point here; `SILLOK_KILLS=200` is
 * the long form, and `npm run soak -- audit -t during-commit` that of one point.
 *
 * As in a service, the process that starts next settles what the one before it left, and then dies itself: one start per kill.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
/** Kills in one spool, before it is settled whole and looked at: a start reads all that is left there. */
const KILLS_PER_SPOOL = 25;
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
  let root = '';

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    // Its end at the stop of the server is none of this test's business.
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE orders (id text PRIMARY KEY, audit_id text, state text, member_id int)');
    await createOutcomes(pgTransactions(pool));
    if (library === 'Prisma') {
      const generated = await generatePrisma();
      env['SILLOK_TEST_PRISMA'] = generated.folder;
      dispose = generated.dispose;
    }
    root = mkdtempSync(join(tmpdir(), 'sillok-audit-crash-'));
  });
  afterAll(async () => {
    await pool.end();
    await postgres.stop();
    dispose();
    rmSync(root, { recursive: true, force: true });
  });

  async function run(args: readonly string[]): Promise<NodeJS.Signals | null> {
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
    await once(child, 'close');
    if (child.signalCode === null && child.exitCode !== 0) throw new Error(text);
    return child.signalCode;
  }

  /** Orders whose process died at the point, in a spool of their own. Returns how many of them are committed. */
  async function killed(point: string, orders: readonly string[]): Promise<number> {
    const spool = mkdtempSync(join(root, `${point}-`));
    for (const order of orders) expect(await run(['run', postgres.url, spool, point, order])).toBe('SIGKILL');
    expect(await run(['settle', postgres.url, spool])).toBeNull();
    const entries = entriesIn(spool);
    expect([...new Set(entries.map(({ order }) => order))].toSorted()).toEqual(orders.toSorted());
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM orders WHERE id = ANY($1)', [orders]);
    const kept = new Set(rows.map(({ id }) => id));
    for (const order of orders) {
      const own = entries.filter((entry) => entry.order === order);
      const ends = own.filter(({ outcome }) => outcome !== 'intent' && outcome !== 'unknown');
      const truth = kept.has(order) ? 'committed' : 'rolled_back';
      expect([order, ends.map(({ outcome }) => outcome)]).toEqual([order, [truth]]);
      expect(own.filter(({ outcome }) => outcome === 'intent')).toHaveLength(1);
      expect(new Set(own.map(({ id }) => id)).size).toBe(1);
    }
    rmSync(spool, { recursive: true });
    return kept.size;
  }

  test.concurrent.each(POINTS)(
    'killed %s has one end, and it is the true one',
    { timeout: 3_600_000 },
    async (point) => {
      let committed = 0;
      for (let from = 0; from < rounds; from += KILLS_PER_SPOOL) {
        const count = Math.min(KILLS_PER_SPOOL, rounds - from);
        const orders = Array.from({ length: count }, (_, index) => `${point}-${from + index}`);
        committed += await killed(point, orders);
      }
      const ends = `${committed} committed, ${rounds - committed} rolled back, each with one record that says so`;
      process.stdout.write(`${library}, ${rounds} kills ${point}: ${ends}\n`);
    },
  );

  test('that is rolled back keeps its intent', async () => {
    const spool = mkdtempSync(join(root, 'rollback-'));
    expect(await run(['run', postgres.url, spool, 'rollback', 'declined'])).toBeNull();
    expect(entriesIn(spool).map(({ outcome }) => outcome)).toEqual(['intent', 'rolled_back']);
    expect((await pool.query("SELECT id FROM orders WHERE id = 'declined'")).rows).toEqual([]);
  });
}
