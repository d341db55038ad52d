/** A browser at the demo's console: signed in, and the moment at which a page has said all that it has to say. */
import { chromium } from 'playwright-core';
import { command } from '../../examples/shop/lib/programs.mjs';

const SETTLED_MS_MAX = 30_000;

export function openBrowser() {
  return chromium.launch({
    executablePath: command('chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });
}

/** @param look `{ locale, colorScheme, viewport }` */
export async function signedIn(browser, scene, look) {
  const context = await browser.newContext(look);
  const page = await context.newPage();
  await page.goto(scene.url);
  await page.getByLabel(/^(Key|키)$/).fill(scene.key);
  await page.getByRole('button', { name: /^(Sign in|로그인)$/ }).click();
  await page.locator('.frame').waitFor();
  return page;
}

/** What a page shows before its first answer does not count; the live page never rests, so its first rows do. */
export async function settled(page) {
  await page.locator('#content').waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached', timeout: SETTLED_MS_MAX });
  if (new URL(page.url()).pathname !== '/live') return page.waitForLoadState('networkidle');
  const few = page.locator('.row').nth(3);
  return few.waitFor({ timeout: SETTLED_MS_MAX }).catch(() => undefined);
}
