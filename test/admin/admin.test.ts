/** The admin API of a service on a real PostgreSQL: who may what, plans that change nothing, runs that happen once. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminClient, adminHandler, AdminError } from '@sillok/admin';
import { signCall, type AdminActor } from '@sillok/admin/wire';
import { sillok, type Logger } from '@sillok/node';
import express from 'express';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { readBoots } from '../sdk/spools.js';
import { listenOn, makeTables, SECRET, shopAdmin, type ShopAdmin } from './shop.js';

const kim: AdminActor = { id: 'user:kim', name: 'Kim', role: 'member' };
const lee: AdminActor = { id: 'user:lee', name: 'Lee', role: 'admin' };
const guest: AdminActor = { id: 'user:guest', name: 'Guest', role: 'viewer' };
const service = 'shop';

describe.skipIf(postgresMissing !== undefined)('the admin API of a service', () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let folder = '';
  let logger: Logger;
  let admin: ShopAdmin;
  let server: Server;
  let url = '';

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 8 });
    pool.on('error', () => undefined);
    await makeTables(pool);
    folder = mkdtempSync(join(tmpdir(), 'sillok-admin-'));
    logger = sillok({ service, spoolDirectory: folder, stdout: 'none', captureFatal: false });
    const shop = shopAdmin(pool, logger);
    admin = shop.admin;
    await shop.createTables();
    ({ server, url } = await listenOn(admin));
  });
  afterAll(async () => {
    server.close();
    await logger.close();
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const as = (actor: AdminActor) =>
    adminClient<ShopAdmin>({ url, signed: { secret: SECRET, service, actor } });
  const order = async (id: number) => (await pool.query('SELECT * FROM orders WHERE id = $1', [id])).rows[0];

  async function entries() {
    await logger.flush();
    return readBoots(folder)
      .flatMap((boot) => boot.records)
      .filter(({ kind }) => kind === 'audit')
      .map(({ attributes }) => attributes ?? {});
  }

  async function failure(work: Promise<unknown>): Promise<AdminError> {
    const error: unknown = await work.then(
      () => new Error('it did not fail'),
      (cause: unknown) => cause,
    );
    if (error instanceof AdminError) return error;
    throw error;
  }

  test('searches page by page, and shows no personal field in a list and nothing that is not declared', async () => {
    const first = await as(lee).order.search('tea', { limit: 20 });
    expect(first.rows).toHaveLength(20);
    expect(first.rows[0]).toEqual({
      id: '1',
      fields: expect.objectContaining({
        item: 'tea 1',
        phone: '•••',
        address: { city: '서울', zip: '04524' },
      }),
    });
    expect(JSON.stringify(first)).not.toMatch(/010-|never shown/);
    const rest = await as(lee).order.search('tea', { limit: 30, cursor: first.next ?? '' });
    expect([rest.rows.length, rest.next]).toEqual([25, null]);
  });

  test('opens a personal field to the role that may see it, and records who saw it before it is shown', async () => {
    const hidden = await as(kim).order.read('2');
    expect([hidden.fields.phone, hidden.masked]).toEqual(['•••', ['phone']]);
    expect((await entries()).filter((each) => each['audit.action'] === 'order.read')).toEqual([]);
    const shown = await as(lee).order.read('2');
    expect([shown.fields.phone, shown.masked]).toEqual(['010-1234-0002', []]);
    expect((await entries()).filter((each) => each['audit.action'] === 'order.read')).toEqual([
      expect.objectContaining({
        'audit.actor.id': 'user:lee',
        'audit.actor.name': 'Lee',
        'audit.entity.id': '2',
      }),
    ]);
  });

  test('shows what an action would change, changes nothing, and then does exactly that, recorded', async () => {
    const calls = as(kim).order['change-address'];
    const input = { city: '부산', zip: '48058' };
    const { diff, version } = await calls.plan('3', input);
    expect(diff).toEqual([
      { path: 'address.city', before: '서울', after: '부산' },
      { path: 'address.zip', before: '04524', after: '48058' },
    ]);
    expect((await order(3)).address.city).toBe('서울');
    const done = await calls.run('3', input, { version, reason: '고객 요청' });
    expect(done).toMatchObject({ state: 'done', diff, repeated: false, flush_token: expect.any(String) });
    expect((await order(3)).address).toEqual(input);
    const own = (await entries()).filter((each) => each['audit.id'] === done.audit_id);
    expect(own.map((each) => each['audit.outcome'])).toEqual(['intent', 'committed']);
    expect(own[1]).toMatchObject({
      'audit.action': 'order.change-address',
      'audit.reason': '고객 요청',
      'audit.actor.type': 'admin',
      'audit.before.address.city': '서울',
      'audit.after.address.city': '부산',
    });
  });

  test('refuses to act on what was changed meanwhile, and says what it would do now', async () => {
    const calls = as(kim).order['change-address'];
    const { version } = await calls.plan('4', { city: '대구', zip: '41585' });
    await pool.query(`UPDATE orders SET address = '{"city":"광주","zip":"61945"}' WHERE id = 4`);
    const stale = await failure(calls.run('4', { city: '대구', zip: '41585' }, { version, reason: 'asked' }));
    expect([stale.status, stale.code]).toEqual([409, 'stale']);
    expect(stale.more).toMatchObject({
      now: { diff: expect.arrayContaining([{ path: 'address.city', before: '광주', after: '대구' }]) },
    });
    expect((await order(4)).address.city).toBe('광주');
  });

  test('does a call once, sent twice, at the same time, and by two instances of the service', async () => {
    const calls = as(kim).coupon.create;
    const key = 'intention-1';
    const twice = await Promise.all([
      calls.run({ code: 'SPRING', percent: 10 }, { key }),
      calls.run({ code: 'SPRING', percent: 10 }, { key }),
    ]);
    const again = await calls.run({ code: 'SPRING', percent: 10 }, { key });
    expect(new Set([...twice, again].map(({ audit_id }) => audit_id)).size).toBe(1);
    expect([...twice, again].filter(({ repeated }) => !repeated)).toHaveLength(1);
    // Another instance knows nothing of this process.
    const other = await listenOn(shopAdmin(pool, logger).admin);
    const elsewhere = adminClient<ShopAdmin>({
      url: other.url,
      signed: { secret: SECRET, service, actor: kim },
    });
    expect((await elsewhere.coupon.create.run({ code: 'SPRING', percent: 10 }, { key })).repeated).toBe(true);
    other.server.close();
    expect((await pool.query('SELECT * FROM coupons')).rows).toHaveLength(1);
    const committed = (await entries()).filter(
      (each) => each['audit.action'] === 'coupon.create' && each['audit.outcome'] === 'committed',
    );
    expect(committed).toHaveLength(1);
  });

  test('removes what an action removes, with what it was in the record', async () => {
    const made = await as(kim).coupon.create.run({ code: 'AUTUMN', percent: 20 });
    const gone = await as(kim).coupon.remove.run(made.id, {});
    expect(gone.diff).toContainEqual({ path: 'code', before: 'AUTUMN' });
    expect((await failure(as(kim).coupon.read(made.id))).code).toBe('not_found');
    const own = (await entries()).filter((each) => each['audit.id'] === gone.audit_id).at(-1);
    expect(own).toMatchObject({ 'audit.outcome': 'committed', 'audit.before.code': 'AUTUMN' });
    expect(Object.keys(own ?? {}).filter((name) => name.startsWith('audit.after'))).toEqual([]);
  });

  test('holds roles, schemas, reasons and the words of the business, and changes nothing then', async () => {
    const input = { city: '부산', zip: '48058' };
    const [viewer, member] = [as(guest), as(kim)];
    const refusals = [
      [() => viewer.order['change-address'].run('5', input, { reason: 'x' }), 403, 'role_missing'],
      [() => viewer.coupon.search(), 403, 'role_missing'],
      [
        () => member.order['change-address'].run('5', { ...input, zip: '1' }, { reason: 'x' }),
        400,
        'input_invalid',
      ],
      [() => member.order['change-address'].run('5', input, { reason: ' ' }), 400, 'reason_missing'],
      [() => member.order['change-address'].run('999', input, { reason: 'x' }), 404, 'not_found'],
      [() => member.order.refund.run('5', { amount: 99_999 }, { reason: 'x' }), 409, 'action_refused'],
      [() => as({ ...lee, role: 'owner' }).order.break.run('5', {}), 500, 'action_failed'],
    ] as const;
    for (const [work, status, code] of refusals) {
      const error = await failure(work());
      expect([error.status, error.code]).toEqual([status, code]);
    }
    expect((await order(5)).address.city).toBe('서울');
    const failed = (await entries()).filter((each) => each['audit.action'] === 'order.break');
    expect(failed.map((each) => each['audit.outcome'])).toEqual(['intent', 'rolled_back']);
  });

  test('lets a second person approve, never the one who asked, and only once', async () => {
    const asked = await as(kim).order.refund.run('6', { amount: 500 }, { reason: '배송 지연' });
    expect(asked).toMatchObject({
      state: 'requested',
      diff: expect.arrayContaining([{ path: 'amount', before: 6000, after: 5500 }]),
    });
    expect((await order(6)).state).toBe('paid');
    const decide = (actor: AdminActor, key: string) =>
      admin.decide(actor, { id: asked.request ?? '', decision: 'approve', key });
    expect((await failure(decide(kim, 'key-of-kim'))).code).toBe('approval_refused');
    const done = await decide(lee, 'key-of-lee');
    expect([done.state, (await order(6)).state]).toEqual(['done', 'refunded']);
    expect((await failure(decide(lee, 'another-key'))).code).toBe('approval_refused');
    const own = (await entries()).find(
      (each) => each['audit.id'] === done.audit_id && each['audit.outcome'] === 'committed',
    );
    expect(own).toMatchObject({
      'audit.actor.id': 'user:lee',
      'audit.arguments.four_eyes.requested_by': 'user:kim',
    });
    expect(await admin.requests(kim)).toEqual([expect.objectContaining({ state: 'approved', entity: '6' })]);
    // Two at once: one of them does it.
    const both = await as(kim).order.refund.run('15', { amount: 10 }, { reason: 'x' });
    const approval = (actor: AdminActor) =>
      admin.decide(actor, { id: both.request ?? '', decision: 'approve', key: `key-of-${actor.name}` });
    const results = await Promise.allSettled([
      approval(lee),
      approval({ ...lee, id: 'user:park', name: 'Park' }),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await order(15)).amount).toBe(14_990);
    const rejected = await as(kim).order.refund.run('7', { amount: 1 }, { reason: 'x' });
    await admin.decide(lee, { id: rejected.request ?? '', decision: 'reject', key: 'reject-key' });
    expect((await order(7)).state).toBe('paid');
  });

  test('takes no call that is not signed for it, changed on the way, too old, or sent before', async () => {
    const send = async (path: string, headers: Readonly<Record<string, string>>) =>
      (await fetch(url + path, { headers })).status;
    const signed = (more: object = {}) =>
      signCall(
        { method: 'GET', path: '/order?text=', body: '' },
        { secret: SECRET, service, actor: lee, ...more },
      );
    const good = signed();
    expect(await send('/order?text=', good)).toBe(200);
    expect(await send('/order?text=', good)).toBe(401);
    expect(await send('/order?text=', {})).toBe(401);
    expect(await send('/coupon?text=', signed())).toBe(401);
    expect(await send('/order?text=', signed({ service: 'billing' }))).toBe(401);
    expect(await send('/order?text=', signed({ secret: `${SECRET}.` }))).toBe(401);
    expect(await send('/order?text=', signed({ nowMs: Date.now() - 60_000 }))).toBe(401);
    expect(await send('/order?text=', signed({ nowMs: Date.now() + 600_000 }))).toBe(401);
    const actor = Buffer.from(JSON.stringify({ actor: { ...lee, role: 'owner' } })).toString('base64url');
    expect(await send('/order?text=', { ...signed(), 'sillok-admin-actor': actor })).toBe(401);
  });

  test('describes itself in OpenAPI, and says what is wrong with an Express that read the body first', async () => {
    const path = '/openapi.json';
    const headers = signCall({ method: 'GET', path, body: '' }, { secret: SECRET, service, actor: guest });
    const openApi: unknown = await (await fetch(url + path, { headers })).json();
    expect(openApi).toMatchObject({
      openapi: '3.1.0',
      paths: { '/order/actions/refund/run': { post: { operationId: 'order.refund.run' } } },
    });
    const app = express();
    app.use('/early', adminHandler(admin));
    app.use(express.json());
    app.use('/late', adminHandler(admin));
    const listening = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => listening.once('listening', resolve));
    const at = `http://127.0.0.1:${Object(listening.address()).port}`;
    const on = (mount: string) =>
      adminClient<ShopAdmin>({ url: at + mount, signed: { secret: SECRET, service, actor: kim } });
    expect(
      (await on('/early').order['change-address'].plan('8', { city: 'x', zip: '12345' })).diff,
    ).toHaveLength(2);
    const late = await failure(on('/late').order['change-address'].plan('8', { city: 'x', zip: '12345' }));
    expect(late.help).toContain('before express.json()');
    listening.close();
  });
});
