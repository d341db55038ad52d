/**
 * Every page of the console, opened as people do: by clicks, from the rail and from page to page. Each shows what it is for, no error,
 * and no serious barrier; how long it took until that was there is printed. The long form (`npm run soak -- journeys`) does it beside
 * five million records. A page that comes into the rail must be visited here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { invited } from '../lib/accounts.js';
import { barriersOf } from '../lib/axe.js';
import { chromiumPath, launchChromium, openPage, runQuery } from '../lib/console.js';
import { openByLink } from '../lib/hands.js';
import { Journey, JOURNEY_RUNS, signInByHand, type Account } from '../lib/journey.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';
import { runShop } from './fixtures/kakao-shop.js';

const AT_MOST_MS = 2_000;
const spools = mkdtempSync(join(tmpdir(), 'sillok-pages-'));
let server: TestServer;
let browser: Browser;
let admin: Account;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  // An alert that has resolved itself meanwhile is not in the list of open ones.
  server = await startTestServer({ SILLOK_ALERT_RESOLVE_SECONDS: '3600' });
  browser = await launchChromium();
  await runShop(server, spools);
  await sendCalls();
  admin = await invited(server, { email: 'admin@shop.example', role: 'admin' });
  const number = { id: 'n', title: 'All', kind: 'number', q: 'kind:access' };
  await post('/api/dashboards', { name: 'Board', panels: [number] });
  await post('/api/reports', { name: 'Weekly', cards: [{ title: 'Calls', q: '', measure: 'calls' }] });
  await until('what failed raised an alert', 90_000, async () => {
    const { alerts } = await server.get<{ alerts: object[] }>('/api/alerts');
    return alerts.length > 0;
  });
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  rmSync(spools, { recursive: true, force: true });
});

async function post(path: string, body: object): Promise<void> {
  const json = { 'content-type': 'application/json' };
  expect((await server.post(path, JSON.stringify(body), json)).status).toBe(201);
}

/** A page that asks the shop's till, twenty times. */
async function sendCalls(): Promise<void> {
  const ids = (index: number) => ({
    trace_id: index.toString(16).padStart(32, 'd'),
    ...{ global_trace_id: `story-${index}`, user_hash: `person-${index}` },
  });
  const access = { 'http.request.method': 'POST', 'http.response.status_code': 201, duration_ms: 9 };
  const each = (more: (index: number) => object): string[] =>
    Array.from({ length: 20 }, (_, index) =>
      recordLine(index + 1, timeAt(Date.now() - 60_000 + index, 0), { ...ids(index), ...more(index) }),
    );
  const spans = each(() => ({
    ...{ kind: 'span', message: 'POST', span_id: '1'.repeat(16) },
    attributes: { 'span.kind': 'client', 'server.address': 'till', duration_ms: 10 },
  }));
  const served = each(() => ({
    ...{ kind: 'access', message: 'POST /pay', span_id: '2'.repeat(16), parent_span_id: '1'.repeat(16) },
    attributes: { ...access, 'http.route': '/pay' },
  }));
  await postUntilTaken(server, { producer: 'front', boot: 'b', service: 'front' }, spans);
  await postUntilTaken(server, { producer: 'till', boot: 'b', service: 'till' }, served);
  await server.waitFor({ q: 'service.name:till', from: '-1h' }, 20);
}

interface Visit {
  readonly name: string;
  /** What a person clicks. Default: the name in the rail. */
  readonly act?: (page: Page) => Promise<void>;
  /** What the page is for. */
  readonly ready: (page: Page) => Locator;
}

const content = (page: Page): Locator => page.locator('#content');
const inContent = (selector: string) => (page: Page) => content(page).locator(selector).first();
const click = (selector: string) => (page: Page) => content(page).locator(selector).first().click();
const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name }).first();

async function finds(page: Page): Promise<void> {
  await page.getByRole('searchbox').fill('M-1001');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
}

/** In the order in which one leads to another. */
const visits: readonly Visit[] = [
  { name: 'Start', ready: inContent('.rows > *') },
  { name: 'Find a customer', ready: (page) => page.getByRole('searchbox') },
  { name: '… candidates', act: finds, ready: inContent('.candidate') },
  { name: '… the person', act: click('.candidate'), ready: inContent('.episode') },
  { name: '… what changed', act: () => Promise.resolve(), ready: inContent('.story-changes .change') },
  {
    name: '… their trace',
    act: (page) => page.getByRole('link', { name: 'Open the trace' }).first().click(),
    ready: (page) => page.getByText('Where it broke'),
  },
  {
    name: '… its story',
    act: (page) => page.getByRole('link', { name: 'As a story' }).click(),
    ready: inContent('.episode'),
  },
  { name: 'Search', ready: inContent('.row') },
  {
    name: '… a record',
    act: (page) => page.locator('.row').first().click(),
    ready: (page) => page.getByRole('complementary', { name: 'Record' }),
  },
  { name: 'Live', ready: (page) => page.getByText('following') },
  { name: 'Business data', ready: inContent('.empty') },
  { name: 'Errors', ready: inContent('.group') },
  { name: 'Who changed what', ready: inContent('.change') },
  {
    name: '… one entity',
    act: click('.change-what a'),
    ready: heading(/^What happened to/),
  },
  { name: 'Service map', ready: inContent('svg [role], svg g, .table') },
  { name: 'Endpoints', ready: inContent('.table tbody tr') },
  {
    name: '… one endpoint',
    act: (page) => page.getByRole('link', { name: 'POST /pay' }).first().click(),
    ready: (page) => page.getByRole('region', { name: 'Durations over time' }),
  },
  { name: 'Trends', ready: inContent('.trend-cards .card, .table, .empty') },
  { name: 'Patterns', ready: inContent('.template') },
  { name: 'Why different?', ready: (page) => page.getByRole('searchbox') },
  {
    // Beside millions of records whose errors have nothing in common there is no reason, and it says so.
    name: '… of all errors',
    act: (page) => runQuery(page, 'level:error'),
    ready: (page) => page.getByText(/^[\d,]+ (record|request)s? against [\d,]+ others?$/),
  },
  {
    name: '… of the shop’s errors',
    act: (page) => runQuery(page, 'service.name:shop level:error'),
    ready: inContent('.reason'),
  },
  { name: 'Retries', ready: (page) => page.getByRole('searchbox') },
  {
    name: '… of one service',
    async act(page) {
      await page.getByRole('searchbox').fill('service.name:till');
      await page.getByRole('button', { name: 'Examine' }).click();
    },
    ready: inContent('.card, .empty'),
  },
  { name: 'SQL', ready: (page) => page.getByText(/reads? (about )?[\d,]+ rows/) },
  {
    name: '… a statement',
    act: (page) => page.getByRole('button', { name: 'Run' }).click(),
    ready: inContent('.table tbody tr'),
  },
  { name: 'Debug sessions', ready: heading('Debug sessions') },
  { name: 'Alerts', ready: inContent('.alert-row') },
  { name: '… one alert', act: click('.alert-row'), ready: inContent('.alert-title') },
  { name: 'Dashboards', ready: inContent('.dashboard-card') },
  {
    name: '… one dashboard',
    act: click('.dashboard-card:has-text("Board")'),
    ready: inContent('.big-number'),
  },
  { name: 'Reports', ready: inContent('.card') },
  { name: '… one report', act: click('.cards > *'), ready: inContent('.big-number') },
  { name: 'Scripts', ready: inContent('.empty') },
  { name: 'Access review', ready: inContent('.table, .empty') },
  { name: 'People and keys', ready: inContent('.table') },
  ...['Keys', 'Sessions', 'Changed settings'].map((tab) => ({
    name: `… ${tab}`,
    act: (page: Page) => page.locator('.tabs').getByRole('link', { name: tab }).click(),
    ready: inContent('.table, .empty, li'),
  })),
];

async function visit(page: Page, each: Visit): Promise<void> {
  await (each.act ?? (() => openPage(page, each.name)))(page);
  await each.ready(page).waitFor({ timeout: 60_000 });
}

/** Else its bar hangs in the middle of a wide window, and a wheel beside it turns nothing. */
const atTheEdge = (page: Page): Promise<boolean> =>
  content(page).evaluate(
    (main) => main.getBoundingClientRect().right === main.ownerDocument.defaultView?.innerWidth,
  );

test.skipIf(chromiumPath === undefined)(
  'every page is reached by clicks, shows what it is for, no error and no serious barrier (needs chromium)',
  { timeout: 300_000 * JOURNEY_RUNS },
  async () => {
    const journey = new Journey('Every page, until it shows what it is for');
    for (let run = 0; run < JOURNEY_RUNS; run += 1) {
      const hands = await signInByHand(browser, { link: server.url, account: admin });
      const { page } = hands;
      for (const each of visits) {
        await journey.step(each.name, () => visit(page, each), AT_MOST_MS);
        expect(await page.locator('.problem').allInnerTexts(), each.name).toEqual([]);
        if (run === 0) expect(await barriersOf(page), each.name).toEqual([]);
        expect(await atTheEdge(page), `${each.name}: what scrolls ends where the window does`).toBe(true);
      }
      const rail = await page.locator('.rail-links a').allInnerTexts();
      const visited = new Set(visits.map(({ name }) => name));
      expect(rail.filter((name) => !visited.has(name.trim()))).toEqual([]);
      await hands.close();
    }
    journey.report();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a wall opens by its link, for whoever has it (needs chromium)',
  async () => {
    const hands = await signInByHand(browser, { link: server.url, account: admin });
    const { page } = hands;
    await openPage(page, 'Dashboards');
    await click('.dashboard-card:has-text("Board")')(page);
    await page.getByRole('button', { name: 'Wall link' }).click();
    const link = await page
      .getByRole('dialog')
      .getByText(/\/wall#/)
      .innerText();
    await hands.close();
    const wall = await openByLink(browser, link.trim());
    await wall.page.locator('.big-number').waitFor();
    expect(await barriersOf(wall.page)).toEqual([]);
    await wall.close();
  },
);
