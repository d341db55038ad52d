/** What a developer does to send only their own requests to copies: with the console on a phone, and the shop in another tab. */
import type { Browser, Page } from 'playwright-core';
import { openByMenu } from './journey.js';
import { COPIES, type RoutedServices } from './routed.js';

/** Answers the line to run in the tab of the shop. */
export async function beginDebugSession(page: Page, routed: RoutedServices): Promise<string> {
  await openByMenu(page, 'Debug sessions');
  const form = page.getByRole('form', { name: 'Begin a session' });
  await form.getByLabel(/^Service/).waitFor();
  for (const [index, [service, version]] of Object.entries(COPIES).entries()) {
    if (index > 0) await form.getByRole('button', { name: 'Another service' }).tap();
    await form
      .getByLabel(/^Service/)
      .nth(index)
      .selectOption(service);
    await form.getByLabel('Version of your copy').nth(index).fill(version);
    await form.getByLabel('Where it runs').nth(index).fill(routed.addressOf(service, version));
  }
  await form.getByLabel('For how long').selectOption('15');
  await form.getByLabel('Why').fill('ticket 4711');
  await form.getByRole('button', { name: 'Begin a session' }).tap();
  const card = page.getByRole('article').filter({ hasText: 'fix-42' }).first();
  await card.getByText('has not answered yet').first().waitFor();
  return card.getByText(/^javascript:void sessionStorage\.setItem/).innerText();
}

/** An order in a tab of its own, with what a bookmark runs in it; answers who answered. */
export async function orderThrough(
  browser: Browser,
  routed: RoutedServices,
  bookmark?: string,
): Promise<string> {
  const tab = await (await browser.newContext()).newPage();
  await tab.goto(`${routed.url}/web/`);
  await tab.waitForFunction('window.sillok !== undefined');
  if (bookmark !== undefined) await tab.evaluate(bookmark.replace(/^javascript:/, ''));
  await tab.getByRole('button').click();
  await tab.waitForFunction(`document.querySelector('output').textContent !== ''`);
  const answer = await tab.locator('output').innerText();
  await tab.context().close();
  return answer;
}

/** Both copies are said to have answered, and nobody else in their place. */
export async function seeWhichAnswered(page: Page): Promise<void> {
  const answered = page.getByRole('region', { name: 'Which versions answered' });
  for (const [service, version] of Object.entries(COPIES)) {
    const line = answered.getByRole('listitem').filter({ hasText: `asked for ${version}` });
    await line.filter({ hasText: service }).getByText('your copy', { exact: true }).waitFor();
  }
  await answered.getByText(/orders fix-42/).waitFor();
}
