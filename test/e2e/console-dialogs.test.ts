/**
 * Every dialog and every panel under a button, opened as a person opens it: no serious barrier, in both colours and languages, at a
 * desk and on a phone; Escape closes it, and the focus is where it was.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminHandler } from '@sillok/admin';
import { sillok, type Logger } from '@sillok/node';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BASE, makeTables, SECRET, shopAdmin } from '../admin/shop.js';
import { barriersOf } from '../lib/axe.js';
import { chromiumPath, launchChromium, signedIn } from '../lib/console.js';
import { dialogsOfSource, openers } from '../lib/console-dialogs.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, type TestServer } from '../lib/server.js';

test('a dialog that is in the source and that nobody opens here is missed', () => {
  expect(dialogsOfSource().toSorted()).toEqual(Object.keys(openers).toSorted());
});

const looks = [
  { name: 'light, at a desk', isPhone: false, options: { colorScheme: 'light' } },
  {
    name: 'dark, Korean, on a phone',
    isPhone: true,
    options: { colorScheme: 'dark', locale: 'ko-KR', viewport: { width: 390, height: 844 } },
  },
] as const;

const missing = postgresMissing ?? (chromiumPath === undefined ? 'needs chromium' : undefined);

describe.skipIf(missing !== undefined)('dialogs and panels', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sillok-dialogs-'));
  let postgres: Postgres;
  let pool: pg.Pool;
  let logger: Logger;
  let server: TestServer;
  let shop: Server;
  let browser: Browser;

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    pool.on('error', () => undefined);
    await makeTables(pool);
    await pool.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE reader LOGIN');
    await pool.query('GRANT SELECT ON orders TO reader');
    let listener: RequestListener = (_request, response) => response.end();
    shop = createServer((request, response) => listener(request, response));
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    server = await startTestServer(settings());
    logger = sillok({
      ...{ service: 'shop', url: server.url, key: server.key, spoolDirectory: join(folder, 'spool') },
      ...{ stdout: 'none', captureFatal: false },
    });
    process.env['SILLOK_SCRIPTS_DIR'] = join(folder, 'scripts');
    const { admin, createTables } = shopAdmin(pool, logger);
    await createTables();
    listener = adminHandler(admin, { base: BASE });
    await fill();
    browser = await launchChromium();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
    shop?.close();
    await logger?.close();
    await pool?.end();
    await postgres?.stop();
    delete process.env['SILLOK_SCRIPTS_DIR'];
    rmSync(folder, { recursive: true, force: true });
  });

  function settings(): Record<string, string> {
    // Bound to an address, so it is no pipe.
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}${BASE}`;
    const services = [{ name: 'shop', title: '가게', url, secret: SECRET, private: true }];
    const [servicesFile, databasesFile] = [join(folder, 'services.json'), join(folder, 'databases.json')];
    writeFileSync(servicesFile, JSON.stringify({ services }));
    const database = { url: `postgres://reader@127.0.0.1:${postgres.port}/postgres` };
    writeFileSync(databasesFile, JSON.stringify({ shop: database }));
    return { SILLOK_ADMIN_SERVICES: servicesFile, SILLOK_DATABASES: databasesFile };
  }

  async function fill(): Promise<void> {
    const json = { 'content-type': 'application/json' };
    const post = async (path: string, body: object): Promise<void> => {
      const response = await server.post(path, JSON.stringify(body), json);
      expect(response.status, await response.text()).toBe(201);
    };
    await post('/api/alert-targets', { kind: 'slack_webhook', name: '#ops', url: 'https://chat.example/x' });
    await post('/api/dashboards', { name: 'Orders', panels: [] });
    await post('/api/saved', { name: 'errors', q: 'level:error', shared: true });
    await post('/api/saved', { name: 'counts', q: 'SELECT 1', language: 'sql', shared: true });
    const lines = [1, 2, 3].map((seq) =>
      recordLine(seq, timeAt(Date.now() - 60_000, seq), { level: 'error', message: '결제 실패' }),
    );
    await postUntilTaken(server, { producer: 'pay', boot: 'b', service: 'pay' }, lines);
    await server.waitFor({ q: 'service.name:pay', from: '-1h' }, lines.length);
  }

  const shownIn = (page: Page) => page.locator('dialog[open], [role=dialog]');

  test.each(looks)('none has a serious barrier: $name', async ({ options, isPhone }) => {
    const page = await signedIn(browser, server, options);
    for (const [name, { path, open, onPhone }] of Object.entries(openers)) {
      if (onPhone === true && !isPhone) continue;
      await page.goto(`${server.url}${path}`);
      await page.locator('#content').waitFor();
      await open(page);
      await shownIn(page).first().waitFor();
      expect(await barriersOf(page), name).toEqual([]);
      await page.keyboard.press('Escape');
      await shownIn(page).waitFor({ state: 'detached' });
      const focused = await page.evaluate<string>('document.activeElement.tagName');
      expect(focused, `${name}: where the focus is afterwards`).toMatch(/^(BUTTON|A)$/);
    }
    await page.close();
  });
});
