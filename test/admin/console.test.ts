/** A colleague at the console: finds an order, changes its address with a diff and a reason, and the change is in the history at once. */
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminHandler } from '@sillok/admin';
import { sillok, type Logger } from '@sillok/node';
import type { AxeResults } from 'axe-core';
import pg from 'pg';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../lib/console.js';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';
import { BASE, makeTables, SECRET, shopAdmin } from './shop.js';

const missing = postgresMissing ?? (chromiumPath === undefined ? 'needs chromium' : undefined);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(missing !== undefined)('entities and actions in the console', () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let folder = '';
  let logger: Logger;
  let server: TestServer;
  let shop: Server;
  let browser: Browser;
  const keys: Record<string, string> = {};
  /** Items of a script that may be written, and how those that wait hear of more. */
  let allowed = Number.POSITIVE_INFINITY;
  let taken = 0;
  const more = new EventEmitter();
  more.setMaxListeners(0);

  async function turn(): Promise<void> {
    while (taken >= allowed) await once(more, 'more');
    taken += 1;
  }

  function allow(count: number): void {
    allowed = count;
    more.emit('more');
  }

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 8 });
    pool.on('error', () => undefined);
    await makeTables(pool);
    folder = mkdtempSync(join(tmpdir(), 'sillok-admin-'));
    let listener: RequestListener = (_request, response) => response.end();
    shop = createServer((request, response) => listener(request, response));
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    // Bound to an address, so it is no pipe.
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}${BASE}`;
    const file = join(folder, 'services.json');
    const services = [{ name: 'shop', title: '가게', url, secret: SECRET, private: true }];
    writeFileSync(file, JSON.stringify({ services }));
    server = await startTestServer({ SILLOK_ADMIN_SERVICES: file });
    logger = sillok({
      service: 'shop',
      url: server.url,
      key: server.key,
      spoolDirectory: join(folder, 'spool'),
      stdout: 'none',
      captureFatal: false,
    });
    process.env['SILLOK_SCRIPTS_DIR'] = join(folder, 'scripts');
    const { admin, createTables } = shopAdmin(pool, logger, turn);
    await createTables();
    listener = adminHandler(admin, { base: BASE });
    for (const name of ['write', 'admin', 'other']) {
      const scopes = [name === 'other' ? 'admin' : name];
      const made = await server.post('/api/keys', JSON.stringify({ name, scopes }), {
        'content-type': 'application/json',
      });
      keys[name] = String(JSON.parse(await made.text()).key);
    }
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
    shop.close();
    await logger.close();
    await pool.end();
    await postgres.stop();
    delete process.env['SILLOK_SCRIPTS_DIR'];
    rmSync(folder, { recursive: true, force: true });
  });

  async function signedInAs(name: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      locale: 'ko-KR',
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => expect(error.message).toBe(''));
    await page.goto(server.url);
    await page.getByLabel(/^(Key|키)$/).fill(keys[name] ?? '');
    await page.getByRole('button', { name: /^(Sign in|로그인)$/ }).click();
    await page.locator('.frame').waitFor();
    return page;
  }

  async function openOrder(page: Page, id: string): Promise<void> {
    await page.locator('.rail').getByRole('link', { name: '업무 데이터' }).click();
    await page.getByRole('link', { name: '주문', exact: true }).click();
    await page.getByRole('searchbox', { name: '주문 검색' }).fill(`tea ${id}`);
    await page.getByRole('button', { name: '검색', exact: true }).click();
    await page
      .getByRole('row', { name: new RegExp(`tea ${id} `) })
      .getByRole('link', { name: '열기' })
      .click();
    await page.getByRole('heading', { level: 1, name: `주문 ${id}` }).waitFor();
  }

  async function look(page: Page, name: string): Promise<void> {
    const shots = process.env['SILLOK_SCREENSHOTS'];
    if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(wide, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
  }

  test('a colleague changes an address, sees the difference first, and the change in the history at once', async () => {
    const page = await signedInAs('write');
    await openOrder(page, '12');
    await look(page, 'entity');
    // What the definition calls it.
    await page.getByText('금액', { exact: true }).waitFor();
    expect(await page.getByText('010-1234-0012').count()).toBe(0);
    await page.getByRole('button', { name: '주소 변경' }).click();
    await page.getByLabel('City').fill('부산');
    await page.getByLabel('zip').fill('48058');
    await look(page, 'form');
    await page.getByRole('button', { name: '바뀔 내용 보기' }).click();
    await page.getByRole('dialog').getByRole('cell', { name: '서울' }).waitFor();
    await look(page, 'difference');
    // Who goes back finds what they filled in.
    await page.getByRole('button', { name: '다시 입력' }).click();
    expect(await page.getByLabel('City').inputValue()).toBe('부산');
    await page.getByRole('button', { name: '바뀔 내용 보기' }).click();
    await page.getByRole('dialog').getByRole('cell', { name: '서울' }).waitFor();
    // Without the reason that this action wants, nothing is sent.
    await page.getByRole('button', { name: '확인하고 실행' }).click();
    expect((await pool.query('SELECT address FROM orders WHERE id = 12')).rows[0].address.city).toBe('서울');
    await page.getByRole('textbox', { name: '사유' }).fill('고객 요청, 이사');
    await page.getByRole('button', { name: '확인하고 실행' }).click();
    const history = page.getByRole('region', { name: '이력' });
    await history.getByText('고객 요청, 이사').waitFor();
    await history.getByRole('cell', { name: '부산' }).waitFor();
    await page.getByText('소유자 역할이 있어야 합니다').waitFor();
    await look(page, 'history');
    await page.getByRole('link', { name: '전체 이력' }).click();
    const change = page.locator('.change').filter({ hasText: '고객 요청, 이사' });
    // A person of ours is behind it, and the way back to where it was done.
    await change.getByRole('link', { name: /님이 이 콘솔에서 함: 업무 데이터/ }).click();
    await page.getByRole('heading', { name: /12$/ }).waitFor();
    expect((await pool.query('SELECT address FROM orders WHERE id = 12')).rows[0].address.city).toBe('부산');
    await page.close();
  });

  test('one who was slower is shown what the action would do now, and nothing is done before', async () => {
    const page = await signedInAs('write');
    await openOrder(page, '13');
    await page.getByRole('button', { name: '주소 변경' }).click();
    await page.getByLabel('City').fill('대구');
    await page.getByLabel('zip').fill('41585');
    await page.getByRole('button', { name: '바뀔 내용 보기' }).click();
    await page.getByRole('textbox', { name: '사유' }).fill('x');
    await pool.query(`UPDATE orders SET address = '{"city":"광주","zip":"61945"}' WHERE id = 13`);
    await page.getByRole('button', { name: '확인하고 실행' }).click();
    await page.getByText('보신 뒤에 내용이 바뀌었습니다').waitFor();
    await page.getByRole('dialog').getByRole('cell', { name: '광주' }).waitFor();
    expect((await pool.query('SELECT address FROM orders WHERE id = 13')).rows[0].address.city).toBe('광주');
    await page.getByRole('button', { name: '확인하고 실행' }).click();
    await page.getByRole('region', { name: '이력' }).getByRole('cell', { name: '대구' }).waitFor();
    await page.close();
  });

  test('a refund waits for a second person, who sees what is asked and approves it on a phone', async () => {
    const page = await signedInAs('write');
    await openOrder(page, '14');
    await page.getByRole('button', { name: '환불' }).click();
    await page.getByLabel('amount').fill('1000');
    await page.getByRole('button', { name: '바뀔 내용 보기' }).click();
    await page.getByRole('textbox', { name: '사유' }).fill('배송 지연');
    await page.getByRole('button', { name: '승인 요청' }).click();
    await page.getByText('다른 사람이 승인해야 합니다').waitFor();
    expect((await pool.query('SELECT state FROM orders WHERE id = 14')).rows[0].state).toBe('paid');
    await page.close();
    const other = await signedInAs('admin', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await other.goto(`${server.url}/admin`);
    const row = other.getByRole('row', { name: /환불.*배송 지연/ });
    await row.waitFor();
    await look(other, 'requests');
    await row.getByRole('button', { name: '승인' }).click();
    await other.getByRole('dialog').getByRole('button', { name: '승인' }).click();
    await row.waitFor({ state: 'detached' });
    expect((await pool.query('SELECT state FROM orders WHERE id = 14')).rows[0].state).toBe('refunded');
    await other.goto(`${server.url}/admin/shop/order/14`);
    await other.getByText('010-1234-0014').waitFor();
    await other.getByText('It was refunded before.').waitFor();
    await look(other, 'phone');
    await other.close();
  });

  test('a script is tried first, and applies exactly what was seen', async () => {
    const sum = async (): Promise<number> =>
      Number((await pool.query('SELECT sum(amount) AS n FROM orders WHERE id > 40')).rows[0].n);
    const before = await sum();
    const page = await signedInAs('write');
    await page.locator('.rail').getByRole('link', { name: '스크립트' }).click();
    await page.getByRole('button', { name: '시험 실행', exact: true }).click();
    await page.getByLabel('per cent').fill('10');
    await page.getByRole('button', { name: '시험 실행 시작' }).click();
    await page.getByRole('heading', { name: '변경 5건' }).waitFor();
    await page
      .getByRole('table', { name: 'order/41' })
      .or(page.getByRole('region', { name: 'order/41' }))
      .first()
      .waitFor();
    expect(await sum()).toBe(before);
    await look(page, 'script');
    // The data moves on: the plan is not what was seen any more.
    await pool.query('UPDATE orders SET amount = amount + 100 WHERE id = 45');
    await page.getByRole('textbox', { name: '사유' }).fill('세율 변경');
    await page.getByRole('button', { name: '이 계획을 실행' }).click();
    await page.getByText('The data has moved on').waitFor();
    expect(await sum()).toBe(before + 100);
    await page.getByRole('link', { name: '모든 스크립트' }).click();
    await page.getByRole('button', { name: '시험 실행', exact: true }).click();
    await page.getByLabel('per cent').fill('10');
    await page.getByRole('button', { name: '시험 실행 시작' }).click();
    await page.getByRole('textbox', { name: '사유' }).fill('세율 변경');
    await page.getByRole('button', { name: '이 계획을 실행' }).click();
    await page.getByRole('status').getByText('실제 실행').waitFor();
    await page.getByRole('status').getByText('끝남', { exact: true }).waitFor();
    expect(await sum()).toBe(Math.round((before + 100) * 1.1));
    await page.getByRole('link', { name: '모든 스크립트' }).click();
    await page.getByRole('cell', { name: /write/ }).first().waitFor();
    await look(page, 'scripts');
    await page.close();
  });

  test('a script of four eyes is approved by a second person, paused, let go on and stopped by a click', async () => {
    const marks = async (): Promise<number> =>
      Number((await pool.query('SELECT sum(marks) AS n FROM orders')).rows[0].n);
    const marked = (count: number): Promise<void> =>
      until(`${count} are marked`, 60_000, async () => (await marks()) === count);
    allow(5);
    const page = await signedInAs('admin');
    await page.locator('.rail').getByRole('link', { name: '스크립트' }).click();
    const item = page.getByRole('listitem').filter({ hasText: 'mark-orders' });
    await item.getByText('다른 사람의 승인 필요').waitFor();
    await item.getByRole('button', { name: '시험 실행', exact: true }).click();
    await page.getByRole('button', { name: '시험 실행 시작' }).click();
    await page.getByRole('heading', { name: '변경 45건' }).waitFor();
    await page.getByRole('textbox', { name: '사유' }).fill('분기 정리');
    await page.getByRole('button', { name: '승인 요청' }).click();
    const status = page.getByRole('status');
    await status.getByText('승인 대기').waitFor();
    await look(page, 'script-requested');
    // Who asked may take it back, and not approve it.
    expect(await page.getByRole('button', { name: '승인', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: '반려' }).waitFor();
    await page.close();
    expect(await marks()).toBe(0);

    const other = await signedInAs('other');
    await other.locator('.rail').getByRole('link', { name: '스크립트' }).click();
    await other
      .getByRole('row', { name: /mark-orders.*승인 대기/ })
      .getByRole('link', { name: '열기' })
      .click();
    await other.getByText('분기 정리').waitFor();
    await other.getByRole('heading', { name: '변경 45건' }).waitFor();
    await other.getByRole('button', { name: '승인', exact: true }).click();
    await look(other, 'script-approve');
    await other.getByRole('dialog').getByRole('button', { name: '승인', exact: true }).click();
    const state = other.getByRole('status');
    await state.getByText('실행 중').waitFor();
    await marked(5);

    await other.getByRole('button', { name: '일시 정지' }).click();
    await state.getByText('일시 정지').waitFor();
    await look(other, 'script-paused');
    // What has begun is brought to its end, and nothing else begins.
    allow(10);
    await state.getByText('완료 6').waitFor();
    expect(await marks()).toBe(6);
    await other.getByRole('button', { name: '이어서 실행' }).click();
    await marked(10);
    await other.getByRole('button', { name: '멈추기' }).click();
    await until('it was told', 60_000, async () => {
      const { records } = await server.search({ q: 'event.name:script.stopped', limit: '1' });
      return records.length > 0;
    });
    allow(Number.POSITIVE_INFINITY);
    await state.getByText('멈춤').waitFor();
    expect(await marks()).toBe(11);
    await other.getByRole('button', { name: '이어서 실행' }).click();
    await other.getByRole('dialog').getByRole('button', { name: '이어서 실행' }).click();
    await state.getByText('끝남', { exact: true }).waitFor();
    const { rows } = await pool.query('SELECT id FROM orders WHERE marks <> 1');
    expect(rows).toEqual([]);
    await other.getByText(/admin \(.*\) · .*other \(.*\) 승인/).waitFor();
    const { changes } = await server.get<{ changes: { action: string; actor: { name: string } }[] }>(
      '/api/audit?entity=script/mark-orders',
    );
    expect(changes.map(({ action, actor }) => `${action} ${actor.name}`).toReversed()).toEqual([
      'script.plan admin',
      'script.apply.requested admin',
      'script.apply other',
      'script.resume other',
    ]);
    await other.close();
  });
});
