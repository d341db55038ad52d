/**
 * The journeys of a CX agent and of a developer on call, as people make them: no address is typed, no SQL is written. The
 * times are printed, not asserted: they depend on the machine. What is asserted is what the person reads and how many
 * clicks it took.
 */
import { createServer } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, identify, type Logger } from '@sillok/node';
import { sillokHttp } from '@sillok/node/http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const EMAIL = 'Jiwon.Secret@example.kr';
const PHONE = '+82 10-5555-1234';
const spools = mkdtempSync(join(tmpdir(), 'sillok-journeys-'));
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  await runShop();
  const failed = { q: 'service.name:shop http.response.status_code:503', from: '-1h' };
  await until(
    'the shop is in the record',
    60_000,
    async () => (await server.search(failed)).records.length === 6,
  );
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  rmSync(spools, { recursive: true, force: true });
});

/** Six customers sign in with Kakao and fail, six by mail and do not. */
async function runShop(): Promise<void> {
  const log = createLogger({
    ...{ service: 'shop', spoolDirectory: join(spools, 'shop'), url: server.url, key: server.key },
    identity: {
      keys: join(server.dataDirectory, 'identity', 'keys.json'),
      session: { cookie: 'sid' },
    },
    ...{ stdout: 'none', heartbeatMs: 0 },
  });
  const shop = createServer(
    sillokHttp(
      (request, response) => serve(log, request.url ?? '', (status) => response.writeHead(status).end()),
      {
        log,
      },
    ),
  );
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const address = shop.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (let customer = 0; customer < 12; customer += 1) {
    const way = customer % 2 === 0 ? 'kakao' : 'mail';
    const cookie = `sid=RAW-session-${customer}`;
    await (await fetch(`http://127.0.0.1:${port}/login/${way}/${customer}`, { headers: { cookie } })).text();
  }
  await new Promise((resolve) => shop.close(resolve));
  await log.flush();
  await log.close();
}

function serve(log: Logger, path: string, end: (status: number) => void): void {
  const [, , way = '', customer = ''] = path.split('/');
  const mine =
    customer === '0' ? { email: EMAIL, phone: PHONE, member: 'M-1001', orders: ['ORD-40112'] } : {};
  identify({ user: `RAW-user-${customer}`, ...mine }, { log });
  log.info({ login: { method: way } }, '로그인 요청');
  if (way === 'kakao') {
    log.error(
      { err: new Error('connect ECONNREFUSED 10.0.4.12:443'), login: { method: way } },
      '카카오 로그인 실패: 인증 서버가 응답하지 않음',
    );
  }
  end(way === 'kakao' ? 503 : 200);
}

const steps: string[] = [];

/** One step of a journey, and how long the person waited for it. */
async function step(name: string, act: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await act();
  steps.push(`  ${name}: ${Math.round(performance.now() - start)} ms`);
}

function report(journey: string): void {
  console.info([journey, ...steps.splice(0)].join('\n'));
}

const clipboard = (page: Page): Promise<string> => page.evaluate<string>('navigator.clipboard.readText()');

test.skipIf(chromiumPath === undefined)(
  'a CX agent finds the customer by mail address and reads what failed in three clicks (needs chromium)',
  async () => {
    const page = await signedIn(browser, server, { locale: 'ko-KR' });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await step('the box is there', () => openPage(page, '고객 찾기')); // first click
    const box = page.getByRole('searchbox', { name: '고객이 말해 준 것' });
    await step('masked candidates', async () => {
      await box.fill(EMAIL.toLowerCase());
      await box.press('Enter');
      await page.getByRole('button', { name: /고객 …/ }).waitFor();
    });
    expect(await page.locator('#content').innerText()).not.toContain('jiwon');
    expect(page.url()).not.toContain('jiwon');
    await step('the timeline, newest failure first', async () => {
      await page.getByRole('button', { name: /고객 …/ }).click(); // second click
      await page.getByRole('heading', { name: /로그인 실패/ }).waitFor();
    });
    // A sentence is read, and no stack trace: that is folded.
    const episode = page.locator('.episode').first();
    expect(await episode.getByText('node:').count()).toBe(0);
    expect(await episode.locator('.step code').first().isVisible()).toBe(false);
    await step('others too?', async () => {
      await page.getByRole('button', { name: '다른 고객도?' }).click(); // third click
      await page.getByText('6명').waitFor();
    });
    await page.getByRole('heading', { name: '고객 데이터에 생긴 변경' }).waitFor();
    await step('handed over', async () => {
      await page.getByRole('button', { name: '개발자에게 전달' }).click();
      await page.getByText('복사했습니다').waitFor();
    });
    expect(await clipboard(page)).toMatch(/\/trace\/[0-9a-f]{32}/);
    expect(await clipboard(page)).not.toMatch(/jiwon|5555|M-1001/i);
    report('CX agent');
    await page.close();
  },
);

const said = [PHONE, '01055551234', 'M-1001', 'ORD-40112'];

test.skipIf(chromiumPath === undefined).each(said)(
  '%s finds the same customer (needs chromium)',
  async (text) => {
    const page = await signedIn(browser, server);
    await openPage(page, 'Find a customer');
    await page.getByRole('searchbox').fill(text);
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByRole('button', { name: /Customer …/ }).waitFor();
    expect(await page.getByRole('button', { name: /Customer …/ }).count()).toBe(1);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a developer on a phone comes from a link to the failing line in two taps, and on (needs chromium)',
  async () => {
    const page = await signedIn(browser, server, { viewport: { width: 390, height: 844 }, hasTouch: true });
    // The link in the message is the one thing that is opened by its address.
    await step('the link opens exactly that search', async () => {
      await page.goto(
        `${server.url}/search?q=${encodeURIComponent('service.name:shop level:error kind:log')}&from=-1h`,
      );
      await page.getByText('6 records shown').waitFor();
    });
    await step('the failing line', async () => {
      await page.locator('.row').first().tap(); // first tap
      const detail = page.getByRole('complementary', { name: 'Record' });
      await detail.getByText('connect ECONNREFUSED 10.0.4.12:443').first().waitFor();
    });
    await step('its trace', async () => {
      await page.getByRole('link', { name: 'Trace', exact: true }).tap(); // second tap
      await page.getByText('Where it broke').waitFor();
    });
    await step('why different?', async () => {
      await page.getByRole('button', { name: 'Menu' }).tap();
      await page.getByRole('dialog').getByRole('link', { name: 'Why different?' }).tap();
      await runQuery(page, 'service.name:shop level:error kind:log');
      await page.locator('.reason').first().waitFor();
    });
    expect(await page.locator('.reason').first().innerText()).toContain('kakao');
    report('Developer on call, 390 px');
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a search over all disks finds no raw mail address, phone number or session id',
  () => {
    for (const folder of [server.dataDirectory, spools]) {
      const found = filesOf(folder).filter((path) =>
        /RAW-session|RAW-user|jiwon\.secret|5555-?1234/i.test(readFileSync(path, 'latin1')),
      );
      expect(found).toEqual([]);
    }
  },
);

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
