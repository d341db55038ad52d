/**
 * The journeys of a CX agent and of a developer on call, as people make them: no address is typed, no SQL is written, clicks are
 * counted. The times are printed, not asserted: they depend on the machine. What is asserted is what the person reads.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { invited } from '../lib/accounts.js';
import { barriersOf } from '../lib/axe.js';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { filesWith } from '../lib/files-with.js';
import { openByLink, type Hands } from '../lib/hands.js';
import { Journey, JOURNEY_RUNS, openByMenu, PHONE, signInByHand, typeAccount } from '../lib/journey.js';
import type { Account } from '../lib/journey.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';
import { CUSTOMER, runShop } from './fixtures/kakao-shop.js';

const spools = mkdtempSync(join(tmpdir(), 'sillok-journeys-'));
let server: TestServer;
let browser: Browser;
let agent: Account;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  await runShop(server, spools);
  agent = await invited(server, { email: 'agent@shop.example', role: 'viewer' });
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

const clipboard = (page: Page): Promise<string> => page.evaluate<string>('navigator.clipboard.readText()');

/** From the start page to the sentence that can be read to the customer. */
async function findsWhatFailed(journey: Journey, { page, clicks }: Hands): Promise<void> {
  await clicks();
  await journey.step('the box is there', () => openPage(page, '고객 찾기'), 2_000); // first click
  const box = page.getByRole('searchbox', { name: '고객이 말해 준 것' });
  const candidate = page.getByRole('button', { name: /고객 …/ });
  await journey.step(
    'masked candidates',
    async () => {
      await box.fill(CUSTOMER.email.toLowerCase());
      await box.press('Enter');
      await candidate.waitFor();
    },
    1_000,
  );
  expect(await page.locator('#content').innerText()).not.toContain('jiwon');
  expect(page.url()).not.toContain('jiwon');
  const failure = page.getByRole('heading', { name: /로그인 실패/ });
  await journey.step(
    'the timeline, newest failure first, in a sentence',
    async () => {
      await candidate.click(); // second click
      await failure.waitFor();
    },
    1_000,
  );
  expect(await clicks()).toBeLessThanOrEqual(3);
  // How fresh it is, and whether something is missing, is in sight.
  await page.locator('.trust').first().getByText('빠진 기록 없음').waitFor();
  // A sentence is read, and no stack trace: that is folded.
  const episode = page.locator('.episode').first();
  expect(await episode.getByText('node:').count()).toBe(0);
  expect(await episode.locator('.step code').first().isVisible()).toBe(false);
}

/** Who else, what changed on their data and by whom, and the link for a colleague. */
async function answersAndHandsOver(journey: Journey, page: Page): Promise<void> {
  await journey.step(
    'others too?',
    async () => {
      await page.getByRole('button', { name: '다른 고객도?' }).click();
      await page.getByText('6명').waitFor();
    },
    1_000,
  );
  // Since which release.
  expect(await page.locator('.others').innerText()).toContain('shop 7.3.0');
  const changes = page.getByRole('region', { name: '고객 데이터에 생긴 변경' });
  await journey.step(
    'what changed on their data, and by whom',
    () => changes.locator('.change').nth(2).waitFor(),
    1_000,
  );
  const told = (await changes.locator('.change').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
  expect(told).toEqual([
    expect.stringMatching(/스크립트 fix-grades\/\S+ 완료.*grade silver gold/),
    expect.stringMatching(/동료 kim 완료.*address\.city 서울 부산.*고객이 전화로 요청/),
    expect.stringMatching(/고객 acme-colleague 완료.*delivery 문 앞 경비실/),
  ]);
  await journey.step(
    'handed over',
    async () => {
      await page.getByRole('button', { name: '개발자에게 전달' }).first().click();
      await page.getByText('복사했습니다').waitFor();
    },
    3_000,
  );
  expect(await clipboard(page)).toMatch(/\/trace\/[0-9a-f]{32}/);
  expect(await clipboard(page)).not.toMatch(/jiwon|5555|M-1001/i);
}

test.skipIf(chromiumPath === undefined)(
  'a CX agent finds the customer by mail address, reads what failed in three clicks and who changed what (needs chromium)',
  async () => {
    const journey = new Journey('A CX agent with a customer on the phone');
    for (let run = 0; run < JOURNEY_RUNS; run += 1) {
      const hands = await signInByHand(browser, {
        ...{ link: server.url, account: agent, options: { locale: 'ko-KR' } },
        signsIn: (act) => journey.step('signed in', act, 2_000),
      });
      const { page } = hands;
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await journey.whole('all of it', 60_000, async () => {
        await findsWhatFailed(journey, hands);
        await answersAndHandsOver(journey, page);
      });
      if (run === 0) expect(await barriersOf(page)).toEqual([]);
      await hands.close();
    }
    journey.report();
  },
);

test.skipIf(chromiumPath === undefined)(
  'of a customer whose data nobody changed it says so (needs chromium)',
  async () => {
    const page = await signedIn(browser, server, { locale: 'ko-KR' });
    await openPage(page, '고객 찾기');
    await page.getByRole('searchbox').fill('M-1002');
    await page.getByRole('button', { name: '찾기', exact: true }).click();
    await page.getByRole('button', { name: /고객 …/ }).click();
    await page.getByText('이 기간에는 변경한 사람이 없습니다').waitFor();
    await page.close();
  },
);

const said = [CUSTOMER.phone, '01055551234', 'M-1001', 'ORD-40112'];

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

async function readsTheLine(journey: Journey, { page, clicks }: Hands): Promise<void> {
  await journey.step(
    'the link opens exactly that search',
    () => page.getByText('6 records shown').waitFor(),
    2_000,
  );
  await clicks();
  await journey.step('the failing line', async () => {
    await page.locator('.row').first().tap();
    const detail = page.getByRole('complementary', { name: 'Record' });
    await detail.getByText('connect ECONNREFUSED 10.0.4.12:443').first().waitFor();
  });
  // The link in the message was the first of two.
  expect(await clicks()).toBe(1);
  await journey.step(
    'its trace',
    async () => {
      await page.getByRole('link', { name: 'Trace', exact: true }).tap();
      await page.getByText('Where it broke').waitFor();
    },
    1_000,
  );
  await journey.step(
    'why different?',
    async () => {
      await openByMenu(page, 'Why different?');
      await runQuery(page, 'service.name:shop level:error kind:log');
      await page.locator('.reason').first().waitFor();
    },
    2_000,
  );
  expect(await page.locator('.reason').first().innerText()).toContain('kakao');
}

test.skipIf(chromiumPath === undefined)(
  'a developer on a phone comes from a link to the failing line in two taps, and on (needs chromium)',
  async () => {
    const journey = new Journey('A developer on call, 390 px');
    const query = new URLSearchParams({ q: 'service.name:shop level:error kind:log', from: '-1h' });
    for (let run = 0; run < JOURNEY_RUNS; run += 1) {
      // The link in the message is the one thing that is opened by its address.
      const hands = await openByLink(browser, `${server.url}/search?${query}`, PHONE);
      await typeAccount(hands.page, agent);
      await readsTheLine(journey, hands);
      await hands.close();
    }
    journey.report();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a search over all disks finds no raw mail address, phone number or session id',
  async () => {
    const secrets = 'RAW-session|RAW-user|jiwon\\.secret|5555-?1234';
    for (const folder of [server.dataDirectory, spools]) {
      expect(filesWith(secrets, folder)).toEqual([]);
      // What may be found is found, so that finding nothing says something.
      expect(filesWith('카카오 로그인 실패', folder)).not.toEqual([]);
    }
    // The engine compresses: it is asked itself.
    const query = `SELECT count() FROM records WHERE match(toString(tuple(*)), '(?i)${secrets}')`;
    const answer = await server.post('/api/sql', JSON.stringify({ query }), {
      'content-type': 'application/json',
    });
    expect(await answer.json()).toMatchObject({ rows: [[0]] });
  },
);
