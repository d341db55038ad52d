/** A search that cannot be read says so in the reader's language, with what was written in its place. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { startTestServer, type TestServer } from '../lib/server.js';

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

test.skipIf(chromiumPath === undefined)(
  'mistakes in a search are told in Korean and in English (needs chromium)',
  async () => {
    const page = await signedIn(browser, server, { locale: 'ko-KR' });
    await openPage(page, '검색');
    await runQuery(page, 'level:eror');
    const alert = page.getByRole('alert');
    await alert.getByText('“eror”(이)라는 레벨은 없습니다').waitFor();
    expect(await alert.innerText()).toContain('error인가요?');
    expect(await alert.innerText()).not.toMatch(/there is no level|cannot be read/);
    const english = await signedIn(browser, server);
    await openPage(english, 'Search');
    await runQuery(english, 'level:eror');
    await english.getByRole('alert').getByText('there is no level “eror”').waitFor();
    await english.close();
    await page.close();
  },
);
