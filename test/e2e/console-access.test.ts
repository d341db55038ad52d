/** Every page of the navigation, in light and dark and on a phone: no serious barrier that axe can find. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { barriersOf } from '../lib/axe.js';
import { chromiumPath, launchChromium, signedIn } from '../lib/console.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, type TestServer } from '../lib/server.js';

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  const lines = Array.from({ length: 40 }, (_, index) =>
    recordLine(index + 1, timeAt(Date.now() - 60_000, index), {
      level: (['debug', 'info', 'warn', 'error', 'fatal'] as const)[index % 5] ?? 'info',
      message: `주문 ${index} placed`,
      attributes: { order: { id: index } },
    }),
  );
  await postUntilTaken(server, { producer: 'shop', boot: 'b', service: 'shop' }, lines);
  await server.waitFor({ q: 'service.name:shop', from: '-1h' }, lines.length);
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const looks = [
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark, Korean', options: { colorScheme: 'dark', locale: 'ko-KR' } },
  { name: 'phone', options: { viewport: { width: 390, height: 844 } } },
] as const;

test.skipIf(chromiumPath === undefined).each(looks)(
  'no page has a serious barrier: $name (needs chromium)',
  async ({ options }) => {
    const page = await signedIn(browser, server, options);
    const links = page.locator('.rail-links a');
    const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(paths).toContain('/search');
    for (const path of paths) {
      await page.goto(`${server.url}${path}`);
      await page.locator('#content').waitFor();
      await page.locator('.loading').waitFor({ state: 'detached' });
      expect(await barriersOf(page), path).toEqual([]);
    }
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a low window hides no page and makes none too small to hit, and a very low one shows where one is (needs chromium)',
  async () => {
    const page = await signedIn(browser, server, { viewport: { width: 900, height: 600 } });
    await page.goto(`${server.url}/people`);
    const rest = () => page.locator('.rail-links').evaluate((rail) => rail.scrollHeight - rail.clientHeight);
    const bottoms = () =>
      page.evaluate<{ here: number; tools: number }>(`({
        here: document.querySelector('.rail a[aria-current]').getBoundingClientRect().bottom,
        tools: document.querySelector('.rail .tools').getBoundingClientRect().top,
      })`);
    await page.locator('.rail a[aria-current]').waitFor();
    expect(await rest()).toBeLessThanOrEqual(0);
    const heights = await page
      .locator('.rail-links a')
      .evaluateAll((all) => all.map((link) => link.getBoundingClientRect().height));
    // WCAG 2.2, 2.5.8.
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(24);
    await page.setViewportSize({ width: 900, height: 360 });
    await page.reload();
    await page.locator('.rail a[aria-current]').waitFor();
    expect(await rest()).toBeGreaterThan(0);
    await expect.poll(async () => (await bottoms()).here - (await bottoms()).tools).toBeLessThanOrEqual(0);
    await page.close();
  },
);
