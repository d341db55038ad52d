/**
 * "Send only my requests to my copies of orders and payments", from the console on a phone: begin a session, put it into the
 * tab of the shop, see live which versions answered, open the trace, end it. nginx, the services and their copies are real.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { barriersOf } from '../lib/axe.js';
import { chromiumPath, launchChromium, signedIn } from '../lib/console.js';
import { beginDebugSession, orderThrough, seeWhichAnswered } from '../lib/debug-session.js';
import { openByMenu, signedInOnPhone } from '../lib/journey.js';
import { nginx } from '../lib/nginx-proxy.js';
import { RoutedServices } from '../lib/routed.js';
import { startTestServer, type TestServer } from '../lib/server.js';

const isMissing = chromiumPath === undefined || nginx === undefined;
let server: TestServer;
let routed: RoutedServices;
let browser: Browser;
/** A folder for pictures, two of which are those of the guide. */
const shots = process.env['SILLOK_SHOTS'];

beforeAll(async () => {
  if (isMissing) return;
  server = await startTestServer();
  routed = new RoutedServices(server);
  await routed.start();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await routed?.stop();
  await server?.dispose();
});

async function look(page: Page, name: string): Promise<void> {
  expect(await barriersOf(page)).toEqual([]);
  if (shots === undefined) return;
  await page.setViewportSize({ width: 390, height: 800 });
  await page.screenshot({ path: `${shots}/${name}.png` });
  await page.setViewportSize({ width: 390, height: 844 });
}

test.skipIf(isMissing)(
  'a session of the console sends one tab to the copies, shows that they answered, and ends (needs chromium, nginx)',
  { timeout: 180_000 },
  async () => {
    expect(await orderThrough(browser, routed)).toBe('gateway 1.0.0 > orders 1.0.0 > payments 1.0.0');
    await server.waitFor({ q: 'service.name:payments kind:access' }, 1);

    const page = await signedInOnPhone(browser, server);
    const bookmark = await beginDebugSession(page, routed);
    await look(page, 'routing-begun-phone-en');
    expect(await orderThrough(browser, routed, bookmark)).toBe(
      'gateway 1.0.0 > orders fix-42 > payments fix-9',
    );
    await seeWhichAnswered(page);
    await look(page, 'routing-answered-phone-en');
    // Everybody else is where they were.
    expect(await orderThrough(browser, routed)).toBe('gateway 1.0.0 > orders 1.0.0 > payments 1.0.0');

    const korean = await signedIn(browser, server, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      locale: 'ko-KR',
      colorScheme: 'dark',
    });
    await korean.goto(`${server.url}/routing`);
    await korean.getByText('내 사본', { exact: true }).first().waitFor();
    await look(korean, 'routing-phone-ko-dark');
    await korean.emulateMedia({ colorScheme: 'light' });
    await look(korean, 'routing-phone-ko');
    await korean.close();

    await page.getByRole('link', { name: 'Trace', exact: true }).first().tap();
    await page.getByText('Services and versions').tap();
    await page.getByRole('cell', { name: 'fix-42' }).waitFor();
    await openByMenu(page, 'Debug sessions');
    await page.getByRole('button', { name: 'End', exact: true }).tap();
    await page.getByText(/A signed text cannot be called back/).waitFor();
    expect(await page.getByRole('button', { name: 'End', exact: true }).count()).toBe(0);
    await look(page, 'routing-ended-phone-en');
    await page.close();

    const actions = await server.waitFor({ q: 'kind:audit audit.action:(route.create or route.end)' }, 2);
    expect(
      new Set(actions.map(({ attributes }) => JSON.stringify(Object(attributes['audit']).outcome))),
    ).toEqual(new Set(['"committed"']));
  },
);

test.skipIf(isMissing)(
  'another project sees no session, and cannot end one; a viewer is not given the text',
  async () => {
    const json = { 'content-type': 'application/json' };
    const made = await server.post('/api/debug-route', '{"targets":{"orders":"fix-42"}}', json);
    const id = String(Object((await made.json()) as unknown).id);
    const keyOf = async (wanted: object): Promise<string> => {
      const answer = await server.post('/api/keys', JSON.stringify({ name: 'other', ...wanted }), json);
      return String(Object((await answer.json()) as unknown).key);
    };
    const as = async (key: string, method: string, path: string) => {
      const response = await fetch(server.url + path, {
        method,
        headers: { authorization: `Bearer ${key}` },
      });
      return { status: response.status, text: await response.text() };
    };
    const stranger = await keyOf({ scopes: ['admin'], project: 'other' });
    expect((await as(stranger, 'GET', '/api/debug-route')).text).toBe('{"sessions":[]}');
    expect((await as(stranger, 'DELETE', `/api/debug-route/${id}`)).status).toBe(404);
    const viewer = await keyOf({ scopes: ['read'] });
    const seen = await as(viewer, 'GET', '/api/debug-route');
    expect(seen.text).toContain(id);
    expect(seen.text).not.toContain('sillok.route=');
    expect((await as(viewer, 'DELETE', `/api/debug-route/${id}`)).status).toBe(403);
    const bad = '{"targets":{"orders":"fix-42"},"addresses":{"orders":"x; rm -rf /"}}';
    expect((await server.post('/api/debug-route', bad, json)).status).toBe(400);
  },
);
