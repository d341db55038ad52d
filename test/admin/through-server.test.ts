/**
 * The way through Sillok's server: it checks who asks, signs it, and goes to the service's own path only. A service that is away, that
 * answers too late or redirects is told apart from one that has done it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminClient, AdminError, adminHandler } from '@sillok/admin';
import { sillok, type Logger } from '@sillok/node';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { cliPath, startTestServer, type TestServer } from '../lib/server.js';
import { BASE, makeTables, SECRET, shopAdmin, type ShopAdmin } from './shop.js';

describe.skipIf(postgresMissing !== undefined)('an admin API behind the server', () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let folder = '';
  let logger: Logger;
  let sillokServer: TestServer;
  const servers: Server[] = [];
  let losesAnswers = false;
  const keys: Record<string, string> = {};

  async function listen(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // Bound to an address, so it is no pipe.
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 8 });
    pool.on('error', () => undefined);
    await makeTables(pool);
    folder = mkdtempSync(join(tmpdir(), 'sillok-admin-'));
    const file = join(folder, 'services.json');
    let shopHandler: RequestListener = (_request, response) => response.end();
    const url = `${await listen((request, response) => {
      // The service has done it, and the way back breaks.
      if (losesAnswers) response.end = () => response.destroy();
      shopHandler(request, response);
    })}${BASE}`;
    const elsewhere = await listen((_request, response) => response.end('{"stolen":true}'));
    const one = (name: string, at: string, more: object = {}) => ({
      name,
      url: at,
      secret: SECRET,
      private: true,
      ...more,
    });
    const services = [
      one('shop', url, { title: '가게' }),
      one('away', 'http://127.0.0.1:9/admin'),
      one(
        'moved',
        await listen((_request, response) => response.writeHead(302, { location: elsewhere }).end()),
      ),
      one('drops', await listen((request) => request.socket.destroy())),
      one('other-secret', url, { name: 'other-secret', secret: `${SECRET}-other` }),
      one('not-private', url, { private: false }),
      one('of-others', url, { project: 'others' }),
    ];
    writeFileSync(file, JSON.stringify({ services }));
    sillokServer = await startTestServer({ SILLOK_ADMIN_SERVICES: file });
    const { url: sends, key } = sillokServer;
    const spoolDirectory = join(folder, 'spool');
    logger = sillok({
      service: 'shop',
      url: sends,
      key,
      spoolDirectory,
      stdout: 'none',
      captureFatal: false,
    });
    const shop = shopAdmin(pool, logger);
    await shop.createTables();
    shopHandler = adminHandler(shop.admin, { base: BASE });
    for (const scope of ['read', 'write', 'ingest']) keys[scope] = await makeKey(scope);
  });
  afterAll(async () => {
    await sillokServer.dispose();
    for (const server of servers) server.close();
    await logger.close();
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(path: string, { key = sillokServer.key, json }: { key?: string; json?: object } = {}) {
    const response = await fetch(`${sillokServer.url}${path}`, {
      method: json === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const body: Record<string, never> = JSON.parse(await response.text());
    return { status: response.status, body };
  }

  async function makeKey(scope: string): Promise<string> {
    return String((await ask('/api/keys', { json: { name: scope, scopes: [scope] } })).body['key']);
  }

  /** The service runs in this process, so it must not be blocked. */
  async function cli(words: readonly string[], key = sillokServer.key): Promise<string> {
    const env = { ...process.env, SILLOK_URL: sillokServer.url, SILLOK_KEY: key };
    const ran = spawn(process.execPath, [cliPath, 'admin', ...words], { env });
    let text = '';
    ran.stdout.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
    ran.stderr.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
    await once(ran, 'close');
    return text;
  }

  const codeOf = ({ status, body }: Awaited<ReturnType<typeof ask>>): unknown[] => [
    status,
    Object(body['error'])['code'],
  ];

  test('lists the services of the project, and says which does not answer', async () => {
    const { body } = await ask('/api/admin');
    const services: { name: string; title: string; description: unknown; problem: string | null }[] =
      body['services'] ?? [];
    expect(services.map(({ name }) => name)).toEqual([
      'shop',
      'away',
      'moved',
      'drops',
      'other-secret',
      'not-private',
    ]);
    expect(services[0]).toMatchObject({ title: '가게', problem: null, description: { service: 'shop' } });
    expect(services[1]?.problem).toContain('away cannot be reached');
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });

  test('runs an action for the role of the key, typed by the definition', async () => {
    const as = (key: string) => adminClient<ShopAdmin>({ url: `${sillokServer.url}/api/admin/shop`, key });
    const member = as(keys['write'] ?? '').order;
    const { version, fields } = await member.read('3');
    expect([fields.address.city, fields.phone]).toEqual(['서울', '•••']);
    const input = { city: '부산', zip: '48058' };
    expect(await member['change-address'].run('3', input, { version, reason: '고객 요청' })).toMatchObject({
      state: 'done',
      in_history: true,
      diff: expect.arrayContaining([{ path: 'address.city', before: '서울', after: '부산' }]),
    });
    const history = await ask('/api/audit?entity=order/3');
    expect(history.body['changes']).toEqual([
      expect.objectContaining({
        outcome: 'committed',
        action: 'order.change-address',
        reason: '고객 요청',
        actor: expect.objectContaining({ type: 'admin', name: 'write' }),
      }),
    ]);
    const viewer = await as(keys['read'] ?? '')
      .order['change-address'].run('3', input, { reason: 'x' })
      .catch((error: unknown) => error);
    expect(viewer).toBeInstanceOf(AdminError);
    expect(viewer).toMatchObject({ status: 403, code: 'role_missing' });
    expect(codeOf(await ask('/api/admin/shop/order', { key: keys['ingest'] ?? '' }))).toEqual([
      403,
      'scope_missing',
    ]);
    expect(codeOf(await ask('/api/admin/shop/order', { key: 'nobody' }))[0]).toBe(401);
  });

  test('shows, plans and runs on the command line', async () => {
    const list = await cli(['list']);
    expect(list).toMatch(/shop {2}가게\n {2}order {2}Order\n {4}change-address .*role member, reason needed/);
    expect(list).toContain('away cannot be reached');
    expect(await cli(['search', 'shop', 'order', 'tea 11'])).toMatch(/tea 11 .*•••/);
    const form = ['--set', 'city=대전', '--set', 'zip=34126'];
    const plan = await cli(['run', 'shop', 'order', 'change-address', '9', ...form]);
    expect(plan).toMatch(/address\.city +"서울" +"대전"/);
    const version = /--version (\S+)/.exec(plan)?.[1] ?? '';
    const apply = ['--apply', '--version', version, '--reason', '이사'];
    const done = await cli(['run', 'shop', 'order', 'change-address', '9', ...form, ...apply]);
    expect(done).toMatch(/^Done\./);
    expect(await cli(['show', 'shop', 'order', '9'])).toContain('34126');
    const asked = [
      'run',
      'shop',
      'order',
      'refund',
      '9',
      '--set',
      'amount=500',
      '--apply',
      '--reason',
      'late',
    ];
    const request = /approve SERVICE (\S+?)"/.exec(await cli(asked))?.[1] ?? '';
    expect(await cli(['requests', 'shop'])).toMatch(new RegExp(`${request} +open .* order/9 +refund +late`));
    expect(await cli(['approve', 'shop', request])).toContain('Who asked for it cannot approve it');
    expect(await cli(['approve', 'shop', request], keys['write'])).toMatch(/^Done\./);
    expect(await cli(['run', 'shop', 'order', 'change-address', '9', '--set', 'town=x'])).toContain(
      'It takes: city, zip.',
    );
  });

  test('tells a service that is away from one of which nobody knows what it did', async () => {
    const run = { id: '1', input: {}, key: 'some-intention' };
    expect(codeOf(await ask('/api/admin/away/order/actions/refund/run', { json: run }))).toEqual([
      502,
      'service_away',
    ]);
    expect(codeOf(await ask('/api/admin/drops/order/actions/refund/run', { json: run }))).toEqual([
      504,
      'outcome_unknown',
    ]);
    expect(codeOf(await ask('/api/admin/drops/order'))).toEqual([502, 'service_away']);
  });

  test('a change whose answer was lost is found done by the same call, and done once', async () => {
    const json = { id: '20', input: { city: '제주', zip: '63122' }, reason: 'x', key: 'an-intention' };
    const path = '/api/admin/shop/order/actions/change-address/run';
    losesAnswers = true;
    expect(codeOf(await ask(path, { json }))).toEqual([504, 'outcome_unknown']);
    expect((await pool.query('SELECT address FROM orders WHERE id = 20')).rows[0].address.city).toBe('제주');
    losesAnswers = false;
    expect((await ask(path, { json })).body).toMatchObject({
      state: 'done',
      repeated: true,
      in_history: true,
    });
    const { changes }: { changes?: object[] } = (await ask('/api/audit?entity=order/20')).body;
    expect(changes).toEqual([expect.objectContaining({ outcome: 'committed' })]);
  });

  test('follows no redirect, leaves no path, and reaches no private address without the operator’s word', async () => {
    expect(codeOf(await ask('/api/admin/moved/order'))).toEqual([502, 'service_answered']);
    expect(codeOf(await ask('/api/admin/not-private/order'))).toEqual([502, 'service_away']);
    expect(codeOf(await ask('/api/admin/other-secret/order'))).toEqual([502, 'service_refused']);
    expect(codeOf(await ask('/api/admin/of-others/order'))).toEqual([404, 'not_found']);
    for (const path of [
      '%2e%2e/%2e%2e/secret',
      'order/%2e%2e/%2e%2e/secret',
      '/evil.example/x',
      'a\\..\\..\\b',
    ]) {
      expect(codeOf(await ask(`/api/admin/shop/${path}`))[0]).toBe(404);
    }
  });
});

test.skipIf(postgresMissing !== undefined)(
  'a file that cannot be used stops the start and says why',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sillok-admin-'));
    const file = join(folder, 'services.json');
    writeFileSync(file, JSON.stringify({ services: [{ name: 'shop', url: 'http://h/', secret: 'short' }] }));
    await expect(startTestServer({ SILLOK_ADMIN_SERVICES: file })).rejects.toThrow(/at least 32 characters/);
    rmSync(folder, { recursive: true, force: true });
  },
);
