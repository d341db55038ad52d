/** A console whose engine or whose server is away: what is read then, and that it works again by its button when they are back. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { enginePids } from '../lib/processes.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const producer = { producer: 'away', boot: 'b', service: 'away' };
const now = Date.now() - 60_000;
const KILL_EVERY_MS = 50;
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  await send(1);
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const send = (seq: number): Promise<unknown> =>
  postUntilTaken(server, producer, [recordLine(seq, timeAt(now, seq), { message: `line ${seq}` })]);

const timeoutMs = 240_000;

function killEngines(): void {
  for (const pid of enginePids(server.child?.pid ?? 0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was gone already.
    }
  }
}

async function searched(): Promise<Page> {
  const page = await signedIn(browser, server);
  await openPage(page, 'Search');
  await until('the first line is found', 60_000, async () => {
    await runQuery(page, 'service.name:away');
    return page.getByText(/records? shown/).isVisible();
  });
  return page;
}

/** Presses until it is answered: what is away comes back some time after it was asked for. */
async function pressUntil(button: Locator, state: string, isThere: () => Promise<boolean>): Promise<void> {
  await until(state, 120_000, async () => {
    if (await isThere()) return true;
    await button.click({ timeout: 2_000 }).catch(() => undefined);
    return false;
  });
}

test.skipIf(chromiumPath === undefined)(
  'an engine that is away: every page says that nothing is lost, and the button finds what came meanwhile (needs chromium)',
  { timeout: timeoutMs },
  async () => {
    const page = await searched();
    const killing = setInterval(killEngines, KILL_EVERY_MS);
    try {
      await until('no search is answered', 60_000, async () => {
        const answer = await server.search({}).catch((error: unknown) => String(error));
        return typeof answer === 'string' && answer.includes('engine_unavailable');
      });
      await page.getByRole('searchbox').press('Enter');
      await said(page, 'The search engine is not available');
      await send(2);
      for (const name of ['Errors', 'Endpoints', 'Patterns', 'Service map']) {
        await openPage(page, name);
        await said(page, 'Records are taken and kept');
      }
      await openPage(page, 'Search');
      await said(page, 'Records are taken and kept');
    } finally {
      clearInterval(killing);
    }
    const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
    await pressUntil(again, 'a search is answered', async () => page.getByText(/records? shown/).isVisible());
    await until('both lines are there', 60_000, async () => {
      await runQuery(page, 'service.name:away');
      return page.getByText('2 records shown').isVisible();
    });
    await page.close();
  },
);

/** In one place, with the way on, and nothing that still turns. */
async function said(page: Page, text: string): Promise<void> {
  const alert = page.getByRole('main').getByRole('alert').filter({ hasText: text });
  await alert.first().waitFor();
  await alert.first().getByRole('button', { name: 'Try again' }).waitFor();
}

test.skipIf(chromiumPath === undefined)(
  'a server that is away: the page stays, says so, also one that was never opened, and is there again when it is (needs chromium)',
  { timeout: timeoutMs },
  async () => {
    const page = await searched();
    await server.stop('SIGKILL');
    await page.getByRole('searchbox').press('Enter');
    await said(page, 'The server does not answer.');
    // Its file was not loaded yet, and cannot be now.
    await openPage(page, 'Retries');
    await said(page, 'The server does not answer.');
    const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
    await again.click();
    await said(page, 'The server does not answer.');
    await server.start();
    await again.click();
    await page.getByRole('heading', { level: 1, name: 'Retries' }).waitFor();
    // Sessions end with the server; signing in leads back to where one was.
    await openPage(page, 'Search');
    await page.getByLabel('Key', { exact: true }).fill(server.key);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/search/);
    // The engine of a server that has just begun comes a moment later.
    await pressUntil(again, 'a search is answered', async () => page.getByText(/records? shown/).isVisible());
    await page.close();
  },
);
