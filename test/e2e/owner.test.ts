/** Owners at the console: accounts and projects, as a person does it, and what others see of it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium, openPage, signedIn } from '../lib/console.js';
import { startTestServer, type TestServer } from '../lib/server.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PASSWORD = 'a sentence as password';
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function joined(owner: Page, email: string, name: string): Promise<Page> {
  await owner.getByRole('link', { name: 'Members', exact: true }).click();
  await owner.getByLabel('E-mail').fill(email);
  await owner.getByRole('button', { name: 'Invite' }).click();
  const link = await owner.locator('.once code').innerText();
  const guest = await (await browser.newContext({ locale: 'en-US' })).newPage();
  await guest.goto(link);
  await guest.getByLabel('Name').fill(name);
  await guest.getByLabel('Password').fill(PASSWORD);
  await guest.getByRole('button', { name: 'Join' }).click();
  await guest.locator('.frame').waitFor();
  return guest;
}

async function confirmed(page: Page, action: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();
}

const isSkipped = chromiumPath === undefined;

test.skipIf(isSkipped)('an owner disables, enables, promotes and resets an account', async () => {
  const owner = await signedIn(browser, server);
  await openPage(owner, 'People and keys');
  const guest = await joined(owner, 'lee@shop.example', 'Lee');
  await owner.getByRole('link', { name: 'All users' }).click();
  const row = owner.getByRole('row').filter({ hasText: 'lee@shop.example' });
  await row.getByRole('button', { name: 'Disable' }).click();
  await confirmed(owner, 'Disable');
  await row.getByText('disabled').waitFor();
  // Whatever the guest does next ends at the sign-in page.
  await guest.reload();
  await guest.getByLabel('E-mail').waitFor();
  await row.getByRole('button', { name: 'Enable' }).click();
  await row.getByText('active').waitFor();

  await row.getByRole('button', { name: 'Reset link' }).click();
  const reset = await owner.locator('.once code').innerText();
  const fresh = await (await browser.newContext({ locale: 'en-US' })).newPage();
  await fresh.goto(reset);
  await fresh.getByLabel('Password').fill('another sentence for it');
  await fresh.getByRole('button', { name: 'Join' }).click();
  await fresh.locator('.frame').waitFor();
  await openPage(fresh, 'People and keys');
  await fresh.getByRole('link', { name: 'You', exact: true }).waitFor();
  // A viewer sees neither the users of the server nor its projects, whatever stands in the address.
  expect(await fresh.getByRole('link', { name: /^(All users|Projects|Keys)$/ }).count()).toBe(0);
  await fresh.goto(`${server.url}/people?tab=users`);
  await fresh.getByRole('alert').getByText('owner').waitFor();

  await row.getByRole('button', { name: 'Make owner' }).click();
  await confirmed(owner, 'Make owner');
  await row.getByRole('button', { name: 'No longer owner' }).waitFor();
  await fresh.goto(`${server.url}/people?tab=users`);
  await fresh.getByRole('row').filter({ hasText: 'lee@shop.example' }).getByText('you').waitFor();
  await owner.getByRole('link', { name: 'Changed settings' }).click();
  await owner.getByText('user lee@shop.example was disabled').waitFor();
  await owner.getByText('user lee@shop.example is now an owner').waitFor();
  await Promise.all([owner.close(), guest.close(), fresh.close()]);
});

test.skipIf(isSkipped)('an owner makes a project, renames it, archives it and opens it again', async () => {
  const owner = await signedIn(browser, server);
  await openPage(owner, 'People and keys');
  await owner.getByRole('link', { name: 'Projects', exact: true }).click();
  await owner.getByLabel(/^Id/).fill('mobile');
  await owner.getByLabel('Name').fill('Mobile app');
  await owner.getByRole('button', { name: 'Create' }).click();
  const row = owner.getByRole('row').filter({ has: owner.getByText('mobile', { exact: true }) });
  await row.getByRole('button', { name: 'Rename' }).click();
  await owner.getByRole('dialog').getByLabel('New name').fill('<b>Mobile</b>');
  await confirmed(owner, 'Save');
  await row.getByText('<b>Mobile</b>').waitFor();
  await row.getByRole('button', { name: 'Archive' }).click();
  await confirmed(owner, 'Archive');
  await row.getByText('archived').waitFor();
  await row.getByRole('button', { name: 'Open again' }).click();
  await row.getByText('open', { exact: true }).waitFor();
  const own = owner.getByRole('row').filter({ has: owner.getByText('default', { exact: true }) });
  expect(await own.getByRole('button', { name: 'Archive' }).count()).toBe(0);
  await owner.getByLabel(/^Id/).fill('mobile');
  await owner.getByRole('button', { name: 'Create' }).click();
  await owner.getByRole('alert').getByText('There is a project "mobile" already.').waitFor();
  await owner.close();
});

const looks = [
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark, Korean', options: { colorScheme: 'dark', locale: 'ko-KR' } },
  { name: 'phone', options: { viewport: { width: 390, height: 844 } } },
] as const;

test.skipIf(isSkipped).each(looks)(
  'no serious barrier in any part of the page: $name',
  async ({ options }) => {
    const page = await signedIn(browser, server, options);
    for (const tab of ['users', 'projects', 'keys', 'sessions', 'history']) {
      await page.goto(`${server.url}/people?tab=${tab}`);
      await page.locator('.table').first().waitFor();
      await page.evaluate(axe);
      const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(
        serious.map(({ id }) => id),
        tab,
      ).toEqual([]);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(wide, `${tab} scrolls sideways`).toBeLessThanOrEqual(0);
    }
    await page.close();
  },
);
