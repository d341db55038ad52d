/** The life of an error in a real Chromium: mended, back again, left alone for a while, given to a colleague. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { barriersOf } from '../lib/axe.js';
import { chromiumPath, launchChromium, openPage, signedIn } from '../lib/console.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, type TestServer } from '../lib/server.js';

let server: TestServer;
let browser: Browser;
let sent = 0;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  const owner = { email: 'kim@shop.example', name: '김개발', password: 'a long enough password' };
  const json = { 'content-type': 'application/json' };
  expect((await server.post('/api/users', JSON.stringify(owner), json)).status).toBe(201);
  await fail('결제 실패: 카드사가 응답하지 않음');
  await fail('disk sda is full');
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function fail(message: string): Promise<void> {
  sent += 1;
  const trace_id = String(sent).padStart(32, 'a');
  const more = { level: 'error', message, trace_id, attributes: { 'trace.alias.sentry': `s${sent}` } };
  const line = recordLine(sent, timeAt(Date.now(), 0), more);
  await postUntilTaken(server, { producer: 'pay', boot: 'b', service: 'pay' }, [line]);
  await server.waitFor({ q: 'service.name:pay', from: '-1h' }, sent);
}

const card = (page: Page, text: string) => page.locator('.group').filter({ hasText: text });

async function choose(page: Page, [button, choice]: readonly [string, string]): Promise<void> {
  await card(page, '결제 실패').getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('dialog', { name: button }).getByRole('button', { name: choice }).click();
}

test.skipIf(chromiumPath === undefined)(
  'resolved, back by itself, given to somebody, ignored, and open again (needs chromium)',
  async () => {
    const page = await signedIn(browser, server);
    await openPage(page, 'Errors');
    const tabs = page.getByRole('navigation', { name: 'Which errors' });
    await tabs.getByRole('link', { name: 'Open 2' }).waitFor();
    await choose(page, ['Resolve', 'It is mended: tell']);
    await tabs.getByRole('link', { name: 'Open 1' }).waitFor();
    await card(page, '결제 실패').waitFor({ state: 'detached' });
    await tabs.getByRole('link', { name: 'Resolved 1' }).click();
    await card(page, '결제 실패').getByText('resolved by local development').waitFor();

    await fail('결제 실패: 카드사가 응답하지 않음');
    await tabs.getByRole('link', { name: 'Open' }).click();
    await card(page, '결제 실패').getByText('came back in 1.0.0').waitFor();

    await choose(page, ['Assign', '김개발']);
    await card(page, '결제 실패').getByText('for 김개발').waitFor();
    await choose(page, ['Ignore', 'until 100 more arrive']);
    await tabs.getByRole('link', { name: 'Ignored 1' }).click();
    await card(page, '결제 실패').getByText('until 100 more', { exact: true }).waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await card(page, '결제 실패').getByRole('button', { name: 'Open again' }).click();
    await page.getByText('No ignored error').waitFor();
    await tabs.getByRole('link', { name: 'Open 2' }).waitFor();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'other systems open at the trace, and a wrong address is refused with its reason (needs chromium)',
  async () => {
    const phone = { viewport: { width: 390, height: 844 }, locale: 'ko-KR' };
    const page = await signedIn(browser, server, phone);
    await page.goto(`${server.url}/errors`);
    await page.getByRole('button', { name: '다른 시스템' }).click();
    const dialog = page.getByRole('dialog', { name: '다른 시스템' });
    await dialog.getByLabel('Sentry').fill('https://sentry.shop.example/');
    await dialog.getByRole('button', { name: '저장' }).click();
    await dialog.getByText('{id} or {trace_id}').waitFor();
    await dialog.getByLabel('Sentry').fill('https://sentry.shop.example/trace/{id}/');
    await dialog.getByRole('button', { name: '저장' }).click();
    const link = card(page, 'disk sda').getByRole('link', { name: 'Sentry' });
    expect(await link.getAttribute('href')).toBe('https://sentry.shop.example/trace/s2/');
    expect(await link.getAttribute('rel')).toContain('noreferrer');
    expect(await barriersOf(page)).toEqual([]);
    await page.close();
  },
);
