/**
 * An employee of a customer changes and deletes everything before leaving: 500 changes, 40 of them deletes, on a real PostgreSQL.
 * They are undone through the business code: afterwards the database equals the state before, except for what others changed
 * since, and that is listed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createUndo,
  defineScript,
  runScripts,
  undoPlanText,
  undoScript,
  type Undo,
  type UndoWays,
} from '@sillok/admin';
import { sillok, type Logger } from '@sillok/node';
import { Audit, createOutcomes, pgTransactions, type Actor } from '@sillok/node/audit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const ORDERS = 300;
const DELETES = 40;
const CHANGES = 500;
const PARK: Actor = { type: 'user', id: 'park@dalbit' };
const KIM: Actor = { type: 'admin', id: 'kim' };

type Row = Readonly<Record<string, unknown>>;
const TABLES = { order: 'orders', note: 'notes' } as const;
type Kind = keyof typeof TABLES;

/** The shop's own business code over its tables, which records what it does. */
class Shop {
  readonly #pool: pg.Pool;
  readonly #audit: Audit;
  actor: Actor = PARK;

  constructor(pool: pg.Pool, logger: Logger) {
    this.#pool = pool;
    this.#audit = new Audit({ logger, actor: () => this.actor });
  }

  get audit(): Audit {
    return this.#audit;
  }

  async find(kind: Kind, id: string): Promise<Row | undefined> {
    const { rows } = await this.#pool.query<{ row: Row }>(
      `SELECT to_jsonb(t) AS row FROM ${TABLES[kind]} t WHERE id = $1`,
      [id],
    );
    return rows[0]?.row;
  }

  async insert(kind: Kind, row: Row): Promise<void> {
    const { rowCount } = await this.#pool.query(
      `INSERT INTO ${TABLES[kind]} SELECT * FROM jsonb_populate_record(NULL::${TABLES[kind]}, $1)`,
      [row],
    );
    expect(rowCount).toBe(1);
  }

  async write(kind: Kind, id: string, row: Row): Promise<void> {
    const values = Object.entries(row).filter(([name]) => name !== 'id');
    const sets = values.map(([name], index) => `"${name}" = $${index + 2}`).join(', ');
    await this.#pool.query(`UPDATE ${TABLES[kind]} SET ${sets} WHERE id = $1`, [
      id,
      ...values.map(([, value]) =>
        typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
      ),
    ]);
  }

  async erase(kind: Kind, id: string): Promise<void> {
    await this.#pool.query(`DELETE FROM ${TABLES[kind]} WHERE id = $1`, [id]);
  }

  async change(kind: Kind, id: string, fields: Row): Promise<void> {
    const before = await this.find(kind, id);
    const after = { ...before, ...fields };
    await this.#told({ kind, id, verb: 'update', before, after }, () => this.write(kind, id, after));
  }

  async remove(kind: Kind, id: string): Promise<void> {
    const before = await this.find(kind, id);
    await this.#told({ kind, id, verb: 'delete', before }, () => this.erase(kind, id));
  }

  async create(kind: Kind, row: Row): Promise<void> {
    await this.#told({ kind, id: String(row['id']), verb: 'create', after: row }, () =>
      this.insert(kind, row),
    );
  }

  #told(
    { kind, id, verb, ...sides }: { kind: Kind; id: string; verb: string; before?: unknown; after?: unknown },
    work: () => Promise<void>,
  ): Promise<void> {
    const change = { action: `${kind}.${verb}`, entity: { type: kind, id }, ...sides };
    return this.#audit.operation(change, work);
  }
}

describe.skipIf(postgresMissing !== undefined)('undo on a real PostgreSQL', { timeout: 240_000 }, () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let server: TestServer;
  let logger: Logger;
  let shop: Shop;
  let undo: Undo;
  const folder = mkdtempSync(join(tmpdir(), 'sillok-undo-'));

  async function visible(): Promise<void> {
    const token = await logger.flush();
    const ask = () => server.search({ after: String(token), limit: '1' });
    await until('the records can be searched', 90_000, () => ask().then(Boolean, () => false));
  }

  /** All rows of both tables by their ids. */
  async function state(): Promise<Map<string, Row>> {
    const found = new Map<string, Row>();
    for (const [kind, table] of Object.entries(TABLES)) {
      const { rows } = await pool.query<{ row: Row }>(
        `SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY id`,
      );
      for (const { row } of rows) found.set(`${kind}/${String(row['id'])}`, row);
    }
    return found;
  }

  const waysOf = (kind: Kind): UndoWays => ({
    find: (id) => shop.find(kind, id),
    restore: (_, image) => shop.insert(kind, image),
    remove: (id) => shop.erase(kind, id),
    update: (id, image) => shop.write(kind, id, image),
  });

  beforeAll(async () => {
    [postgres, server] = await Promise.all([startPostgres(), startTestServer()]);
    pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    pool.on('error', () => undefined);
    await pool.query(
      `CREATE TABLE orders (id text PRIMARY KEY, state text, address jsonb, total numeric, memo text);
       CREATE TABLE notes (id text PRIMARY KEY, order_id text REFERENCES orders, body text);
       INSERT INTO orders
         SELECT 'o' || n, 'new', jsonb_build_object('city', 'Seoul', 'zip', n::text), n * 10, NULL
         FROM generate_series(1, ${ORDERS}) AS n;
       INSERT INTO notes SELECT 'n' || n, 'o' || n, 'note ' || n FROM generate_series(1, 30) AS n`,
    );
    logger = sillok({
      service: 'shop',
      url: server.url,
      key: server.key,
      spoolDirectory: folder,
      stdout: 'none',
      captureFatal: false,
    });
    shop = new Shop(pool, logger);
    undo = createUndo({
      server: { url: server.url, key: server.key },
      audit: shop.audit,
      entities: { order: waysOf('order'), note: waysOf('note') },
    });
  });
  afterAll(async () => {
    await logger?.close();
    await pool?.end();
    await postgres?.stop();
    await server?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** 20 notes and the orders that they belong to, 10 new orders, and updates up to 500. */
  async function rampage(): Promise<void> {
    shop.actor = PARK;
    let count = 0;
    for (let n = 1; n <= DELETES / 2; n += 1) {
      await shop.remove('note', `n${n}`);
      await shop.remove('order', `o${n}`);
      count += 2;
    }
    for (let n = 1; n <= 10; n += 1, count += 1)
      await shop.create('order', { id: `x${n}`, state: 'fake', address: null, total: 0, memo: null });
    for (let n = 0; count < CHANGES; n += 1, count += 1) {
      const id = `o${31 + (n % 200)}`;
      await shop.change('order', id, n < 200 ? { address: { city: 'Nowhere' } } : { state: 'cancelled' });
    }
  }

  test('500 changes of one actor, 40 of them deletes', async () => {
    const before = await state();
    await rampage();
    shop.actor = KIM;
    // Others work on: into other fields, over the same fields, making again, deleting, changing what was made.
    await shop.change('order', 'o31', { memo: 'called' });
    await shop.change('order', 'o32', { address: { city: 'Jeju', zip: '1' } });
    await shop.create('order', { id: 'o1', state: 'again', address: null, total: 1, memo: null });
    await shop.remove('order', 'o34');
    await shop.change('order', 'x2', { total: 99 });
    // And one change past the record.
    await pool.query("UPDATE orders SET state = 'by hand' WHERE id = 'o35'");
    await visible();

    const wrecked = await state();
    const plan = await undo.plan({ actor: PARK.id });
    expect(await state()).toEqual(wrecked);
    expect([plan.changes, plan.missing]).toEqual([CHANGES, 0]);
    const conflicts = plan.conflicts.map(({ entity, reason, by }) => [
      entity.id,
      reason,
      by.map(({ actor }) => actor.id).join(),
    ]);
    expect(new Set(conflicts.map((each) => each.join(' ')))).toEqual(
      new Set([
        'o32 changed_since kim',
        'o1 made_again kim',
        'o34 deleted_since kim',
        'x2 changed_since kim',
        'o35 changed_since ',
      ]),
    );
    expect(conflicts).toHaveLength(5);
    expect(undoPlanText(plan)).toContain('conflict order/o34: deleted_since by admin kim (order.delete)');

    // One entity moves on between the plan and its step.
    await pool.query("UPDATE orders SET memo = 'moved' WHERE id = 'o40'");
    const result = await undo.apply(plan, { actor: KIM, reason: 'park has left' });
    expect(result).toEqual({
      done: plan.steps.length - 1,
      moved: [{ type: 'order', id: 'o40' }],
      failed: [],
    });
    await visible();
    const again = await undo.plan({ actor: PARK.id });
    expect(again.steps.map(({ entity }) => entity.id)).toEqual(['o40']);
    await undo.apply(again, { actor: KIM, reason: 'park has left' });

    const expected = new Map(before);
    const rowOf = (key: string): Row => ({ ...before.get(key), ...wrecked.get(key) });
    expected.set('order/o31', { ...before.get('order/o31'), memo: 'called' });
    expected.set('order/o32', { ...before.get('order/o32'), address: { city: 'Jeju', zip: '1' } });
    expected.set('order/o1', rowOf('order/o1'));
    expected.delete('order/o34');
    expected.set('order/x2', rowOf('order/x2'));
    expected.set('order/o35', { ...before.get('order/o35'), state: 'by hand' });
    expected.set('order/o40', { ...before.get('order/o40'), memo: 'moved' });
    expect(await state()).toEqual(expected);

    await visible();
    const history = await server.get<{ changes: { action: string; outcome: string; reason?: string }[] }>(
      '/api/audit?entity=order/o2&actor=kim',
    );
    expect(history.changes).toMatchObject([
      { action: 'order.undo_restore', outcome: 'committed', reason: 'park has left' },
    ]);
  });

  test('a conflict is undone when somebody decides so', async () => {
    shop.actor = KIM;
    const plan = await undo.plan(
      { entity: { type: 'order', id: 'o34' }, actor: PARK.id },
      { decide: ({ reason }) => (reason === 'deleted_since' ? 'undo' : 'keep') },
    );
    expect(plan).toMatchObject({ steps: [{ way: 'restore' }], conflicts: [] });
    await undo.apply(plan, { actor: KIM, reason: 'it was needed after all' });
    expect(await shop.find('order', 'o34')).toMatchObject({
      state: 'new',
      address: { city: 'Seoul', zip: '34' },
    });
  });

  test('a step that fails is named, and the others are done', async () => {
    shop.actor = PARK;
    await shop.remove('note', 'n25');
    await shop.change('order', 'o250', { state: 'cancelled' });
    // The order of the note goes past the record: the note cannot be made again.
    await pool.query("DELETE FROM orders WHERE id = 'o25'");
    await visible();
    const plan = await undo.plan({ actor: PARK.id });
    const { done, failed } = await undo.apply(plan, { actor: KIM, reason: 'again' });
    expect(done).toBe(1);
    expect(failed).toMatchObject([{ entity: { id: 'n25' }, error: expect.stringContaining('foreign key') }]);
    expect(await shop.find('order', 'o250')).toMatchObject({ state: 'new' });
  });

  async function commanded(
    scripts: Parameters<typeof runScripts>[0],
    words: readonly string[],
  ): Promise<{ code: number; out: string; plan: string; run: string }> {
    let out = '';
    const io = {
      out: { write: (text: string) => ((out += text), true) },
      env: { SILLOK_SCRIPTS_DIR: join(folder, 'scripts'), NODE_ENV: 'test' },
      signal: new AbortController().signal,
    };
    const code = await runScripts(scripts, words, io);
    const plan = /plan {2}([0-9a-f]{16})/.exec(out)?.[1] ?? '';
    return { code, out, plan, run: /^run {3}(\S+)$/m.exec(out)?.[1] ?? '' };
  }

  test('a run of a script is undone by its name, and nothing that others did, nor another run of it', async () => {
    const transactions = pgTransactions(pool);
    await createOutcomes(transactions);
    const scrub = defineScript({
      name: 'scrub-memos',
      description: 'Forgets memos, and takes orders away that are gone.',
      isDestructive: true,
      args: z.object({ from: z.coerce.number(), to: z.coerce.number() }),
      items: ({ args: { from, to } }) =>
        Array.from({ length: to - from + 1 }, (_, index) => `o${from + index}`),
      key: (id) => id,
      async each(id, { transaction, write }) {
        const before = await shop.find('order', id);
        const isGone = before?.['state'] === 'gone';
        const change = { action: isGone ? 'order.delete' : 'order.scrub', entity: { type: 'order', id } };
        await transaction(change, transactions, async (client, entry) => {
          entry.before(before);
          if (!isGone) entry.after({ ...before, memo: 'scrubbed' });
          const statement = isGone ? 'DELETE FROM orders' : "UPDATE orders SET memo = 'scrubbed'";
          await client.query(`${statement} WHERE id = $1`, [id]);
        });
        if (isGone) await write({ action: 'mail.send', entity: { type: 'mail', id } }, async () => undefined);
      },
    });
    await pool.query("UPDATE orders SET memo = 'precious' WHERE id IN ('o260', 'o261', 'o262', 'o270')");
    await pool.query("UPDATE orders SET state = 'gone' WHERE id = 'o263'");
    const before = await state();
    const scrubbed = async (from: number, to: number) => {
      const words = ['run', 'scrub-memos', '--from', String(from), '--to', String(to)];
      const { plan } = await commanded([scrub], words);
      const applied = await commanded([scrub], [...words, '--apply', '--plan', plan]);
      expect([applied.code, applied.out]).toEqual([0, expect.stringContaining('applied, done')]);
      return applied.run;
    };
    const wrong = await scrubbed(260, 263);
    await scrubbed(270, 270);
    shop.actor = KIM;
    await shop.change('order', 'o261', { memo: 'called back' });
    await visible();

    const words = ['run', 'undo', '--run', `scrub-memos/${wrong}`, '--reason', 'it was the wrong list'];
    const dry = await commanded([undoScript(undo)], words);
    expect(dry.out).toContain('memo: "scrubbed" → "precious"');
    const done = await commanded([undoScript(undo)], [...words, '--apply', '--plan', dry.plan]);
    // What kim wrote since, and the mail that cannot be called back, are conflicts.
    expect([done.code, done.out]).toEqual([
      0,
      expect.stringMatching(/applied, done: 3 done, 0 failed, 2 skipped/),
    ]);
    const left = { 'order/o261': 'called back', 'order/o270': 'scrubbed' };
    for (const [key, memo] of Object.entries(left)) before.set(key, { ...before.get(key), memo });
    expect(await state()).toEqual(before);
    await visible();
    const { changes } = await server.get<{ changes: object[] }>('/api/audit?entity=order/o263&from=-1h');
    expect(changes[0]).toMatchObject({ action: 'order.undo_restore', reason: 'it was the wrong list' });
  });

  test('as a script it has a dry run with a plan, and applies what was seen', async () => {
    shop.actor = PARK;
    await shop.change('order', 'o251', { state: 'cancelled' });
    await visible();
    const words = ['--type', 'order', '--id', 'o251', '--actor', PARK.id, '--reason', 'script'];
    const run = (more: readonly string[]) =>
      commanded([undoScript(undo)], ['run', 'undo', ...words, ...more]);
    const dry = await run([]);
    expect(dry.out).toContain('state: "cancelled" → "new"');
    expect(await shop.find('order', 'o251')).toMatchObject({ state: 'cancelled' });
    expect((await run(['--apply', '--plan', 'feedfeedfeedfeed'])).out).toContain('The data has moved on');
    const applied = await run(['--apply', '--plan', dry.plan]);
    expect([applied.code, await shop.find('order', 'o251')]).toMatchObject([0, { state: 'new' }]);
  });

  test('what changed no entity is no conflict: a request, its rejection, the record of an undo', async () => {
    shop.actor = { type: 'admin', id: 'asks' };
    const entity = { type: 'order', id: 'o252' };
    for (const action of ['order.refund.requested', 'order.refund.rejected', 'undo.run'])
      await shop.audit.record({ action, entity });
    await shop.change('order', 'o252', { state: 'cancelled' });
    await visible();
    expect(await undo.plan({ actor: 'asks' })).toMatchObject({
      changes: 1,
      steps: [{ entity }],
      conflicts: [],
    });
  });

  test('nothing is undone when nothing is selected, or when the audit trail cannot be read', async () => {
    await expect(undo.plan({})).rejects.toMatchObject({ code: 'nothing_selected' });
    const blind = createUndo({
      server: { url: server.url, key: 'wrong' },
      audit: shop.audit,
      entities: {},
    });
    await expect(blind.plan({ actor: 'park' })).rejects.toMatchObject({ code: 'server_away' });
  });
});
