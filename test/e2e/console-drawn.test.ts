/**
 * What the console draws, taken hold of in a real Chromium: a box in a heatmap, a stretch of a trace, an answer of SQL as a chart and
 * as a file, a record as a tree; and the keys that move through them.
 */
import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, drag, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { batchBody, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const MINUTE_MS = 60_000;
const FAST = 60;
const SLOW = 20;
const now = Date.now() - 10 * MINUTE_MS;
const traceId = 'abcdefabcdefabcdefabcdefabcdefab';
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  await send('pay', 'h1', payments());
  await send('gateway', 'h1', gateway());
  await send('orders', 'h2', orders());
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** Many fast payments and a few slow ones, all of which went by one way that no fast one took. */
function payments(): string[] {
  return Array.from({ length: FAST + SLOW }, (_, index) => {
    const isSlow = index >= FAST;
    return recordLine(index + 1, timeAt(now + (index % 20) * 15_000, index), {
      ...{ kind: 'access', message: 'POST /pay' },
      attributes: {
        ...{ 'http.request.method': 'POST', 'http.route': '/pay', 'http.response.status_code': 200 },
        ...{ duration_ms: isSlow ? 900 : 12, 'payment.provider': isSlow ? 'tortoise' : 'hare' },
      },
    });
  });
}

const span = (id: string, parent?: string) => ({
  ...{ kind: 'span', trace_id: traceId, span_id: id.repeat(16), global_trace_id: 'scenario-drawn' },
  ...(parent !== undefined && { parent_span_id: parent.repeat(16) }),
});

/** When it began and how long it took, in ms of the trace. */
const took = (startMs: number, ms: number) => ({
  ...{ 'span.start_time': timeAt(now + startMs, 0), duration_ms: ms, 'span.kind': 'client' },
});

function gateway(): string[] {
  return [
    recordLine(1, timeAt(now, 0), {
      ...{ ...span('a'), message: 'checkout' },
      attributes: { ...took(0, 1000), 'span.kind': 'server' },
    }),
    recordLine(2, timeAt(now, 0), {
      ...{ ...span('b', 'a'), level: 'error', message: 'read the cart' },
      attributes: { ...took(40, 61), 'otel.status_code': 'ERROR', cart: { lines: [{ sku: 'tangerine' }] } },
    }),
    recordLine(3, timeAt(now, 0), {
      ...{ ...span('c', 'a'), level: 'error', message: 'place the order' },
      attributes: { ...took(600, 350), 'otel.status_code': 'ERROR' },
    }),
  ];
}

/** What the call for the order reached, on a machine whose clock is five seconds behind. */
const orders = (): string[] => [
  recordLine(1, timeAt(now, 0), {
    ...{ ...span('d', 'c'), message: 'write the order' },
    attributes: { ...took(620 - 5_000, 303), 'span.kind': 'server' },
  }),
];

async function send(service: string, host: string, lines: readonly string[]): Promise<void> {
  const body = batchBody({ producer: service, boot: 'b', service }, lines);
  const response = await server.post(
    '/v1/records',
    body.replace('"host.name":"h1"', `"host.name":"${host}"`),
    {
      'content-type': 'application/x-ndjson',
    },
  );
  expect(await response.json()).toMatchObject({ rejected: [] });
  await server.waitFor({ q: `service.name:${service}`, from: '-1h' }, lines.length);
}

const desk = (): Promise<Page> => signedIn(browser, server);

test.skipIf(chromiumPath === undefined)(
  'a box around the slow requests asks what they have in common, and about no others (needs chromium)',
  async () => {
    const page = await desk();
    await openPage(page, 'Endpoints');
    await page.getByRole('link', { name: /POST \/pay/ }).click();
    const heatmap = page.getByRole('img', { name: /Durations over time/ });
    await heatmap.waitFor();
    const height = await heightOfSlowest(heatmap);
    await drag(heatmap, [0.01, height], [0.99, height]);
    await page.getByRole('heading', { name: 'Why different?' }).waitFor();
    await page.getByText('tortoise').first().waitFor();

    const asked = new URL(page.url()).searchParams;
    const range = { from: asked.get('from') ?? '', to: asked.get('to') ?? '' };
    const found = await server.searchAll({ q: asked.get('q') ?? '', ...range });
    for (const { attributes } of found)
      expect(attributes).toMatchObject({ payment: { provider: 'tortoise' } });
    expect(found).toHaveLength(SLOW);
    const others = await server.searchAll({ q: asked.get('base') ?? '', ...range });
    expect(others).toHaveLength(FAST + SLOW);
    await page.close();
  },
);

/** Where the slowest of all requests are drawn, as a part of the height. */
function heightOfSlowest(heatmap: Locator): Promise<number> {
  return heatmap.evaluate((drawn) => {
    const whole = drawn.getBoundingClientRect();
    const cells = [...drawn.querySelectorAll('rect')].map((cell) => cell.getBoundingClientRect());
    const top = cells.toSorted((a, b) => a.top - b.top)[0];
    return top === undefined ? 0 : (top.top + top.height / 2 - whole.top) / whole.height;
  });
}

test.skipIf(chromiumPath === undefined)(
  'a stretch of a trace fills the width; its failures, folds, clocks and critical path have their keys and switches (needs chromium)',
  async () => {
    const page = await desk();
    await openPage(page, 'Search');
    await runQuery(page, `trace_id:${traceId} "read the cart"`);
    await page.getByText('1 record shown').waitFor();
    await page.locator('.row').first().click();
    await page.getByRole('link', { name: 'Trace', exact: true }).click();
    const waterfall = page.getByRole('region', { name: 'Calls over time' });
    const early = waterfall.getByText('61 ms', { exact: true });
    const late = waterfall.getByText('303 ms', { exact: true });
    await early.waitFor();
    await late.waitFor();

    // The clock of the second machine is put right until somebody wants to see it as it was.
    const clocks = page.getByRole('button', { name: /Clocks/ });
    expect(await clocks.innerText()).toBe('Clocks corrected');
    await page.getByText('1 s · 4 spans').waitFor();
    await clocks.click();
    await page.getByText(/5\.38 s · 4 spans/).waitFor();
    expect(await clocks.innerText()).toBe('Clocks as recorded');
    await clocks.click();
    await page.getByText('1 s · 4 spans').waitFor();

    const record = page.getByRole('complementary', { name: 'Record' });
    await page.keyboard.press('e');
    await record.getByText('place the order').first().waitFor();
    await page.keyboard.press('o');
    await late.waitFor({ state: 'detached' });
    await page.keyboard.press('o');
    await late.waitFor();
    await page.keyboard.press('e');
    await record.getByText('read the cart').first().waitFor();

    // Escape closes the record first, and then goes back to the whole trace, as a double click does.
    const overview = page.getByRole('img', { name: /Whole trace/ });
    await drag(overview, [0.5, 0.5], [0.98, 0.5]);
    await early.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await record.waitFor({ state: 'detached' });
    expect(await early.count()).toBe(0);
    await page.keyboard.press('Escape');
    await early.waitFor();
    await drag(overview, [0.98, 0.5], [0.5, 0.5]);
    await early.waitFor({ state: 'detached' });
    await late.waitFor();
    await overview.dblclick();
    await early.waitFor();

    const critical = waterfall.locator('.wcritical');
    expect(await critical.count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Critical path' }).click();
    await critical.first().waitFor({ state: 'detached' });
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a record opens as a tree, level by level, and leads to its story (needs chromium)',
  async () => {
    const page = await desk();
    await openPage(page, 'Search');
    await runQuery(page, `trace_id:${traceId} "read the cart"`);
    await page.getByText('1 record shown').waitFor();
    await page.locator('.row').first().click();
    const record = page.getByRole('complementary', { name: 'Record' });
    await record.getByRole('tab', { name: 'Raw line (JSON)' }).click();
    const leaf = record.getByText('"tangerine"', { exact: true });
    for (const name of ['attributes', 'cart', 'lines', '0']) {
      expect(await leaf.count(), `before ${name} is opened`).toBe(0);
      const branch = record.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
      await branch.last().locator('summary').first().click();
    }
    await leaf.waitFor();
    await record.getByRole('link', { name: 'Story' }).click();
    await page.waitForURL(/\/scenario\/scenario-drawn/);
    // Told in sentences; how the call was named is folded away.
    await page.getByText('place the order').first().waitFor({ state: 'attached' });
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'SQL completes a column, and its answer is a table, a chart and a file (needs chromium)',
  async () => {
    const page = await desk();
    await openPage(page, 'SQL');
    const editor = page.getByRole('textbox', { name: 'SQL statement' });
    await editor.press('ControlOrMeta+a');
    await page.keyboard.press('Delete');
    await page.keyboard.type('SELECT trace_');
    await page.getByRole('option', { name: 'trace_id', exact: true }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.insertText(
      `, count() AS times FROM records WHERE trace_id = '${traceId}' GROUP BY trace_id UNION ALL SELECT '=1+1', 3`,
    );
    expect(await editor.innerText()).toMatch(/^SELECT trace_id, count\(\)/);
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByRole('cell', { name: traceId }).waitFor();
    await page.getByRole('cell', { name: '4', exact: true }).waitFor();

    await page.getByRole('button', { name: 'Chart' }).click();
    const chart = page.getByRole('img', { name: 'Chart' });
    await chart.getByText('times').waitFor();
    expect(await page.getByRole('cell', { name: traceId }).count()).toBe(0);
    await until('something is drawn', 20_000, () => isDrawn(page));

    expect(await fileOf(page, 'CSV')).toEqual({
      name: 'sillok.csv',
      lines: ['trace_id,times', "'=1+1,3", `${traceId},4`],
    });
    expect(await fileOf(page, 'NDJSON')).toEqual({
      name: 'sillok.ndjson',
      lines: ['{"trace_id":"=1+1","times":3}', `{"trace_id":"${traceId}","times":4}`],
    });
    await page.close();
  },
);

/** Whether there is anything on the chart's canvas but its ground. */
const isDrawn = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>(`(() => {
    const drawn = document.querySelector('[role=img] canvas');
    const { data } = drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height);
    return data.some((value) => value !== 0);
  })()`);

/** What a button gives to be kept; the lines are sorted, since SQL promises no order here. */
async function fileOf(page: Page, button: string): Promise<{ name: string; lines: string[] }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  const [head = '', ...rest] = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split(/\r?\n/);
  const lines = button === 'CSV' ? [head, ...rest.toSorted()] : [head, ...rest].toSorted();
  return { name: download.suggestedFilename(), lines };
}
