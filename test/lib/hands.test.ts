/** The guard of the journeys: what a person cannot do fails, what a person does passes. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from './console.js';
import { openByLink } from './hands.js';

const PAGE = `<!doctype html><title>page</title>
<button onclick="history.pushState(null, '', '/clicked')">go</button><a href="/second">second</a>
<input aria-label="box" onkeydown="if (event.key === 'Enter') history.pushState(null, '', '/typed')">
<button onclick="window.asked = true">stay</button>
<label>size <select><option>1<option>2</select></label>`;

describe.skipIf(chromiumPath === undefined)('a page in the hands of a person (needs chromium)', () => {
  let server: Server;
  let browser: Browser;
  let url = '';

  beforeAll(async () => {
    server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test('clicks are counted one by one, a tap and a choice too, and typing is none', async () => {
    const hands = await openByLink(browser, url, { hasTouch: true });
    const { page } = hands;
    await page.getByRole('button', { name: 'go' }).click();
    await page.getByLabel('box').fill('text');
    await page.getByLabel('box').press('Enter');
    await page.getByRole('button', { name: 'go' }).tap();
    await page.getByLabel('size').selectOption('2');
    expect(await hands.clicks()).toBe(3);
    await page.getByRole('link', { name: 'second' }).click();
    await page.waitForURL('**/second');
    // Another document: what was counted before is not counted again.
    expect(await hands.clicks()).toBe(1);
    await hands.close();
  });

  test('an address that a test typed is refused', async () => {
    const hands = await openByLink(browser, url);
    await expect(hands.page.goto(`${url}/second`)).rejects.toThrow('a person types no address');
    await hands.close();
  });

  test('an address that came from a script, after the last click had led elsewhere, is named', async () => {
    const hands = await openByLink(browser, url);
    await hands.page.getByRole('button', { name: 'go' }).click();
    await hands.page.evaluate("history.replaceState(null, '', '/stolen')");
    await expect(hands.close()).rejects.toThrow('/clicked became /stolen without a click or a key');
    await hands.page.close();
  });

  test('a page that a test loads through its script is named', async () => {
    const hands = await openByLink(browser, url);
    await hands.page.evaluate("location.href = '/second'");
    await hands.page.waitForURL('**/second');
    await expect(hands.close()).rejects.toThrow('/ became /second without a click or a key');
    await hands.page.close();
  });
});
