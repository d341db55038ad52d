/**
 * Who sent it several times, when it began in a browser: real double clicks, a button that is wired up twice, and a page that
 * tries again after a failure, in a real Chromium against a real service with our SDK.
 *
 * `SILLOK_CASES=200`, as in `npm run soak -- verdicts`, is the long form.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type RetryVerdict } from '@sillok/api';
import { createLogger, type Logger } from '@sillok/node';
import { sillokHttp } from '@sillok/node/http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../lib/server.js';
import { browserKey, chromiumPath, launch, Site } from './site.js';

const CASES = Number(process.env['SILLOK_CASES'] ?? 5);
/** Page, the service's path, and what is to be said. The last one fails at its first request in each page. */
const CAUSES: readonly { name: string; verdict: RetryVerdict; script: string; clicks: 1 | 2 }[] = [
  { name: 'twice', verdict: 'user', clicks: 2, script: `on(send)` },
  { name: 'wired', verdict: 'client_bug', clicks: 1, script: `on(() => send()); on(() => send())` },
  {
    name: 'again',
    verdict: 'client_retry',
    clicks: 1,
    script: `on(async () => { if (!(await send()).ok) await send(); })`,
  },
];

describe.skipIf(chromiumPath === undefined)('requests that a browser repeats', () => {
  let server: TestServer;
  let client: Client;
  let browser: Browser;
  let site: Site;
  let log: Logger;
  let folder: string;

  beforeAll(async () => {
    server = await startTestServer();
    client = createClient({ url: server.url, key: server.key });
    browser = await launch();
    site = await Site.open();
    folder = mkdtempSync(join(tmpdir(), 'sillok-repeats-'));
    log = createLogger({
      service: 'orders',
      url: server.url,
      key: server.key,
      spoolDirectory: folder,
      stdout: 'none',
    });
    const key = await browserKey(server, [site.origin]);
    site.forward(server);
    const options = JSON.stringify({ url: site.origin, key, app: 'shop', vitals: false });
    const failed = new Set<string>();
    for (const { name, script } of CAUSES) {
      const body = `<button>Order</button><script>
        const on = (work) => document.querySelector('button').addEventListener('click', work);
        const send = () => fetch('/orders/${name}', { method: 'POST' });
        ${script};
      </script>`;
      site.page(`/${name}`, { options, body });
      const handler = sillokHttp(
        (request, response) => {
          const id = String(request.headers['baggage']);
          const isFirst = name === 'again' && !failed.has(id);
          failed.add(id);
          response.writeHead(isFirst ? 503 : 201).end();
        },
        { log },
      );
      site.on(`/orders/${name}`, (request, response) => void handler(request, response));
    }
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await log?.close();
    await server?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(CAUSES)(
    '$name: $verdict',
    { timeout: 120_000 + CASES * 10_000 },
    async ({ name, verdict, clicks }) => {
      const said: string[] = [];
      for (let index = 0; index < CASES; index += 1) {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(`${site.origin}/${name}`);
        await page.waitForFunction('window.sillok !== undefined');
        const scenario = await page.evaluate<string>('sillok.ids.global_trace_id');
        let answers = 0;
        page.on('response', (response) => (answers += Number(response.url().includes('/orders/'))));
        if (clicks === 2) await page.dblclick('button');
        else await page.click('button');
        await expect.poll(() => answers).toBe(2);
        await page.evaluate('sillok.flush()');
        await log.flush();
        said.push(await verdictOf(scenario));
        await context.close();
      }
      expect(said).toEqual(Array.from({ length: CASES }, () => verdict));
    },
  );

  /** Once both requests and what the page tells of them have arrived. */
  async function verdictOf(scenario: string): Promise<string> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const { groups } = await client.retries({ id: scenario }).catch(() => ({ groups: [] }));
      const [found] = groups;
      const isWhole = found !== undefined && found.received === 2 && found.layers.client === 2;
      if (isWhole || performance.now() > deadline) return found?.verdict ?? 'nothing';
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});
