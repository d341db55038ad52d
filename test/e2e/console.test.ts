/** The console in a real Chromium against a real server: sign in, search, narrow, live, and hostile content as text. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn as signIn } from '../lib/console.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
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

const signedIn = (locale = 'en-US'): Promise<Page> => signIn(browser, server, { locale });

const hostile = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg/onload=alert(1)>',
  '\u001b[31mred\u001b[0m\u0007',
  'javascript:alert(1)',
  '\u202egnp.exe',
  '{{constructor.constructor("alert(1)")()}}',
  '`${alert(1)}`',
];

async function send(producer: string, lines: readonly string[]): Promise<void> {
  const verdict = await postUntilTaken(server, { producer, boot: 'b', service: producer }, lines);
  expect(verdict.rejected).toEqual([]);
  await server.waitFor({ q: `service.name:${producer}`, from: '-1h' }, lines.length);
}

test.skipIf(chromiumPath === undefined)(
  'an empty record turns into the first line by itself (needs chromium)',
  async () => {
    const page = await signedIn();
    await page.getByText('Nothing here yet').waitFor();
    await send('first', [recordLine(1, timeAt(Date.now(), 0), { message: '첫 기록' })]);
    await page.getByText('첫 기록').waitFor();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)('the printed link signs in once (needs chromium)', async () => {
  const link = /http\S+#sign-in=\S+/.exec(server.output)?.[0] ?? '';
  expect(link).not.toBe('');
  const open = async (): Promise<Page> => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(link);
    return page;
  };
  const first = await open();
  await first.locator('.frame').waitFor();
  expect(first.url()).not.toContain('sign-in');
  const second = await open();
  await second.getByRole('alert').waitFor();
});

test.skipIf(chromiumPath === undefined)(
  'search, read one record, narrow by its field (needs chromium)',
  async () => {
    const now = Date.now();
    const lines = Array.from({ length: 300 }, (_, i) => {
      const more = {
        level: i % 10 === 0 ? 'error' : 'info',
        attributes: { order: { id: i }, tier: i % 2 ? 'a' : 'b' },
      };
      return recordLine(i + 1, timeAt(now - 60_000, i * 1000), more);
    });
    await send('shop', lines);
    const page = await signedIn();
    await openPage(page, 'Search');
    await runQuery(page, 'service.name:shop level:error');
    await page.getByText('30 records shown').waitFor();
    await page.locator('.row').first().click();
    const detail = page.getByRole('complementary', { name: 'Record' });
    await detail.getByText('order.id').waitFor();
    await detail.getByText('order.id').hover();
    await detail.getByRole('button', { name: 'Only this: order.id' }).click();
    await page.getByText('1 record shown').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('service.name:shop level:error order.id:290');

    await runQuery(page, 'level:error (');
    await page.getByRole('alert').locator('mark').waitFor();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'columns, counts and shared links stand in the address; a file holds what is shown (needs chromium)',
  async () => {
    const page = await signedIn();
    await openPage(page, 'Search');
    await runQuery(page, 'service.name:shop tier:a');
    await page.getByText('150 records shown').waitFor();
    await page.getByRole('button', { name: 'As a column: order.id' }).click();
    await page.locator('.row .cell', { hasText: /^299$/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('columns')).toBe('order.id');

    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByText('150 records match.').waitFor();
    const parquet = page.getByRole('radio', { name: /Parquet/ });
    await parquet.check();
    const href = (await page.getByRole('dialog').getByRole('link').getAttribute('href')) ?? '';
    const file = await page.request.get(server.url + href);
    expect((await file.body()).subarray(0, 4).toString()).toBe('PAR1');
    await page.keyboard.press('Escape');

    await runQuery(page, 'service.name:shop | stats count() as n by tier | sort tier');
    await page.getByRole('cell', { name: 'a', exact: true }).waitFor();
    expect(await page.getByRole('cell', { name: '150', exact: true }).count()).toBe(2);

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText('Copied').waitFor();
    const link = new URL(await page.evaluate<string>('navigator.clipboard.readText()'));
    expect(Date.parse(link.searchParams.get('from') ?? '')).toBeGreaterThan(0);
    expect(Date.parse(link.searchParams.get('to') ?? '')).toBeGreaterThan(0);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a starred search waits in another browser; a question with a gap becomes a search (needs chromium)',
  async () => {
    const page = await signedIn();
    await openPage(page, 'Search');
    await runQuery(page, 'service.name:shop level:error');
    await page.getByText('30 records shown').waitFor();
    await page.getByRole('button', { name: 'Save with a star' }).click();
    await page.getByRole('button', { name: 'Save with a star', pressed: true }).waitFor();
    await page.close();

    const other = await signedIn();
    await openPage(other, 'Search');
    await other.getByRole('button', { name: 'Saved and recent' }).click();
    await other.getByRole('button', { name: 'service.name:shop level:error', exact: true }).click();
    await other.getByText('30 records shown').waitFor();
    await other.getByRole('button', { name: 'Save with a star', pressed: true }).click();
    await other.getByRole('button', { name: 'Save with a star', pressed: false }).waitFor();

    await openPage(other, 'Start');
    const card = other.locator('.question', { hasText: 'Slow SQL statements' });
    await card.getByRole('textbox').fill('700');
    await card.getByRole('button', { name: 'Ask' }).click();
    await until('the question is a search', 10_000, () =>
      Promise.resolve(new URL(other.url()).searchParams.get('q')?.includes('duration_ms:>700') === true),
    );
    await other.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'the list reaches both ends: older by scrolling, newer on request, and keeps its place (needs chromium)',
  async () => {
    const now = Date.now();
    const lines = Array.from({ length: 3000 }, (_, i) =>
      recordLine(i + 1, timeAt(now - 1_800_000, i), { message: `line ${i + 1}` }),
    );
    await send('long', lines);
    const page = await signedIn();
    await openPage(page, 'Search');
    await runQuery(page, 'service.name:long');
    await page.getByText('line 3000', { exact: true }).waitFor();
    const end = page.locator('.list');
    await until('the first line is in sight', 20_000, async () => {
      await end.evaluate((list) => list.scrollTo(0, list.scrollHeight));
      return page.getByText('line 1', { exact: true }).isVisible();
    });
    expect(await page.locator('.row').count()).toBeLessThan(100);
    await end.evaluate((list) => list.scrollTo(0, 0));
    const more = [recordLine(3001, timeAt(now, 0), { message: 'line 3001' })];
    await postUntilTaken(server, { producer: 'long', boot: 'b', service: 'long' }, more);
    await server.waitFor({ q: 'service.name:long line:3001 or "line 3001"', from: '-1h' }, 1);
    await page.getByRole('button', { name: 'Newer records' }).click();
    await page.getByText('3,001 records shown').waitFor();
    await page.getByText('line 3000', { exact: true }).waitFor();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'hostile content is harmless text everywhere (needs chromium)',
  async () => {
    const now = Date.now();
    const lines = hostile.map((text, i) =>
      recordLine(i + 1, timeAt(now, i), { message: text, attributes: { [text]: text, value: text } }),
    );
    await send('hostile', lines);
    const page = await signedIn('ko-KR');
    await openPage(page, '검색');
    await runQuery(page, 'service.name:hostile');
    await page.getByText(`${hostile.length}건 표시`).waitFor();
    for (let i = 0; i < hostile.length; i += 1) await page.locator('.row').nth(i).click();
    expect(await page.locator('img[src=x], svg[onload], main script').count()).toBe(0);
    expect(await page.locator('body').innerText()).not.toMatch(/[\u001b\u0007\u202e]/);
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'live shows what arrives and stands still when paused (needs chromium)',
  async () => {
    const page = await signedIn();
    await openPage(page, 'Live');
    await page.getByText('following').waitFor();
    await send('live', [recordLine(1, timeAt(Date.now(), 0), { message: 'live one' })]);
    await page.getByText('live one').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await send('live-2', [recordLine(1, timeAt(Date.now(), 0), { message: 'live two' })]);
    await page.getByText('1 new').waitFor();
    expect(await page.getByText('live two').count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('live two').waitFor();
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'a revoked key ends its sessions at once (needs chromium)',
  async () => {
    const made = await server.post('/api/keys', JSON.stringify({ name: 'guest', scopes: ['read'] }), {
      'content-type': 'application/json',
    });
    expect(made.ok).toBe(true);
    // The shape is the public contract's answer to this call.
    const { key, id } = (await made.json()) as { key: string; id: string };
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.frame').waitFor();
    const revoked = await fetch(`${server.url}/api/keys/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${server.key}` },
    });
    expect(revoked.ok).toBe(true);
    await page.reload();
    await until('the sign-in page is back', 10_000, async () =>
      page.getByLabel('Key', { exact: true }).isVisible(),
    );
  },
);
