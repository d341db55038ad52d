/** One click on the first page: the made-up shop runs, its records arrive in a project of their own, and it ends again. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { barriersOf } from '../lib/axe.js';
import { chromiumPath, launchChromium, signedIn } from '../lib/console.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

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

interface Demo {
  readonly available: boolean;
  readonly state: string;
  readonly url: string | null;
}

test.skipIf(chromiumPath === undefined)(
  'the demo shop starts by one click, says that it is made up, and ends (needs chromium)',
  { timeout: 240_000 },
  async () => {
    const page = await signedIn(browser, server);
    await page.getByText('Nothing here yet').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start the demo shop' }).click();
    await page.getByText('The demo shop is starting').waitFor();
    // The page turns into the record by itself when the first line of the shop arrives.
    await page.getByRole('heading', { name: 'Newest records' }).waitFor({ timeout: 150_000 });
    await page.getByText('Everything here is made up').waitFor({ timeout: 150_000 });
    const { url } = await server.get<Demo>('/api/demo');
    expect((await fetch(url ?? '')).ok).toBe(true);
    expect(await barriersOf(page)).toEqual([]);
    // What is real is elsewhere, and has nothing of it: only who signed in stands there.
    expect((await server.search({ q: '-kind:audit', from: '-1h' })).records).toEqual([]);

    await page.getByRole('button', { name: 'Stop the demo' }).click();
    await page.getByText('Nothing here yet').waitFor({ timeout: 60_000 });
    expect(await server.get<Demo>('/api/demo')).toMatchObject({
      available: true,
      state: 'stopped',
      url: null,
    });
    await until(
      'the shop is gone',
      30_000,
      async () => (await fetch(url ?? '').catch(() => undefined)) === undefined,
    );
    // Its key went with it.
    const { keys } = await server.get<{ keys: { name: string; revoked_at: string | null }[] }>('/api/keys');
    expect(keys.filter((key) => key.name === 'the demo shop' && key.revoked_at === null)).toEqual([]);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'whoever does not own the server is offered none and may start none (needs chromium)',
  async () => {
    const wanted = { name: 'member', scopes: ['read', 'write', 'admin'] };
    const json = { 'content-type': 'application/json' };
    const made = await server.post('/api/keys', JSON.stringify(wanted), json);
    // The answer of POST /api/keys.
    const { key } = (await made.json()) as { readonly key: string };
    const headers = { authorization: `Bearer ${key}` };
    expect((await server.post('/api/demo', '', headers)).status).toBe(403);
    const page = await signedIn(browser, { url: server.url, key });
    await page.getByText('Nothing here yet').waitFor();
    expect(await page.getByRole('button', { name: 'Start the demo shop' }).count()).toBe(0);
    await page.close();
  },
);
