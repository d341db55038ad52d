/** Trace, story and SQL in a real Chromium: from a failing line to where it broke, told and proven. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const SPANS = 9_000;
const trace = 'feedbeeffeedbeeffeedbeeffeedbeef';
const large = '1234567812345678123456781234567a';
const ids = { trace_id: trace, global_trace_id: 'scenario-0001', user_hash: 'user-0001' };
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  const now = Date.now() - 60_000;
  const request = { 'http.request.method': 'POST', 'http.route': '/api/login', duration_ms: 900 };
  await send('auth', [
    recordLine(1, timeAt(now, 900e6), {
      ...{ kind: 'access', level: 'error', message: 'POST /api/login', span_id: 'aaaaaaaaaaaaaaaa', ...ids },
      attributes: { ...request, 'http.response.status_code': 503 },
    }),
    recordLine(2, timeAt(now, 100e6), {
      ...{ kind: 'span', level: 'error', message: 'SELECT members', ...ids },
      ...{ span_id: 'bbbbbbbbbbbbbbbb', parent_span_id: 'aaaaaaaaaaaaaaaa' },
      attributes: {
        ...{ 'span.kind': 'client', 'span.start_time': timeAt(now, 50e6), duration_ms: 800 },
        ...{ 'db.system.name': 'postgresql', 'db.query.text': 'SELECT id FROM members WHERE kakao_id = $1' },
        ...{ 'otel.status_code': 'ERROR', 'error.type': 'ECONNREFUSED' },
      },
    }),
    recordLine(3, timeAt(now, 860e6), {
      ...{ level: 'error', message: '카카오 로그인 실패', span_id: 'aaaaaaaaaaaaaaaa', ...ids },
      attributes: {
        exception: { type: 'Error', stacktrace: 'Error: x\n at 1\n at 2\n at 3\n at 4\n at 5\n at 6' },
      },
    }),
  ]);
  await send('wide', manySpans(now));
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function send(service: string, lines: readonly string[]): Promise<void> {
  const verdict = await postUntilTaken(server, { producer: service, boot: 'b', service }, lines);
  expect(verdict.rejected).toEqual([]);
  await until(`records of ${service}`, 60_000, async () => {
    const found = await server.search({ q: `service.name:${service} seq:${lines.length}`, from: '-1h' });
    return found.records.length > 0;
  });
}

function manySpans(now: number): string[] {
  const spanId = (index: number): string => index.toString(16).padStart(16, '0');
  return Array.from({ length: SPANS }, (_, index) =>
    recordLine(index + 1, timeAt(now + index, 0), {
      ...{ kind: 'span', message: `step ${index + 1}`, trace_id: large, span_id: spanId(index + 1) },
      ...(index === 0 ? {} : { parent_span_id: spanId(1 + Math.floor(index / 10)) }),
      attributes: { 'span.kind': 'internal', 'span.start_time': timeAt(now + index, 0), duration_ms: 5 },
    }),
  );
}

const desk = (): Promise<Page> => signedIn(browser, server);

test.skipIf(chromiumPath === undefined)(
  'from a failing line to the statement that broke it: two clicks (needs chromium)',
  async () => {
    const page = await desk();
    await openPage(page, 'Search');
    await runQuery(page, 'has:exception.stacktrace');
    await page.getByText('1 record shown').waitFor();
    await page.locator('.row').first().click();
    const detail = page.getByRole('complementary', { name: 'Record' });
    await detail.getByText('+2').waitFor();
    expect(await detail.getByText('at 6').isVisible()).toBe(false);
    await detail.getByRole('link', { name: 'Trace' }).click();
    await page.getByText('Where it broke').waitFor();
    const waterfall = page.getByRole('region', { name: 'Calls over time' });
    const statement = 'SELECT id FROM members WHERE kakao_id = $1';
    for (const place of [page.locator('.broke'), waterfall]) await place.getByText(statement).waitFor();
    expect(await waterfall.locator('.wrow.entry', { hasText: '카카오 로그인 실패' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Logs in place' }).click();
    await until(
      'the log line is gone',
      5_000,
      async () => (await waterfall.locator('.wrow.entry').count()) === 0,
    );
    await waterfall.getByRole('button', { name: /SELECT members/ }).click();
    await page.getByRole('complementary').getByText('db.query.text').waitFor();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a story is told in sentences in both languages, and is handed over without personal data (needs chromium)',
  async () => {
    const page = await signedIn(browser, server, { locale: 'ko-KR' });
    await openPage(page, '검색');
    await runQuery(page, '카카오');
    await page.getByText('1건 표시').waitFor();
    await page.locator('.row').first().click();
    await page.getByRole('link', { name: '이 사람' }).click();
    await page.getByRole('heading', { name: /로그인 실패/ }).waitFor();
    const step = page.locator('.step').first();
    expect(await step.locator('code').isVisible()).toBe(false);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: '개발자에게 전달' }).click();
    await page.getByText('복사했습니다').waitFor();
    const handed = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(handed).toContain(`/trace/${trace}`);
    expect(handed).not.toContain(ids.user_hash);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a trace of 9,000 spans is drawn in part and reaches its end; what is below folds away (needs chromium)',
  async () => {
    const page = await desk();
    await openPage(page, 'Search');
    await runQuery(page, `trace_id:${large} "step 1"`);
    await page.getByText('1 record shown').waitFor();
    await page.locator('.row').first().click();
    await page.getByRole('link', { name: 'Trace' }).click();
    await page.getByText('9,000 spans').waitFor();
    const waterfall = page.getByRole('region', { name: 'Calls over time' });
    expect(await waterfall.locator('.wrow').count()).toBeLessThan(80);
    await waterfall.evaluate((place) => place.scrollTo(0, place.scrollHeight));
    await waterfall
      .getByText(/^step \d{2,4}$/)
      .first()
      .waitFor();
    await waterfall.evaluate((place) => place.scrollTo(0, 0));
    await waterfall.getByRole('button', { name: 'Fold what is below' }).first().click();
    await until('one row is left', 5_000, async () => (await waterfall.locator('.wrow').count()) === 1);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'SQL says its cost before it runs, takes parameters, and its cancel ends it in the engine (needs chromium)',
  async () => {
    const page = await desk();
    await openPage(page, 'SQL');
    await page.getByText(/reads? (about )?[\d,]+ rows/).waitFor();
    const write = async (text: string): Promise<void> => {
      await page.getByRole('textbox', { name: 'SQL statement' }).press('ControlOrMeta+a');
      await page.keyboard.press('Delete');
      await page.keyboard.insertText(text);
    };
    await write('SELECT level, count() AS n FROM records WHERE level = {level:String} GROUP BY level');
    await page.getByLabel('level: String').fill('error');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('cell', { name: '3', exact: true }).waitFor();

    await write('SELECT sum(sipHash64(number, number)) FROM numbers(100000000000)');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    await page.getByRole('button', { name: 'Run' }).waitFor();
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('button', { name: /sipHash64/ }).waitFor();
    await page.close();
  },
);
