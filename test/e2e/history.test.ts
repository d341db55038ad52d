/**
 * A colleague who knows only the console finds who changed an order's address yesterday, from what to what, in at most three
 * clicks; the monthly review is signed off; and nothing that a record says is run as a program.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { invited } from '../lib/accounts.js';
import { chromiumPath, launchChromium, openPage, signedIn } from '../lib/console.js';
import { signInByHand, type Account } from '../lib/journey.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { cliPath, startTestServer, until, type TestServer } from '../lib/server.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const run = promisify(execFile);
const HOSTILE = '<img src=x onerror=alert(1)>';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
/** Of what the page shows when the server has answered. */
const PATIENCE = { timeout: 30_000 };
const DAY_MS = 86_400_000;
const yesterdayMs = Date.now() - DAY_MS - 3_600_000;

let server: TestServer;
let browser: Browser;
let colleague: Account;

function entry(id: string, more: object = {}): object {
  return {
    id,
    action: 'order.change_address',
    entity: { type: 'order', id: '1042', version: 4 },
    actor: { type: 'admin', id: 'kim' },
    time: new Date(yesterdayMs).toISOString(),
    ...more,
  };
}

const noise = Array.from({ length: 60 }, (_, index) =>
  entry(`n-${index}`, {
    action: 'product.delete',
    entity: { type: 'product', id: String(index) },
    actor: { type: 'user', id: 'park' },
    customer: 'acme',
    time: new Date(yesterdayMs + 1000 * index).toISOString(),
  }),
);

async function post(entries: readonly object[]): Promise<void> {
  const body = JSON.stringify({ service: { name: 'shop', version: '3.2' }, entries });
  const response = await server.post('/v1/audit', body, { 'content-type': 'application/json' });
  expect(response.status, await response.text()).toBe(200);
}

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  colleague = await invited(server, { email: 'agent@example.com', role: 'viewer' });
  await post([
    entry('c-1', { outcome: 'intent', trace_id: TRACE }),
    entry('c-1', {
      trace_id: TRACE,
      reason: HOSTILE,
      subject: 'u1_person',
      before: { address: { city: '서울', zip: '04524' } },
      after: { address: { city: '부산', zip: '48058' } },
    }),
    entry('c-2', { action: 'order.read', actor: { type: 'admin', id: 'lee' }, subject: 'u1_person' }),
    entry('c-3', {
      action: 'member.export',
      entity: { type: 'member', id: 'all' },
      actor: { type: 'admin', id: 'choi' },
      time: '2026-10-06T14:30:00Z',
    }),
  ]);
  await post(noise);
  const click = {
    kind: 'event',
    message: 'button Save',
    trace_id: TRACE,
    span_id: '00f067aa0ba902b7',
    attributes: {
      event: { name: 'browser.click' },
      browser: { element: { name: 'Save address' } },
      url: { path: '/admin/orders/1042' },
    },
  };
  const lines = [recordLine(1, timeAt(yesterdayMs - 50, 0), click)];
  await postUntilTaken(server, { producer: 'page', boot: 'b' }, lines);
  await server.waitFor({ q: 'kind:event', from: '-3d' }, 1);
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function seriousOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}

const wideOf = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

/** An auditor takes the receipt to a machine that knows nothing but the verifier. */
async function proves(page: Page): Promise<void> {
  await page.getByRole('button', { name: '증명' }).click();
  await page.getByText(/서명된 원장의 \d+건 중 \d+번째 기록입니다/).waitFor();
  const begun = page.waitForEvent('download');
  await page.getByRole('link', { name: '영수증' }).click();
  const receipt = await (await begun).path();
  const verifier = join(mkdtempSync(join(tmpdir(), 'sillok-auditor-')), 'verifier');
  const headers = { authorization: `Bearer ${server.key}` };
  writeFileSync(verifier, await (await fetch(`${server.url}/api/audit/verifier`, { headers })).text());
  const checked = await run(process.execPath, [
    cliPath,
    'audit',
    'check-receipt',
    receipt,
    '--verifier',
    verifier,
  ]);
  expect(checked.stdout).toContain('the log contains every entry of this receipt');
  rmSync(dirname(verifier), { recursive: true });
}

test.skipIf(chromiumPath === undefined)(
  'who changed an order’s address yesterday is found in three clicks, with the click behind it (needs chromium)',
  { timeout: 120_000 },
  async () => {
    const hands = await signInByHand(browser, {
      ...{ link: server.url, account: colleague, options: { locale: 'ko-KR' } },
    });
    const { page } = hands;
    await hands.clicks();
    await openPage(page, '변경 이력');
    await page.getByRole('searchbox').fill('1042');
    await page.getByRole('button', { name: '찾기' }).click();
    const card = page.locator('.change');
    await card.first().waitFor();
    // It is there by now; the page itself has counted, and it was nowhere without a click or a key.
    const clicks = await hands.clicks();
    expect(clicks).toBeGreaterThan(0);
    expect(clicks).toBeLessThanOrEqual(3);
    await expect.poll(() => card.count(), PATIENCE).toBe(1);
    const text = (await card.innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('동료 kim 완료');
    expect(text).toContain('주문 1042 주소 변경');
    expect(text).toContain('address.city 서울 부산');
    expect(text).toContain('/admin/orders/1042 화면에서 “Save address” 누름');
    expect(text).toContain(HOSTILE);
    await proves(page);
    await page.getByRole('link', { name: '주문 1042' }).click();
    await page.getByRole('heading', { level: 1, name: '변경 이력: 주문 1042' }).waitFor();
    // The entity's page also says who looked.
    await expect.poll(() => card.count(), PATIENCE).toBe(2);
    await page.getByRole('link', { name: '요청 열기' }).click();
    await page.waitForURL(`**/trace/${TRACE}`);
    await hands.close();
  },
);

/** What a click on a link saves. */
async function savedBy(page: Page, link: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: link, exact: true }).click(),
  ]);
  return readFileSync(await download.path(), 'utf8');
}

test.skipIf(chromiumPath === undefined)(
  'from a change clicks lead to all of the colleague, the customer and the company, and to a file (needs chromium)',
  { timeout: 120_000 },
  async () => {
    const hands = await signInByHand(browser, {
      ...{ link: server.url, account: colleague, options: { acceptDownloads: true } },
    });
    const { page } = hands;
    const cards = page.locator('.change');
    const heads = async (): Promise<string[]> =>
      (await page.locator('.change-head').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    await openPage(page, 'Who changed what');
    await page.getByRole('searchbox').fill('1042');
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByText('version 4').first().waitFor();

    await page.getByRole('link', { name: 'colleague kim' }).click();
    await page.waitForURL('**/history?actor=kim*');
    await page.locator('strong.chip', { hasText: 'kim' }).waitFor();
    await expect.poll(heads, PATIENCE).toEqual([expect.stringContaining('colleague kim')]);
    expect(JSON.parse(await savedBy(page, 'CloudEvents'))).toEqual([
      expect.objectContaining({
        specversion: '1.0',
        type: 'sillok.audit.order.change_address',
        subject: 'order/1042',
      }),
    ]);

    await page.getByRole('link', { name: 'About this customer' }).click();
    await page.waitForURL('**/history?*person=*');
    await page.getByLabel('Show', { exact: true }).selectOption('with');
    // Who changed their data, and who looked at it.
    await expect.poll(heads, PATIENCE).toHaveLength(2);
    expect((await heads()).join()).toMatch(/kim[\s\S]*lee|lee[\s\S]*kim/);
    const csv = await savedBy(page, 'CSV');
    expect(csv).toContain('address.city');
    expect(csv).toContain('부산');

    await page.getByRole('link', { name: 'Show all' }).click();
    await page.getByRole('searchbox').fill('park');
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByRole('link', { name: 'Company acme' }).first().click();
    await page.getByRole('region', { name: 'Who did it' }).getByText('customer park').waitFor();
    await expect.poll(() => cards.count(), PATIENCE).toBe(30);
    await hands.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a company’s deletions stand out by person, and older changes are a button away (needs chromium)',
  { timeout: 120_000 },
  async () => {
    const page = await signedIn(browser, server);
    await page.goto(`${server.url}/history?customer=acme`);
    const table = page.getByRole('region', { name: 'Who did it' });
    await table.getByText('customer park').waitFor();
    expect(await table.locator('tbody tr').first().innerText()).toMatch(/customer park\s+60\s+60\s+0\s+0/);
    await expect.poll(() => page.locator('.change').count(), PATIENCE).toBe(30);
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await expect.poll(() => page.locator('.change').count(), PATIENCE).toBe(60);
    expect(await page.getByRole('button', { name: 'Show older ones' }).count()).toBe(0);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'the review of a month names what is unusual and is signed off (needs chromium)',
  { timeout: 120_000 },
  async () => {
    const page = await signedIn(browser, server);
    await openPage(page, 'Access review');
    await page.getByLabel('Month').selectOption('2026-10');
    await page.getByText('took data out').waitFor();
    await page.getByLabel('What did you look at').fill('asked choi: a report for the auditor');
    await page.getByRole('button', { name: 'Sign off' }).click();
    await page.getByText('Signed off. It is in the audit trail.').waitFor();
    await until('the sign-off is in the trail', 30_000, async () => {
      await page.reload();
      await page.locator('.table').waitFor();
      return (await page.getByText('asked choi').count()) > 0;
    });
    await page.close();
  },
);

const looks = [
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark, Korean', options: { colorScheme: 'dark', locale: 'ko-KR' } },
  { name: 'phone', options: { viewport: { width: 390, height: 844 } } },
] as const;

test.skipIf(chromiumPath === undefined).each(looks)(
  'no page of histories has a serious barrier: $name (needs chromium)',
  { timeout: 120_000 },
  async ({ options }) => {
    const page = await signedIn(browser, server, options);
    for (const path of ['/history/order/1042', '/history?customer=acme', '/review?month=2026-10']) {
      await page.goto(`${server.url}${path}`);
      await page.locator('.change, .table').first().waitFor();
      expect(await seriousOf(page), path).toEqual([]);
      expect(await wideOf(page), `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    }
    await page.close();
  },
);
