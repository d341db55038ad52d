/**
 * What a team makes for itself, by hand in a real Chromium: a dashboard panel by panel, a report with parameters that comes to a
 * webhook and by mail, and a rule over a search with what it would have said before.
 */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookSink, MailSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { chromiumPath, launchChromium, openPage, signedIn } from '../lib/console.js';
import { batchBody, postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const MINUTE_MS = 60_000;
const EARLIER = 20;
const LATELY = 10;
const hook = new HookSink();
const mail = new MailSink();
let hookUrl = '';
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  hookUrl = await hook.start();
  server = await startTestServer({
    SILLOK_ALLOW_PRIVATE_TARGETS: '1',
    SILLOK_SMTP_URL: await mail.start(),
    SILLOK_SMTP_FROM: 'sillok@shop.example',
  });
  browser = await launchChromium();
  const now = Date.now();
  await send('1.0.0', { at: now - 120 * MINUTE_MS, count: EARLIER, route: '/cart' });
  await send('1.1.0', { at: now - 5 * MINUTE_MS, count: LATELY, route: '/pay' });
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  hook.stop();
  mail.stop();
});

/** Requests of one release of the shop, of two customers by turns. */
async function send(
  version: string,
  { at, count, route }: { readonly at: number; readonly count: number; readonly route: string },
): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) =>
    recordLine(index + 1, timeAt(at, index), {
      ...{ kind: 'access', message: `GET ${route}` },
      attributes: {
        ...{ 'http.request.method': 'GET', 'http.route': route, 'http.response.status_code': 200 },
        ...{ duration_ms: 10 * (index + 1), 'customer.id': index % 2 === 0 ? 'acme' : 'beta' },
      },
    }),
  );
  const body = batchBody({ producer: `shop-${version}`, boot: 'b', service: 'shop' }, lines);
  const told = body.replace('"service.version":"1.0.0"', `"service.version":"${version}"`);
  const answer = await server.post('/v1/records', told, { 'content-type': 'application/x-ndjson' });
  expect(await answer.json()).toMatchObject({ rejected: [] });
  await server.waitFor({ q: `service.version:${version}`, from: '-1d' }, count);
}

const timeoutMs = 180_000;
/** Every panel asks the engine at once: on a busy machine the last answer takes longer than a click may. */
const ANSWER_MS = 90_000;

async function desk(): Promise<Page> {
  const page = await signedIn(browser, server);
  page.setDefaultTimeout(ANSWER_MS);
  return page;
}

interface PanelText {
  readonly kind: string;
  readonly q: string;
  readonly language?: 'SQL';
  readonly range?: string;
  readonly unit?: string;
}

/** A panel more, filled in as a person does. It is named by its title from the first letter on. */
async function addPanel(page: Page, title: string, { kind, q, language, range, unit }: PanelText) {
  await page.getByRole('button', { name: 'Add a panel' }).click();
  await page.getByRole('group', { name: 'Title', exact: true }).getByLabel('Title').fill(title);
  const panel = page.getByRole('group', { name: title, exact: true });
  await panel.getByLabel('Shown as').selectOption(kind);
  if (language !== undefined) await panel.getByLabel('Language').selectOption(language);
  await panel.getByLabel('Query').fill(q);
  await panel.getByLabel(/^Range/).fill(range ?? '');
  await panel.getByLabel('Unit').fill(unit ?? '');
}

test.skipIf(chromiumPath === undefined)(
  'a dashboard is built panel by panel, each kind is drawn, and a release is marked in it (needs chromium)',
  { timeout: timeoutMs },
  async () => {
    const page = await desk();
    await openPage(page, 'Dashboards');
    await page.getByRole('button', { name: 'New dashboard' }).click();
    await page.getByLabel('Name', { exact: true }).fill('The shop');
    const groups = page.getByRole('group').filter({ has: page.getByLabel('Shown as') });
    for (let left = await groups.count(); left > 0; left -= 1)
      await groups.first().getByRole('button', { name: 'Remove' }).click();
    const perRoute = 'kind:access | stats count() as n by http.route';
    await addPanel(page, 'Over time', { kind: 'over time', q: 'kind:access' });
    await addPanel(page, 'Routes', { kind: 'top list', q: `${perRoute} | sort -n` });
    await addPanel(page, 'All', { kind: 'number', q: 'kind:access', unit: 'calls' });
    await addPanel(page, 'Rows', { kind: 'table', q: `${perRoute} | sort n` });
    await addPanel(page, 'Spread', { kind: 'heatmap', q: 'kind:access' });
    await addPanel(page, 'Lately', { kind: 'number', q: 'kind:access', range: '-1h' });
    await addPanel(page, 'Statement', {
      ...{ kind: 'number', language: 'SQL' },
      q: "SELECT count() AS n FROM records WHERE kind = 'access' AND time >= {from:DateTime64(9)}",
    });
    await page.getByRole('button', { name: '↑ Lately' }).click();
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByRole('group', { name: 'Variables' }).getByLabel('Field').last().fill('http.route');
    await page.getByRole('button', { name: 'Save' }).click();

    const panel = (name: string): Locator => page.getByRole('region', { name, exact: true });
    const whole = EARLIER + LATELY;
    await panel('All').getByText(`${whole} calls`).waitFor();
    await panel('Lately').getByText(`${LATELY}`, { exact: true }).waitFor();
    await panel('Statement').getByText(`${whole}`, { exact: true }).waitFor();
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
      'Over time',
      'Routes',
      'All',
      'Rows',
      'Lately',
      'Spread',
      'Statement',
    ]);
    // The line of all, and where the second release began.
    await panel('Over time')
      .getByRole('img', { name: new RegExp(`\\b${whole}$`) })
      .waitFor();
    const marks = panel('Over time').locator('line', { hasText: 'shop 1.1.0 deployed' });
    await marks.waitFor({ state: 'attached' });
    await panel('Routes').getByText('/pay', { exact: true }).waitFor();
    expect(await panel('Routes').getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^\/cart\s+20$/),
      expect.stringMatching(/^\/pay\s+10$/),
    ]);
    await panel('Rows').getByRole('cell', { name: '/pay' }).waitFor();
    expect(await panel('Rows').getByRole('row').allInnerTexts()).toEqual([
      expect.stringMatching(/^http\.route\s+n$/),
      expect.stringMatching(/^\/pay\s+10$/),
      expect.stringMatching(/^\/cart\s+20$/),
    ]);
    const cells = panel('Spread').locator('rect', { hasText: '≥' });
    await cells.first().waitFor({ state: 'attached' });
    // Two moments, and as many steps as the durations have.
    expect(await cells.count()).toBeGreaterThan(2);

    // A value narrows every search at once; what was chosen stands in the address.
    await page.getByLabel('http.route').fill('/pay');
    await panel('All').getByText(`${LATELY} calls`).waitFor();
    await panel('Routes').getByText('/cart', { exact: true }).waitFor({ state: 'detached' });
    expect(await panel('Routes').getByRole('listitem').count()).toBe(1);
    await page.reload();
    await panel('All').getByText(`${LATELY} calls`).waitFor();

    // What is not saved is not kept.
    await page.getByRole('button', { name: 'Edit' }).click();
    await page
      .getByRole('group', { name: 'All', exact: true })
      .getByRole('button', { name: 'Remove' })
      .click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await panel('All').waitFor();
    await page.close();
  },
);

async function addTargets(page: Page): Promise<void> {
  await openPage(page, 'Alerts');
  await page.getByRole('link', { name: 'Targets' }).click();
  const places = [
    ['slack_webhook', '#ops', 'Address of the webhook', `${hookUrl}/ops`],
    ['mail', 'the boss', 'Addresses, separated by commas', 'boss@shop.example'],
  ] as const;
  for (const [kind, name, label, place] of places) {
    await page.getByRole('button', { name: 'Add a target' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('combobox').first().selectOption(kind);
    await form.getByLabel('Name').fill(name);
    await form.getByLabel(label).fill(place);
    await form.getByLabel('Language of messages').selectOption('en');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row').filter({ hasText: name }).waitFor();
  }
}

test.skipIf(chromiumPath === undefined)(
  'a report has parameters: what is sent says and follows them, and a reader may choose others (needs chromium)',
  { timeout: timeoutMs },
  async () => {
    const page = await desk();
    await addTargets(page);
    await openPage(page, 'Reports');
    await page.getByRole('button', { name: 'New report' }).click();
    await page.getByRole('button', { name: 'Add a variable' }).click();
    const parameters = page.getByRole('group', { name: 'Variables' });
    await parameters.getByLabel('Field').fill('customer.id');
    await parameters.getByLabel('Value of customer.id').fill('acme');
    const requests = page.getByRole('region', { name: 'Requests', exact: true });
    const half = (EARLIER + LATELY) / 2;
    await page.getByRole('button', { name: 'Preview' }).click();
    await requests.getByText(`${half}`, { exact: true }).first().waitFor();
    await page.getByLabel('#ops').check();
    await page.getByLabel('the boss').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await requests.getByText(`${half}`, { exact: true }).first().waitFor();

    await page.getByRole('button', { name: 'Send now' }).click();
    await until('it came by both ways', 30_000, async () => {
      return hook.texts('/ops').length === 1 && mail.mails.length === 1;
    });
    const [text = ''] = hook.texts('/ops');
    expect(text).toContain(`Requests: ${half}`);
    expect(text).toContain('customer.id: acme');
    expect(mail.mails[0]?.to).toEqual(['boss@shop.example']);

    // Another value is for whoever reads; all is the empty one. The message's link leads to what the message told.
    await page.getByLabel('customer.id').fill('');
    await requests
      .getByText(`${2 * half}`, { exact: true })
      .first()
      .waitFor();
    const link = /<(http[^|]+)\|/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    await page.goto(link.replace(/^https?:\/\/[^/]+/, server.url));
    await requests.getByText(`${half}`, { exact: true }).first().waitFor();
    expect(await page.getByLabel('customer.id').inputValue()).toBe('acme');
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a rule over a search shows what it would have said, speaks up, and its alert can be muted (needs chromium)',
  { timeout: timeoutMs },
  async () => {
    const page = await desk();
    await openPage(page, 'Alerts');
    await page.getByRole('link', { name: 'Rules' }).click();
    await page.getByRole('button', { name: 'New rule' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name').fill('many payments');
    await form.getByLabel('Search').fill('http.route:/pay (');
    await form.getByRole('button', { name: 'Preview on the last 24 hours' }).click();
    await form.getByRole('alert').waitFor();
    await form.getByLabel('Search').fill('http.route:/pay');
    for (const [value, fires] of [
      [LATELY + 1, 0],
      [LATELY, 1],
    ] as const) {
      await form.getByLabel('Number of records').fill(`${value}`);
      await form.getByRole('button', { name: 'Preview on the last 24 hours' }).click();
      const text = `Messages that it would have sent in the last 24 hours: ${fires}`;
      const bars = form.getByRole('img', { name: text, exact: true });
      await bars.waitFor();
      expect(await bars.locator('rect[data-fires="true"]').count()).toBe(fires);
    }
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row').filter({ hasText: 'many payments' }).waitFor();

    const now = Date.now();
    const lines = Array.from({ length: LATELY + 5 }, (_, index) =>
      recordLine(index + 1, timeAt(now, index), { attributes: { 'http.route': '/pay' } }),
    );
    await postUntilTaken(server, { producer: 'pay', boot: 'b', service: 'pay' }, lines);
    await openPage(page, 'Alerts');
    // The list asks anew by itself.
    await page.getByRole('link', { name: /many payments/ }).click({ timeout: 90_000 });
    await page.getByRole('button', { name: 'Mute 1 h' }).click();
    await page.getByText(/^muted until /).waitFor();
    await page.getByRole('button', { name: 'Unmute' }).click();
    await page.getByText(/^muted until /).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Mute 1 h' }).waitFor();
    await page.close();
  },
);
