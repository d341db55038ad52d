/** Alerts, dashboards, reports and people as persons use them: a real Chromium, a real server, a webhook on this machine. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { command } from '../lib/programs.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const executablePath = command('chromium');
const hook = new HookSink();
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (executablePath === undefined) return;
  const url = await hook.start();
  server = await startTestServer({ SILLOK_ALLOW_PRIVATE_TARGETS: '1' });
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await signedIn();
  await go(page, 'Alerts');
  await page.getByRole('link', { name: 'Targets' }).click();
  await page.getByRole('button', { name: 'Add a target' }).click();
  await page.getByLabel('Name').fill('#ops');
  await page.getByLabel('Address of the webhook').fill(`${url}/ops`);
  await page.getByLabel('Language of messages').selectOption('en');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await until('the test message came', 20_000, async () => hook.texts('/ops').length === 1);
  await page.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  hook.stop();
});

const HOSTILE = '<img src=x onerror=alert(1)> <!channel> `${x}`';

async function signedIn(): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) problems.push(message.text());
  });
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => problems.push('a dialog opened')));
  page.on('close', () => expect(problems).toEqual([]));
  await page.goto(server.url);
  await page.getByLabel('Key', { exact: true }).fill(server.key);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation').first().waitFor();
  return page;
}

async function go(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

const timeoutMs = 120_000;

test.skipIf(executablePath === undefined)(
  'a storm is one message, and its link is two steps from the failing line',
  { timeout: timeoutMs },
  async () => {
    const producer = { producer: 'orders-1', boot: 'b1', service: 'orders' };
    const startMs = Date.now();
    const lines = Array.from({ length: 2_000 }, (_, index) =>
      recordLine(index + 1, timeAt(startMs, index), {
        level: 'error',
        message: `결제 실패 ${HOSTILE} 주문 ${index}`,
        user_hash: `p${index % 40}`,
      }),
    );
    await postUntilTaken(server, producer, lines);
    await until('it is told', 30_000, async () =>
      hook.texts('/ops').some((text) => text.includes('결제 실패')),
    );
    const told = hook.texts('/ops').filter((text) => text.includes('결제 실패'));
    expect(told).toHaveLength(1);
    expect(told[0]).not.toMatch(/<!channel>|<img/);

    const link = /<(http[^|]+)\|/.exec(told[0] ?? '')?.[1]?.replaceAll('&amp;', '&') ?? '';
    const page = await signedIn();
    await page.goto(link);
    await page.getByText('결제 실패', { exact: false }).first().waitFor();
    await go(page, 'Alerts');
    const row = page.locator('.alert-row').filter({ hasText: '결제 실패' });
    await row.getByText('2,000 times').waitFor();
    await row.getByText('40 people').waitFor();
    await row.click();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('acknowledged').first().waitFor();
    await page.getByRole('link', { name: 'Open this search' }).click();
    await page.getByText('결제 실패', { exact: false }).first().waitFor();
    await page.close();
  },
);

test.skipIf(executablePath === undefined)(
  'a dashboard follows its customer, and hangs on a wall without signing in',
  { timeout: timeoutMs },
  async () => {
    const producer = { producer: 'pay-1', boot: 'b1', service: 'pay' };
    const startMs = Date.now() - 60_000;
    const lines = Array.from({ length: 30 }, (_, index) =>
      recordLine(index + 1, timeAt(startMs, index), {
        kind: 'access',
        message: 'GET /pay',
        attributes: {
          'customer.id': index % 3 === 0 ? 'acme' : 'beta',
          'http.route': '/pay',
          duration_ms: index,
        },
      }),
    );
    await postUntilTaken(server, producer, lines);
    const page = await signedIn();
    await go(page, 'Dashboards');
    await page.getByRole('button', { name: 'New dashboard' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    const requests = page.getByRole('region', { name: 'Requests', exact: true });
    await requests.getByText('30', { exact: true }).waitFor();
    await page.getByLabel('Customer').fill('acme');
    await requests.getByText('10', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Wall link' }).click();
    const link = await page.getByRole('dialog').locator('code').innerText();
    const wall = await (await browser.newContext({ locale: 'en-US' })).newPage();
    await wall.goto(link.replace(/^https?:\/\/[^/]+/, server.url));
    await wall
      .getByRole('region', { name: 'Requests', exact: true })
      .getByText('10', { exact: true })
      .waitFor();
    expect(await wall.getByRole('navigation').count()).toBe(0);
    await wall.close();
    await page.close();
  },
);

test.skipIf(executablePath === undefined)(
  'a report is made, previewed and sent without SQL and without typing an address',
  { timeout: timeoutMs },
  async () => {
    const page = await signedIn();
    await go(page, 'Reports');
    await page.getByRole('button', { name: 'New report' }).click();
    await page.getByRole('button', { name: 'Preview' }).click();
    await page
      .getByRole('region', { name: 'Requests', exact: true })
      .getByText('30', { exact: true })
      .waitFor();
    await page.getByLabel('#ops').check();
    await page.getByLabel('Comes').selectOption({ label: 'every week' });
    expect(await page.getByLabel('Weekday').locator('option:checked').innerText()).toBe('Monday');
    await page.getByLabel('At', { exact: true }).fill('09:30');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Send now' }).click();
    await until('it came', 30_000, async () =>
      hook.texts('/ops').some((text) => text.includes('Weekly report')),
    );
    expect(hook.texts('/ops').find((text) => text.includes('Weekly report'))).toMatch(/• Requests: 30/);
    const { reports } = await server.get<{ reports: { schedule: string }[] }>('/api/reports');
    expect(reports.map(({ schedule }) => schedule)).toContain('30 9 * * 1');
    await page.close();
  },
);

test.skipIf(executablePath === undefined)(
  'somebody who was invited joins with a password and sees the record, but no keys',
  { timeout: timeoutMs },
  async () => {
    const page = await signedIn();
    await go(page, 'People and keys');
    await page.getByLabel('E-mail').fill('lee@shop.example');
    await page.getByLabel('Role').last().selectOption('viewer');
    await page.getByRole('button', { name: 'Invite' }).click();
    const link = await page.locator('.once code').innerText();
    const guest = await (await browser.newContext({ locale: 'en-US' })).newPage();
    await guest.goto(link);
    await guest.getByLabel('Name').fill('Lee');
    await guest.getByLabel('Password').fill('a sentence as password');
    await guest.getByRole('button', { name: 'Join' }).click();
    await go(guest, 'People and keys');
    await guest.getByText('lee@shop.example').waitFor();
    expect(await guest.getByRole('link', { name: 'Keys', exact: true }).count()).toBe(0);
    await guest.close();
    await page.close();
  },
);
