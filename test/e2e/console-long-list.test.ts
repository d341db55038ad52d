/**
 * A long list in a real Chromium: its keys, wherever one is on the page; going back to it from a record's trace and from another
 * search; records put in front; and the live tail in a tab that draws rarely.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const RECORDS = 4_000;
const ROW_PX = 28;
const producer = { producer: 'long', boot: 'b', service: 'long' };
const now = Date.now() - 1_800_000;
let server: TestServer;
let browser: Browser;

const line = (seq: number, time: string): string =>
  recordLine(seq, time, {
    message: `line ${seq}`,
    trace_id: seq.toString(16).padStart(32, '0'),
    span_id: seq.toString(16).padStart(16, '0'),
    attributes: { tier: seq % 2 === 0 ? 'even' : 'odd' },
  });

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  const lines = Array.from({ length: RECORDS }, (_, index) => line(index + 1, timeAt(now + index, 0)));
  await postUntilTaken(server, producer, lines);
  await visible(RECORDS);
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const visible = (seq: number): Promise<unknown> =>
  until(`record ${seq} is in the store`, 60_000, async () => {
    return (await server.search({ q: `service.name:long seq:${seq}`, from: '-1h' })).records.length > 0;
  });

async function opened(): Promise<Page> {
  const page = await signedIn(browser, server);
  await openPage(page, 'Search');
  await runQuery(page, 'service.name:long');
  await page.getByText(`line ${RECORDS}`, { exact: true }).waitFor();
  return page;
}

const topOf = (page: Page): Promise<number> => page.locator('.list').evaluate((list) => list.scrollTop);

const moved = (page: Page, what: string, isThere: (top: number) => boolean): Promise<unknown> =>
  until(what, 20_000, async () => isThere(await topOf(page)));

/** Presses End until all records are loaded and the oldest is in sight. */
async function toTheEnd(page: Page): Promise<void> {
  await page.locator('.list').focus();
  await until('the oldest record is in sight', 60_000, async () => {
    await page.keyboard.press('End');
    return page.getByText('line 1', { exact: true }).isVisible();
  });
}

const chosen = (page: Page): Promise<string> =>
  page.locator('.list .row[aria-pressed="true"] .message').innerText();

test.skipIf(chromiumPath === undefined)(
  'screens, ends and steps by keys, also when the row that had the focus is gone (needs chromium)',
  async () => {
    const page = await opened();
    const box = page.getByRole('searchbox');
    await box.focus();
    await box.press('End');
    await page.getByText(`line ${RECORDS - 3}`, { exact: true }).click();
    expect(await topOf(page), 'End inside the query line is the query line’s').toBe(0);

    // The row that was clicked has the focus, and leaves the page after some screens.
    const screen = await page.locator('.list').evaluate((list) => list.clientHeight);
    for (let times = 1; times <= 5; times += 1) {
      const before = await topOf(page);
      await page.keyboard.press('PageDown');
      await moved(page, `screen ${times}`, (top) => top > before + screen / 2);
    }
    expect(
      await page
        .locator('.list')
        .getByText(`line ${RECORDS - 3}`, { exact: true })
        .count(),
    ).toBe(0);
    await toTheEnd(page);
    const end = await topOf(page);
    await page.keyboard.press('PageUp');
    await moved(page, 'a screen up', (top) => top < end - screen / 2);

    // Next to the record that is open, however far it is from what is in sight.
    await page.keyboard.press('j');
    await until('the next one is open', 10_000, async () => (await chosen(page)) === `line ${RECORDS - 4}`);
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await until('the one before is open', 10_000, async () => (await chosen(page)) === `line ${RECORDS - 2}`);

    // A field in the detail has keys of its own.
    await page.keyboard.press('End');
    await moved(page, 'the end again', (top) => top >= end);
    await page.getByRole('tab', { name: 'Raw line (JSON)' }).focus();
    await page.keyboard.press('Home');
    expect(await topOf(page)).toBeGreaterThanOrEqual(end);
    await page.locator('.list').focus();
    await page.keyboard.press('Home');
    await moved(page, 'the beginning', (top) => top === 0);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a step by key never hides the open record under the heads of columns (needs chromium)',
  async () => {
    const page = await opened();
    await page.getByRole('button', { name: 'As a column: tier' }).click();
    await page
      .locator('.row .cell', { hasText: /^even$/ })
      .first()
      .waitFor();
    await page.locator('.list').focus();
    for (let times = 0; times < 60; times += 1) await page.keyboard.press('j');
    const isCovered = async (): Promise<boolean> => {
      const [row, heads, list] = await Promise.all(
        ['.row[aria-pressed="true"]', '.row.heads', '.list'].map((name) => page.locator(name).boundingBox()),
      );
      if (!row || !heads || !list) return true;
      return row.y < heads.y + heads.height - 1 || row.y + row.height > list.y + list.height + 1;
    };
    await until('record 60 is open', 10_000, async () => (await chosen(page)) === `line ${RECORDS - 59}`);
    expect(await isCovered()).toBe(false);
    for (let times = 0; times < 40; times += 1) await page.keyboard.press('k');
    await until('record 20 is open', 10_000, async () => (await chosen(page)) === `line ${RECORDS - 19}`);
    expect(await isCovered()).toBe(false);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'going back from a trace finds the list as it was, without asking again; a link begins anew (needs chromium)',
  async () => {
    const page = await opened();
    await toTheEnd(page);
    await page.keyboard.press('PageUp');
    await page.getByText('line 40', { exact: true }).click();
    const top = await topOf(page);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/api/search') asked.push(request.url());
    });
    await page.getByRole('complementary', { name: 'Record' }).getByRole('link', { name: 'Trace' }).click();
    await page.locator('.wrow').first().waitFor();
    await page.goBack();
    await page.getByText(/^4,00\d records shown$/).waitFor();
    expect(await topOf(page)).toBe(top);
    expect(await chosen(page)).toBe('line 40');
    expect(asked).toEqual([]);
    await page.keyboard.press('j');
    await until('the next one is open', 10_000, async () => (await chosen(page)) === 'line 39');

    // Another search and back; it begins at its top.
    await runQuery(page, 'service.name:long tier:even');
    await page.getByText('200 records shown').waitFor();
    expect(await topOf(page)).toBe(0);
    expect(await page.locator('.detail').count()).toBe(0);
    await page.goBack();
    await page.getByText(/^4,00\d records shown$/).waitFor();
    expect(await chosen(page)).toBe('line 39');
    expect(asked).toHaveLength(1);

    // Not back, but there once more: a new answer.
    await openPage(page, 'Live');
    await openPage(page, 'Search');
    await runQuery(page, 'service.name:long');
    await page.getByText('200 records shown').waitFor();
    expect(await topOf(page)).toBe(0);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a list that was left is not there after signing out (needs chromium)',
  async () => {
    const page = await opened();
    await toTheEnd(page);
    await openPage(page, 'Live');
    await openPage(page, 'Errors');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Key', { exact: true }).fill(server.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.frame').waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByText('200 records shown').waitFor();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'records that are put in front move neither the list nor the open record (needs chromium)',
  async () => {
    const page = await opened();
    await page.locator('.list').evaluate((list) => (list.scrollTop = 1_000 * 28));
    await until('a thousand rows down', 20_000, async () => {
      await page.locator('.list').evaluate((list) => (list.scrollTop = 1_000 * 28));
      return page.getByText(`line ${RECORDS - 1_000}`, { exact: true }).isVisible();
    });
    await page.getByText(`line ${RECORDS - 1_002}`, { exact: true }).click();
    await page.keyboard.press('PageDown');
    await page.keyboard.press('PageDown');
    await moved(page, 'two screens on', (top) => top > 1_010 * ROW_PX);
    const before = await topOf(page);
    await postUntilTaken(server, producer, [line(RECORDS + 1, timeAt(Date.now(), 0))]);
    await visible(RECORDS + 1);
    await page.keyboard.press('n');
    await moved(page, 'one row further from the top', (top) => top === before + ROW_PX);
    await page.keyboard.press('j');
    await until('its neighbour is open', 10_000, async () =>
      (await chosen(page)).endsWith(` ${RECORDS - 1_003}`),
    );
    await page.close();
  },
);

/**
 * As a tab in the background draws: when the browser lets it, which may be once a minute. And a count of what arrived. Text, since
 * it runs in the page.
 */
const DRAW_BY_HAND = `
  const every = window.setInterval.bind(window);
  const draws = [];
  window.setInterval = (work, ms) => (ms === 200 ? (draws.push(work), 0) : every(work, ms));
  window.drawNow = () => draws.forEach((draw) => draw());
  window.taken = 0;
  const Native = window.EventSource;
  window.EventSource = class extends Native {
    constructor(url) {
      super(url);
      for (const name of ['record', 'message']) this.addEventListener(name, () => (window.taken += 1));
    }
  };
`;

test.skipIf(chromiumPath === undefined)(
  'what a live tab that draws rarely has no room for is said to be skipped (needs chromium)',
  async () => {
    const page = await signedIn(browser, server);
    await page.addInitScript(DRAW_BY_HAND);
    await page.goto(`${server.url}/live?q=${encodeURIComponent('service.name:burst')}`);
    await page.getByText('following').waitFor();
    const count = 2_600;
    const lines = Array.from({ length: count }, (_, index) =>
      recordLine(index + 1, timeAt(Date.now(), index)),
    );
    await postUntilTaken(server, { producer: 'burst', boot: 'b', service: 'burst' }, lines);
    await until('the page took them all', 60_000, async () => (await page.evaluate('taken')) === count);
    await page.evaluate('drawNow()');
    await page.getByText(`record ${count}`, { exact: true }).waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('1,600 records were too fast');
    await page.close();
  },
);
