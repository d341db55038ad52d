/**
 * A developer on call, on a phone of 390 px, through all ten steps: from the message about a database that refuses connections to
 * the line, the statement, the reason, the retries, the callers, their own fixed copies, the first success, and the last message.
 * No address is typed but that of the message's link, no SQL is written, nobody resolves anything.
 *
 * The database is a PostgreSQL that is stopped, the service before it and the copies behind nginx are real. CI waits for a short
 * quiet time of alerts; the long form (`npm run soak -- journeys`) really waits for the two minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertShape } from '@sillok/api';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { invited } from '../lib/accounts.js';
import { chromiumPath, launchChromium, runQuery } from '../lib/console.js';
import { beginDebugSession, orderThrough, seeWhichAnswered } from '../lib/debug-session.js';
import { openByLink, type Hands } from '../lib/hands.js';
import { Journey, JOURNEY_RUNS, openByMenu, PHONE, typeAccount, type Account } from '../lib/journey.js';
import { nginx } from '../lib/nginx-proxy.js';
import { postgresMissing } from '../lib/postgres.js';
import { RoutedServices } from '../lib/routed.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';
import { OncallShop } from './fixtures/oncall-shop.js';

const isMissing = chromiumPath === undefined || nginx === undefined || postgresMissing !== undefined;
const ERRORS = 10_000;
const FROM_CLICK = 40;
const PEOPLE = 1_000;
const RESOLVE_SECONDS_SHORT = '10';
const isLong = process.env['SILLOK_JOURNEY_DATA'] !== undefined;
/** A folder for pictures, which somebody looks at. */
const shots = process.env['SILLOK_SHOTS'];
const folder = mkdtempSync(join(tmpdir(), 'sillok-oncall-'));
const hook = new HookSink();
let server: TestServer;
let shop: OncallShop;
let routed: RoutedServices;
let browser: Browser;
let me: Account;
/** Ends the customers who come while the database is away. */
let leave = async (): Promise<void> => undefined;

beforeAll(async () => {
  if (isMissing) return;
  const url = await hook.start();
  server = await startTestServer({
    SILLOK_ALLOW_PRIVATE_TARGETS: '1',
    SILLOK_SLACK_API_URL: `${url}/slack`,
    ...(isLong ? {} : { SILLOK_ALERT_RESOLVE_SECONDS: RESOLVE_SECONDS_SHORT }),
  });
  const common = { language: 'en', severity_min: 'critical' };
  for (const target of [
    { kind: 'slack_webhook', name: 'ops', url: `${url}/ops`, ...common },
    { kind: 'slack_bot', name: 'bot', token: 'xoxb-1234567890', channel: 'C1', ...common },
  ]) {
    const json = { 'content-type': 'application/json' };
    expect((await server.post('/api/alert-targets', JSON.stringify(target), json)).status).toBe(201);
  }
  shop = new OncallShop(server, folder);
  routed = new RoutedServices(server);
  await Promise.all([shop.start(), routed.start()]);
  me = await invited(server, { email: 'oncall@shop.example', role: 'member' });
  browser = await launchChromium();
});
afterAll(async () => {
  await leave();
  await browser?.close();
  await shop?.stop();
  await routed?.stop();
  await server?.dispose();
  hook.stop();
  rmSync(folder, { recursive: true, force: true });
});

const outage = async (): Promise<AlertShape | undefined> => {
  const { alerts } = await server.get<{ alerts: AlertShape[] }>('/api/alerts?limit=500');
  return alerts.find(({ kind, services }) => kind === 'dependency' && services.includes('orders'));
};
/** What came after this journey began. */
function toldSince(begin: number, path: string): string[] {
  const received = hook.received.slice(begin).filter((each) => each.path.includes(path));
  return received.map(({ body }) => String(body['text'])).filter((text) => text.includes(shop.databasePlace));
}

async function look(page: Page, name: string): Promise<void> {
  if (shots !== undefined) await page.screenshot({ path: `${shots}/oncall-${name}.png` });
}

/** 1 and 2: a message by itself, and one that is updated. Answers the text of the latest. */
async function isTold(journey: Journey, begin: number): Promise<string> {
  const already = shop.failed;
  await shop.database?.halt();
  await journey.step(
    '1 the database refuses connections under a healthy process: a message',
    async () => {
      await until('it is told', 60_000, async () => {
        expect(await shop.order(1)).toEqual([502]);
        expect(await shop.health()).toBe(200);
        return toldSince(begin, '/ops').length > 0;
      });
    },
    60_000,
  );
  await shop.order(PEOPLE);
  await shop.work(already + ERRORS - shop.failed - 2 * FROM_CLICK);
  await shop.orderFromClick(FROM_CLICK, true);
  leave = shop.keepFailing();
  await journey.step('2 all of them are one message, updated', () =>
    until('the message counts them all', 120_000, async () => {
      const latest = toldSince(begin, 'chat.update').at(-1) ?? '';
      return Number(/([\d,]+) times/.exec(latest)?.[1]?.replaceAll(',', '')) >= already + ERRORS;
    }),
  );
  // One message each: where messages can be edited it is edited.
  expect(toldSince(begin, '/ops')).toHaveLength(1);
  expect(toldSince(begin, 'chat.postMessage')).toHaveLength(1);
  const text = toldSince(begin, 'chat.update').at(-1) ?? '';
  expect(text).toContain('connect ECONNREFUSED');
  expect(text).toMatch(/1,000 people affected/);
  expect(text).toContain('release 1.0.0');
  return text;
}

/** 3 and 4: the search behind the link, the line, the trace; two taps. Answers the id of the trace. */
async function readsTheLine(journey: Journey, { page, clicks }: Hands): Promise<string> {
  await journey.step(
    '3 its link opens exactly that search',
    () => page.locator('.row').first().waitFor(),
    2_000,
  );
  expect((await page.getByRole('searchbox').textContent())?.trim()).toBe((await outage())?.q);
  await look(page, 'search');
  await clicks();
  await journey.step('3 the failing line', async () => {
    await page.locator('.row').first().tap();
    const detail = page.getByRole('complementary', { name: 'Record' });
    await detail.getByText(`connect ECONNREFUSED ${shop.databasePlace}`).first().waitFor();
  });
  expect(await clicks()).toBeLessThanOrEqual(2);
  await look(page, 'line');
  await journey.step(
    '4 the trace, from the click to the SQL statement',
    async () => {
      await page.getByRole('link', { name: 'Trace', exact: true }).tap();
      await page.getByText('Where it broke').waitFor();
      await page.locator('.broke').getByText('SELECT total FROM carts WHERE id = $1').waitFor();
    },
    1_000,
  );
  await page.getByText('click button "Pay"').first().waitFor();
  await look(page, 'trace');
  return /\/trace\/(\w+)/.exec(page.url())?.[1] ?? '';
}

/** 5 to 7: what the failing ones share, who repeated them, who calls. */
async function asksWhy(journey: Journey, page: Page, trace: string): Promise<void> {
  await journey.step(
    '5 why different?',
    async () => {
      await openByMenu(page, 'Why different?');
      await runQuery(page, 'service.name:gateway kind:access http.response.status_code:502');
      await page.locator('.reason').first().waitFor();
    },
    2_000,
  );
  expect(await page.locator('.reason').first().innerText()).toContain('points');
  await look(page, 'why');
  await journey.step(
    '6 were these retries?',
    async () => {
      await openByMenu(page, 'Retries');
      await page.getByRole('searchbox').fill(trace);
      await page.getByRole('button', { name: 'Examine' }).tap();
      await page.getByText('The load balancer retried').first().waitFor();
    },
    1_000,
  );
  await look(page, 'retries');
  await journey.step(
    '7 who calls it, two levels up',
    async () => {
      await openByMenu(page, 'Endpoints');
      const row = page.getByRole('row').filter({ hasText: 'orders' });
      await row.getByRole('link', { name: 'POST /orders' }).first().tap();
      await page.getByRole('link', { name: 'gateway: POST /api/orders' }).waitFor();
      await page.getByRole('link', { name: 'web: POST /checkout' }).waitFor();
    },
    1_000,
  );
  await look(page, 'callers');
}

/** 8: only their own requests, to fixed copies. */
async function triesCopies(journey: Journey, page: Page): Promise<void> {
  await journey.step(
    '8 only my requests to my copies of two services, and which versions answered',
    async () => {
      const bookmark = await beginDebugSession(page, routed);
      expect(await orderThrough(browser, routed, bookmark)).toBe(
        'gateway 1.0.0 > orders fix-42 > payments fix-9',
      );
      await seeWhichAnswered(page);
    },
    60_000,
  );
  await look(page, 'copies');
  await page.getByRole('button', { name: 'End', exact: true }).first().tap();
  await page.getByText(/A signed text cannot be called back/).waitFor();
}

/** 9 and 10: the first success, and the end that nobody pressed. */
async function seesTheEnd(journey: Journey, page: Page, begin: number): Promise<void> {
  await page.getByRole('link', { name: 'Live' }).tap();
  await runQuery(page, 'service.name:orders level:info "order placed"');
  await page.getByText('following').waitFor();
  await leave();
  await shop.database?.restart();
  await journey.step(
    '9 live view shows the first success',
    async () => {
      expect(await shop.order(1)).toEqual([201]);
      await page.locator('.row').filter({ hasText: 'order placed' }).first().waitFor();
    },
    1_000,
  );
  await look(page, 'live');
  const end = (): string => toldSince(begin, '/ops').at(-1) ?? '';
  await journey.step(
    '10 the alert resolves itself',
    () => until('the last message', 200_000, async () => /went unnoticed for/.test(end())),
    120_000,
  );
  expect(end()).toMatch(/^✅ \*Resolved · dependency fails/);
  expect(end()).toMatch(/went unnoticed for (?:\d+ min )?\d+ s · lasted (?:\d+ h )?(?:\d+ min )?(?:\d+ s)?/);
  expect(toldSince(begin, '/ops').filter((text) => text.startsWith('✅'))).toHaveLength(1);
  const { state, events } = (await outage()) ?? {};
  expect(state).toBe('resolved');
  expect(events?.findLast(({ what }) => what === 'resolved')?.by).toBeNull();
}

test.skipIf(isMissing)(
  'on call: the ten steps, from the message to the message that it is over (needs chromium, nginx, PostgreSQL)',
  { timeout: 600_000 * JOURNEY_RUNS },
  async () => {
    const journey = new Journey('A developer on call, on a phone');
    // Seen once before, so that they can be chosen.
    await orderThrough(browser, routed);
    for (let run = 0; run < JOURNEY_RUNS; run += 1) {
      const begin = hook.received.length;
      await shop.orderFromClick(FROM_CLICK / 2, false);
      const text = await isTold(journey, begin);
      const link = /<(http[^|]+)\|/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
      const hands = await openByLink(browser, link, PHONE);
      await typeAccount(hands.page, me);
      const trace = await readsTheLine(journey, hands);
      await asksWhy(journey, hands.page, trace);
      await triesCopies(journey, hands.page);
      await seesTheEnd(journey, hands.page, begin);
      await hands.close();
    }
    journey.report();
  },
);
