/**
 * A manager on Monday: the report of their own, windows made comparable, one customer for every number, the message that comes by
 * itself, and rows for a spreadsheet. (Endpoints that got slower: test/e2e/console-weeks.test.ts. A costly panel that shows its
 * estimate and cancels: test/e2e/console-reading.test.ts and the tests of panels.)
 */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { Journey } from '../lib/journey.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const DAY_MS = 86_400_000;
/** A hundredth of 43,200 in one week against 20,000 in the five before. */
const [NOW, BEFORE, BEFORE_DAYS] = [432, 200, 35];
const hook = new HookSink();
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  const url = await hook.start();
  server = await startTestServer({ SILLOK_ALLOW_PRIVATE_TARGETS: '1', SILLOK_RETENTION_ACCESS_DAYS: '0' });
  const target = { kind: 'slack_webhook', name: '#team', url: `${url}/team`, language: 'en' };
  const json = { 'content-type': 'application/json' };
  expect((await server.post('/api/alert-targets', JSON.stringify(target), json)).status).toBe(201);
  await sell();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  hook.stop();
});

/** Requests of two customers; every tenth one is a sale that the business database told. */
async function sell(): Promise<void> {
  const now = Date.now() - 60_000;
  const record = (index: number, ms: number): string =>
    recordLine(index + 1, timeAt(ms, index), {
      ...{ kind: 'access', message: index % 10 === 0 ? '=HYPERLINK("http://evil.example")' : 'GET /shop' },
      user_hash: `person-${index % 40}`,
      attributes: {
        ...{ 'customer.id': index % 4 === 0 ? 'acme' : 'beta', 'http.route': '/shop' },
        ...(index % 10 === 0 && { sale: { amount: 1_000 } }),
      },
    });
  const spread = (count: number, days: number, before: number) =>
    Array.from({ length: count }, (_, index) => now - before * DAY_MS - (index / count) * days * DAY_MS);
  const times = [...spread(NOW, 6.9, 0), ...spread(BEFORE, BEFORE_DAYS - 0.2, 7.1)];
  const lines = times.map((ms, index) => record(index, ms));
  await postUntilTaken(server, { producer: 'shop', boot: 'b', service: 'shop' }, lines);
  await until('the weeks can be searched', 60_000, async () => {
    const query = new URLSearchParams({ q: 'service.name:shop | stats count()' });
    return (await server.get<{ rows: number[][] }>(`/api/search?${query}`)).rows[0]?.[0] === NOW + BEFORE;
  });
}

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** Cron for every day at the minute of a moment. */
function dailyIn(ms: number): string {
  const at = new Date(ms);
  return `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
}

/** Makes the report's third number one of the business. */
async function addRevenue(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add a card' }).click();
  const fields = page.locator('fieldset').last();
  await fields.getByLabel('Title').fill('Revenue');
  await fields.getByLabel('Search').fill('kind:access has:sale.amount');
  await fields.getByLabel('Counts').selectOption({ label: 'Sum' });
  await fields.getByLabel('Field').fill('sale.amount');
}

test.skipIf(chromiumPath === undefined)(
  'a report of one’s own: comparable windows, one customer, and it comes by itself (needs chromium)',
  { timeout: 240_000 },
  async () => {
    const journey = new Journey('Manager on Monday');
    // Time enough to save it before.
    const soonMs = Date.now() + 90_000;
    const page = await signedIn(browser, server);
    await journey.step('the first report', async () => {
      await openPage(page, 'Reports');
      await page.getByRole('button', { name: 'New report' }).click();
      await page.getByRole('spinbutton', { name: 'Days before' }).fill(String(BEFORE_DAYS));
      await addRevenue(page);
      await page.getByLabel('Schedule (cron)').fill(dailyIn(soonMs));
      await page.getByLabel('Time zone').fill('UTC');
      await page.getByLabel('#team').check();
      await page.getByRole('button', { name: 'Save' }).click();
      await card(page, 'Requests').waitFor();
    });
    const requests = await card(page, 'Requests').innerText();
    expect(requests).toMatch(/432/);
    // Not 432 against 200: the weeks before count as one.
    expect(requests).toMatch(/×10\.8/);
    expect(requests).toMatch(/Calls 432 · People 40/);
    expect(await card(page, 'Revenue').innerText()).toMatch(/44,000/);
    await journey.step('it comes to the team by itself', async () => {
      await until('it came', 160_000, async () =>
        hook.texts('/team').some((text) => text.includes('Requests')),
      );
    });
    expect(hook.texts('/team')[0]).toMatch(/Requests: 432.*10\.8/);
    journey.report();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'one customer chosen on a dashboard: every panel follows (needs chromium)',
  async () => {
    const page = await signedIn(browser, server);
    await openPage(page, 'Dashboards');
    await page.getByRole('button', { name: 'New dashboard' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await card(page, 'Requests').locator('.big-number').waitFor();
    const total = card(page, 'Requests').locator('.big-number');
    const everybody = await total.innerText();
    await page.getByLabel('Customer').fill('acme');
    await until('the panel has followed', 30_000, async () => (await total.innerText()) !== everybody);
    const ofOne = Number.parseInt(await total.innerText(), 10);
    expect(ofOne).toBeGreaterThan(0);
    expect(ofOne).toBeLessThan(Number.parseInt(everybody, 10));
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'rows for a spreadsheet: counted first, and no cell that it would run (needs chromium)',
  async () => {
    const page = await signedIn(browser, server, { acceptDownloads: true });
    await openPage(page, 'Search');
    await page.getByRole('button', { name: /^Time range/ }).click();
    await page.getByRole('button', { name: 'Everything' }).click();
    await runQuery(page, 'service.name:shop');
    await page.getByText('200 records shown').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(new RegExp(`^${NOW + BEFORE} `)).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('link', { name: 'Export' }).click(),
    ]);
    const rows = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(rows).toHaveLength(NOW + BEFORE + 1);
    expect(rows.filter((row) => row.includes('HYPERLINK'))).not.toEqual([]);
    expect(rows.filter((row) => /(^|,)"?=HYPERLINK/.test(row))).toEqual([]);
    await page.close();
  },
);
