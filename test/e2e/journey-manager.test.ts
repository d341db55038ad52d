/**
 * A manager on Monday, by clicks and keys only: the report with a number of the business database, windows made comparable, one
 * customer for every panel, what got slower, rows for a spreadsheet, a costly panel that is cancelled for real, the review of
 * accesses, and a report of their own that comes by itself.
 */
import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { invited } from '../lib/accounts.js';
import { chromiumPath, launchChromium, openPage, runQuery } from '../lib/console.js';
import { Journey, JOURNEY_RUNS, signInByHand, type Account } from '../lib/journey.js';
import { postgresMissing } from '../lib/postgres.js';
import { until } from '../lib/server.js';
import { LEDGER_ROWS, Monday } from './fixtures/monday.js';

const isSkipped = chromiumPath === undefined || postgresMissing !== undefined;
const needs = `(needs chromium${postgresMissing === undefined ? '' : `, ${postgresMissing}`})`;
const MINUTE_MS = 60_000;
/** 43,200 in one week against 20,000 in the five before; in CI a hundredth of both. */
const SCALE = JOURNEY_RUNS > 1 ? 100 : 1;
const NUMBERS = { now: 432 * SCALE, before: 200 * SCALE };
const shownNow = NUMBERS.now.toLocaleString('en-US');
const monday = new Monday();
let browser: Browser;
let manager: Account;

beforeAll(async () => {
  if (isSkipped) return;
  await monday.start(NUMBERS);
  manager = await invited(monday, { email: 'manager@shop.example', role: 'admin' });
  browser = await launchChromium();
}, 10 * MINUTE_MS);
afterAll(async () => {
  await browser?.close();
  await monday.stop();
});

const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

const bigNumber = (panel: Locator, value: number): Locator =>
  panel.locator('.big-number').filter({ hasText: new RegExp(`^${value.toLocaleString('en-US')}(\\D|$)`) });

async function readsTheReport(journey: Journey, page: Page): Promise<void> {
  await openPage(page, 'Reports');
  await journey.step(
    'the weekly report, a number of the business database in it',
    async () => {
      await page.getByRole('link', { name: 'Monday' }).click();
      await region(page, 'Revenue').getByText('44,000').waitFor();
    },
    2_000,
  );
  const requests = await region(page, 'Requests').innerText();
  expect(requests).toContain(shownNow);
  // 20,000 in five weeks against 43,200 in one: the weeks before count as one.
  expect(requests).toContain('×10.8');
  expect(requests).toContain(`Calls ${shownNow} · People 40`);
  // 20 sales in five weeks are 4 in one.
  expect(await region(page, 'Revenue').innerText()).toContain('×11');
}

async function choosesOneCustomer(journey: Journey, page: Page): Promise<void> {
  await openPage(page, 'Dashboards');
  await page.getByRole('link', { name: 'Shop' }).click();
  const [number, list] = [region(page, 'Requests'), region(page, 'By customer')];
  await bigNumber(number, NUMBERS.now).waitFor();
  await list.getByText('beta').waitFor();
  const chart = region(page, 'Over time');
  await chart.getByText('beta').first().waitFor();
  await journey.step(
    'one customer, and every panel follows',
    async () => {
      await page.getByRole('textbox', { name: 'Customer' }).fill('acme');
      await bigNumber(number, NUMBERS.now / 4).waitFor();
      await list.getByText('beta').waitFor({ state: 'detached' });
      await chart.getByText('beta').first().waitFor({ state: 'detached' });
    },
    2_000,
  );
  await list.getByText('acme').waitFor();
}

async function seesWhatGotSlower(journey: Journey, page: Page): Promise<void> {
  const worse = page.locator('.trend-cards .card').filter({ hasText: 'GET /slower' });
  await journey.step(
    'what got slower over the quarter, and when it will hurt',
    async () => {
      await openPage(page, 'Trends');
      await worse.waitFor();
    },
    2_000,
  );
  expect(await worse.innerText()).toMatch(/gets slower[\s\S]*reaches the limit around/);
  expect(await page.locator('.trend-cards').getByText('/steady').count()).toBe(0);
}

async function takesRows(journey: Journey, page: Page): Promise<void> {
  await openPage(page, 'Search');
  await runQuery(page, 'service.name:ledger');
  await page.getByText('200 records shown').waitFor();
  let text = '';
  await journey.step(
    `${LEDGER_ROWS} rows as CSV`,
    async () => {
      await page.getByRole('button', { name: 'Export' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('10,000 records match.').waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        dialog.getByRole('link', { name: 'Export' }).click(),
      ]);
      text = readFileSync(await download.path(), 'utf8');
    },
    2_000,
  );
  const rows = text.trim().split('\n');
  expect(rows).toHaveLength(LEDGER_ROWS + 1);
  expect(rows.filter((row) => row.includes('HYPERLINK'))).toHaveLength(LEDGER_ROWS);
  expect(rows.filter((row) => /(^|,)"?=HYPERLINK/.test(row))).toEqual([]);
}

async function cancelsACostlyOne(journey: Journey, page: Page): Promise<void> {
  await openPage(page, 'Dashboards');
  const panel = region(page, 'Everything');
  await journey.step(
    'a costly panel shows its estimate first',
    async () => {
      await page.getByRole('link', { name: 'Costly' }).click();
      await panel.getByText(/^This panel reads about [\d.,]+ ?[Mm] rows/).waitFor();
    },
    1_000,
  );
  // The estimate tried a piece of it, which ends by itself; the whole would go on for minutes.
  await until('nothing of it runs', 5_000, async () => (await monday.costlyOnes()) === 0);
  await panel.getByRole('button', { name: 'Run it' }).click();
  await until('it runs in the engine', 20_000, async () => (await monday.costlyOnes()) === 1);
  await journey.step(
    'and is cancelled for real',
    async () => {
      await panel.getByRole('button', { name: 'Cancel' }).click();
      await panel.getByText('Cancelled. Nothing of it runs any more.').waitFor();
    },
    2_000,
  );
  // What the page says is so: the engine's own list has none of it.
  expect(await monday.costlyOnes()).toBe(0);
}

async function signsTheReview(journey: Journey, page: Page, note: string): Promise<void> {
  await journey.step(
    'the monthly review, signed off',
    async () => {
      await openPage(page, 'Access review');
      await page.getByText('took data out').waitFor();
      await page.getByLabel('What did you look at').fill(note);
      await page.getByRole('button', { name: 'Sign off' }).click();
      await page.getByText('Signed off. It is in the audit trail.').waitFor();
    },
    5 * MINUTE_MS,
  );
  await until('the sign-off is audited itself', 30_000, async () => {
    const trail = await monday.get<{ changes: object[] }>('/api/audit?from=-1h');
    return JSON.stringify(trail.changes).includes(note);
  });
}

test.skipIf(isSkipped)(
  `a Monday: report, one customer, what got slower, rows, a cancel, the review ${needs}`,
  { timeout: 240_000 * JOURNEY_RUNS },
  async () => {
    const journey = new Journey('A manager on Monday');
    for (let run = 0; run < JOURNEY_RUNS; run += 1) {
      const hands = await signInByHand(browser, {
        ...{ link: monday.url, account: manager, options: { acceptDownloads: true } },
        signsIn: (act) => journey.step('signed in', act, 5_000),
      });
      const { page } = hands;
      await readsTheReport(journey, page);
      await choosesOneCustomer(journey, page);
      await seesWhatGotSlower(journey, page);
      await takesRows(journey, page);
      await cancelsACostlyOne(journey, page);
      await signsTheReview(journey, page, `asked choi, an auditor's report, ${run}`);
      await hands.close();
    }
    journey.report();
  },
);

/** Cron for every day at the minute of a moment. */
async function makesAReport(page: Page, dueMs: number): Promise<void> {
  await openPage(page, 'Reports');
  await page.getByRole('button', { name: 'New report' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Mine');
  await page.getByRole('spinbutton', { name: 'Days before' }).fill('35');
  await page.getByRole('button', { name: 'Add a card' }).click();
  const fields = page.locator('fieldset').last();
  await fields.getByLabel('Title').fill('Sales');
  await fields.getByLabel('Search').fill('service.name:shop kind:access customer.id:acme');
  await page.getByLabel('Comes').selectOption({ label: 'every day' });
  await page.getByLabel('At', { exact: true }).fill(new Date(dueMs).toISOString().slice(11, 16));
  await page.getByLabel('Time zone').fill('UTC');
  await page.getByLabel('#team').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await bigNumber(region(page, 'Sales'), NUMBERS.now / 4).waitFor();
}

interface Kept {
  readonly name: string;
  readonly last: { readonly at: string; readonly sent_at: string | null; readonly state: string } | null;
}

test.skipIf(isSkipped)(
  `the first report of one’s own, and it comes by itself within a minute of its time ${needs}`,
  { timeout: 240_000 },
  async () => {
    const journey = new Journey('A manager’s own report');
    const hands = await signInByHand(browser, { link: monday.url, account: manager });
    // The minute after the next hour's quarter: not due while it is being made, however slow the machine is.
    const dueMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS + 20 * MINUTE_MS;
    await journey.step('made', () => makesAReport(hands.page, dueMs), 15 * MINUTE_MS);
    expect(monday.hook.texts('/team')).toEqual([]);
    monday.aheadMs = dueMs - Date.now();
    const kept = async (): Promise<Kept['last']> => {
      const { reports } = await monday.get<{ reports: Kept[] }>('/api/reports');
      return reports.find(({ name }) => name === 'Mine')?.last ?? null;
    };
    await until('it came', MINUTE_MS, async () => (await kept())?.state === 'sent');
    monday.aheadMs = 0;
    // Alerts come there, too: to them twenty minutes have passed in silence.
    const mine = monday.hook.texts('/team').filter((text) => text.includes('Mine'));
    expect(mine).toEqual([expect.stringMatching(/Mine[\s\S]*Sales: \d/)]);
    // By the clock that it was sent by.
    const last = await kept();
    expect(last?.at).toBe(new Date(dueMs).toISOString());
    const lateMs = Date.parse(last?.sent_at ?? '') - dueMs;
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(MINUTE_MS);
    journey.report();
    await hands.close();
  },
);
