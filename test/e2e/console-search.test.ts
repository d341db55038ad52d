/**
 * Search and live as hands use them, in a real Chromium: completion, times chosen by button, by form and by drawing, values of fields,
 * neighbours of a record, what is missing; a live list that holds while it is read; keys of the keyboard.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Browser, ConsoleMessage, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, drag, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const MINUTE_MS = 60_000;
const EARLY = 40;
const LATE = 20;
const now = Date.now();
const early = now - 50 * MINUTE_MS;
const late = now - 10 * MINUTE_MS;
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  const tier = (index: number) => ({ attributes: { tier: index % 4 === 0 ? 'gold' : 'silver' } });
  await send('shop', [
    ...Array.from({ length: EARLY }, (_, index) =>
      recordLine(index + 1, timeAt(early + index, 0), { message: `early ${index + 1}`, ...tier(index) }),
    ),
    // One of them was written, and never came.
    ...Array.from({ length: LATE }, (_, index) =>
      recordLine(EARLY + index + 2, timeAt(late + index, 0), {
        ...{ level: 'error', message: `late ${index + 1}` },
        ...tier(index),
      }),
    ),
  ]);
  await server.waitFor({ q: 'service.name:shop', from: '-2h' }, EARLY + LATE);
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const send = (service: string, lines: readonly string[]): Promise<unknown> =>
  postUntilTaken(server, { producer: service, boot: 'b', service }, lines);

/** In UTC, so that times are written as they are meant. */
const desk = (): Promise<Page> => signedIn(browser, server, { timezoneId: 'UTC' });

const found = (page: Page, count: number): Promise<void> =>
  page.getByText(`${count} records shown`, { exact: true }).waitFor();

/** Goes down to what is offered, and takes it. As a person: one key, then a look at what it did. */
async function complete(page: Page, name: RegExp): Promise<void> {
  const options = page.getByRole('option', { name });
  const chosen = page.getByRole('option', { name, selected: true });
  await options.first().waitFor();
  await until('it is chosen', 20_000, async () => {
    if ((await chosen.count()) > 0) return true;
    // A key that comes right as the list opens belongs to the text, and closes the list.
    await page.keyboard.press((await options.count()) > 0 ? 'ArrowDown' : 'Control+Space');
    return chosen.waitFor({ timeout: 1_000 }).then(
      () => true,
      () => false,
    );
  });
  await page.keyboard.press('Enter');
}

const queryOf = (page: Page): string => new URL(page.url()).searchParams.get('q') ?? '';

test.skipIf(chromiumPath === undefined)(
  'keys lead to a search, which completes names and values, narrows, leaves out, and says what is missing (needs chromium)',
  async () => {
    const page = await desk();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL(/\/search/);
    const box = page.getByRole('searchbox');
    await box.waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('tie');
    await complete(page, /^tier/);
    await page.keyboard.type('go');
    await complete(page, /^gold/);
    await page.keyboard.press('Enter');
    await found(page, (EARLY + LATE) / 4);
    expect(queryOf(page)).toBe('tier:gold');

    await runQuery(page, 'service.name:shop');
    await found(page, EARLY + LATE);
    await page.getByText('1 sequence number missing').waitFor();
    const fields = page.getByRole('navigation', { name: 'Fields' });
    await fields.getByRole('button', { name: /^tier/ }).click();
    await fields.getByRole('button', { name: 'Not this: gold' }).click();
    await found(page, ((EARLY + LATE) / 4) * 3);
    expect(queryOf(page)).toBe('service.name:shop -tier:gold');
    await fields.getByRole('button', { name: /^level/ }).click();
    await fields.getByRole('button', { name: /^error/ }).click();
    await found(page, (LATE / 4) * 3);

    // What was asked before waits.
    await page.getByRole('button', { name: 'Saved and recent' }).click();
    await page.getByRole('button', { name: 'tier:gold', exact: true }).click();
    await found(page, (EARLY + LATE) / 4);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'times are chosen by a button, by a form that refuses the wrong order, and by drawing over the bars (needs chromium)',
  async () => {
    const page = await desk();
    await openPage(page, 'Search');
    await runQuery(page, 'service.name:shop');
    await found(page, EARLY + LATE);
    const times = page.getByRole('button', { name: /^Time range/ });
    await times.click();
    await page.getByRole('button', { name: 'Last 15 minutes' }).click();
    await found(page, LATE);

    const local = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
    await times.click();
    await page.getByLabel('From').fill(local(late));
    await page.getByLabel('To', { exact: true }).fill(local(early));
    await page.getByText('The end must be after the start.').waitFor();
    expect(await page.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
    await page.getByLabel('From').fill(local(early - MINUTE_MS));
    await page.getByLabel('To', { exact: true }).fill(local(early + MINUTE_MS));
    await page.getByRole('button', { name: 'Apply' }).click();
    await found(page, EARLY);
    await page.getByText(/^late/).first().waitFor({ state: 'detached' });

    await times.click();
    await page.getByRole('button', { name: 'Last hour' }).click();
    await found(page, EARLY + LATE);
    const bars = page.getByRole('img', { name: /^Records over time by level/ });
    await bars.locator('rect[data-level="error"]').first().waitFor({ state: 'attached' });
    expect(await bars.locator('rect[data-level="info"]').count()).toBeGreaterThan(0);
    await drag(bars, [0.5, 0.5], [0.99, 0.5]);
    await found(page, LATE);
    expect(Date.parse(new URL(page.url()).searchParams.get('from') ?? '')).toBeLessThan(late);
    await bars.locator('rect[data-level="info"]').first().waitFor({ state: 'detached' });

    // The neighbours of a record, whatever the search leaves out.
    await runQuery(page, '"late 7"');
    await page.getByText('1 record shown').waitFor();
    await page.locator('.row').first().click();
    const record = page.getByRole('complementary', { name: 'Record' });
    await record.getByRole('tab', { name: 'Before and after' }).click();
    await record.getByText('late 6', { exact: true }).waitFor();
    await record.getByText('late 8', { exact: true }).waitFor();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'live holds while it is read, says how many came, keeps its filter, and speaks in DevTools too (needs chromium)',
  async () => {
    const page = await desk();
    const heard: string[] = [];
    page.on('console', (message: ConsoleMessage) => void heard.push(`${message.type()} ${message.text()}`));
    await openPage(page, 'Live');
    await runQuery(page, 'service.name:tail');
    await page.getByText('following', { exact: true }).waitFor();
    await page.getByLabel('Also into the DevTools console').check();
    const line = (seq: number): string =>
      recordLine(seq, timeAt(Date.now(), seq), { level: 'warn', message: `tail ${seq}` });
    await send(
      'tail',
      Array.from({ length: 80 }, (_, index) => line(index + 1)),
    );
    await page.getByText('tail 80', { exact: true }).waitFor();
    await until('DevTools has it', 20_000, async () =>
      heard.some((text) => text.startsWith('warning') && text.includes('tail tail 80')),
    );

    const list = page.getByRole('region', { name: /^Records/ });
    await list.hover();
    await page.mouse.wheel(0, 600);
    await page.getByText('Paused', { exact: true }).waitFor();
    const place = await list.evaluate((shown) => shown.scrollTop);
    await send('tail', [line(81)]);
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await list.evaluate((shown) => shown.scrollTop), 'it jumped').toBe(place);
    expect(await page.getByText('tail 81', { exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: '1 new' }).click();
    await page.getByText('tail 81', { exact: true }).waitFor();
    await page.getByText('following', { exact: true }).waitFor();

    await page.keyboard.press('p');
    await page.getByText('Paused', { exact: true }).waitFor();
    await page.keyboard.press('p');
    await page.getByText('following', { exact: true }).waitFor();

    await openPage(page, 'Search');
    await page.getByText(/records? shown/).waitFor();
    await openPage(page, 'Live');
    await until('its filter is back', 20_000, async () => queryOf(page) === 'service.name:tail');
    await send('other', [recordLine(1, timeAt(Date.now(), 0), { message: 'of another service' })]);
    await send('tail', [line(82)]);
    await page.getByText('tail 82', { exact: true }).waitFor();
    expect(await page.getByText('of another service').count()).toBe(0);
    await page.close();
  },
);

/** The way to the server, which can be cut and made whole again. */
async function wayTo(url: string) {
  const open = new Set<Socket>();
  let isCut = false;
  const way = createServer((near) => {
    near.on('error', () => undefined);
    if (isCut) return void near.destroy();
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    far.on('error', () => undefined);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(end);
      end.once('close', () => {
        open.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  await new Promise<void>((done) => way.listen(0, '127.0.0.1', done));
  const { port } = way.address() as AddressInfo; // it listens
  const destroyAll = (): void => [...open].forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${port}`,
    cut(): void {
      isCut = true;
      destroyAll();
    },
    mend: (): void => void (isCut = false),
    close(): void {
      way.close();
      destroyAll();
    },
  };
}

test.skipIf(chromiumPath === undefined)(
  'live goes on where it was when the way to the server was cut: each record once, in order (needs chromium)',
  async () => {
    const way = await wayTo(server.url);
    const page = await signedIn(browser, { url: way.url, key: server.key });
    await openPage(page, 'Live');
    await runQuery(page, 'service.name:cut');
    await page.getByText('following', { exact: true }).waitFor();
    const lines = (from: number, to: number): string[] =>
      Array.from({ length: to - from + 1 }, (_, index) =>
        recordLine(from + index, timeAt(Date.now(), index), { message: `cut ${from + index}` }),
      );
    await send('cut', lines(1, 5));
    await page.getByText('cut 5', { exact: true }).waitFor();
    way.cut();
    await page.getByText('connecting …', { exact: true }).waitFor();
    await send('cut', lines(6, 12));
    way.mend();
    await page.getByText('following', { exact: true }).waitFor();
    await page.getByText('cut 12', { exact: true }).waitFor();
    const shown = await page.locator('.row').allInnerTexts();
    const numbers = shown.map((text) => Number(/cut (\d+)/.exec(text)?.[1]));
    const newestFirst = Array.from({ length: 12 }, (_, index) => 12 - index);
    expect(numbers[0] === 1 ? numbers.toReversed() : numbers).toEqual(newestFirst);
    await page.close();
    way.close();
  },
);
